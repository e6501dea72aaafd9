// Reads one assigned partition and owns its committable offset.
//
// Spawned by the group_consumer for one partition_epoch and ended by it. Reads as long as it has
// credit, deals batches out to the transformers in turn, and reports where each ended that comes
// back: they come back in the order they were read. All methods run on the actor.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/figures.hpp"
#include "core/transform.hpp"
#include "kafka_io/io.hpp"
#include "messages/interfaces.hpp"

namespace turnstile::actors {

/// Who hears of a partition's progress: the group_consumer.
using progress_listener = messages::accepts<messages::offset_advanced, messages::drained>;
/// Who counts finished records: the summary.
using finished_listener = messages::accepts<messages::finished_batch>;

struct partition_consumer_args {
  core::partition_epoch source;
  std::int64_t begin = -1;  ///< The offset that is committed; -1: none is.
  std::shared_ptr<kafka_io::partition_source> records;
  std::shared_ptr<kafka_io::broker_lookup> lookup;
  std::shared_ptr<const core::topic_layout> layout;
  std::shared_ptr<const core::version_board> versions;
  std::shared_ptr<core::partition_figures> figures;
  std::vector<messages::transformer_actor> transformers;
  finished_listener summary;
  progress_listener group;
  messages::set_credit credit;
  std::size_t batch_records_max;
  /// How old the oldest batch in flight may be before nothing more is read; none: any age.
  std::optional<std::chrono::milliseconds> in_flight_age_max;
  /// Null: a batch that cannot be read is waited for. Otherwise it is skipped, after some reads.
  kafka_io::batch_survey survey;
};

/// reading ─▶ draining (start_drain: finish what is in flight) ─▶ drained
enum class reading_phase : std::uint8_t { reading, draining, drained };

class partition_consumer_state {
public:
  static inline const char* name = "partition_consumer";
  using self_ptr = messages::partition_consumer_actor::stateful_pointer<partition_consumer_state>;

  explicit partition_consumer_state(self_ptr self) : self_(self) {}
  ~partition_consumer_state();

  void start(partition_consumer_args args);
  void read();
  void finish(messages::batch_done& done);
  void begin_drain();
  void change_credit(const messages::set_credit& credit);
  void look_again();
  void take_survey(const messages::batch_surveyed& found);
  void show_life() { args_.figures->life.note(); }

private:
  void read_while_credit_lasts();
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] bool overdue() const;
  bool read_one_batch(std::size_t records_max);
  bool fetch(core::record_batch& batch, std::size_t records_max);
  void take_skipped(core::record_batch& batch, std::size_t records_max);
  void read_again_from(std::int64_t offset);
  void skip(const kafka_io::unreadable_batch& found);
  [[nodiscard]] std::int64_t resume_offset() const;
  void note_position(const core::record_batch& batch);
  void note_removed(std::int64_t next);
  void note_oldest();
  void note_dry();
  void advance_to_end();
  void report_errors();
  void wait_to_read_again();
  void say_starving(bool starving);
  void answer_if_drained();

  self_ptr self_;
  partition_consumer_args args_;
  reading_phase phase_ = reading_phase::reading;

  std::uint64_t next_seq_ = 0;
  std::int64_t position_ = -1;  ///< Behind the last record read.
  std::int64_t end_ = -1;  ///< Behind `position_` up to here there is no record; -1: not known.
  std::size_t next_transformer_ = 0;
  std::size_t records_in_flight_ = 0;
  std::size_t bytes_in_flight_ = 0;
  struct batch_in_flight {
    std::chrono::steady_clock::time_point read_at;
    std::int64_t timestamp_ms = -1;  ///< Of its first record.
  };
  std::deque<batch_in_flight> in_flight_;
  std::int64_t last_timestamp_ms_ = -1;  ///< Of the last record read.
  std::size_t record_bytes_ = 1;         ///< The last batch's mean, to foresee the next one's size.
  bool starving_ = false;
  bool waits_to_read_again_ = false;
  std::int64_t read_again_from_ = -1;  ///< Until something was read since; -1: anything will do.

  /// What is left of a batch that cannot be read: its offsets become error records.
  struct skipped_offsets {
    std::int64_t next = -1;
    std::int64_t end = -1;
    std::string why;
  };
  std::optional<skipped_offsets> skipped_;
  int failed_reads_ = 0;  ///< Of the batch at the position, one after the other.
};

/// Accepts  wake · batch_done · start_drain · set_credit · batch_surveyed · show_life ·
///          retry_tick of its own
/// Sends    raw_batch to a transformer; offset_advanced and drained to the group_consumer;
///          finished_batch to the summary
/// Stops    on EXIT from the group_consumer, at any time; batches in flight are then forgotten
messages::partition_consumer_actor::behavior_type partition_consumer(
    partition_consumer_state::self_ptr self, partition_consumer_args args);

}  // namespace turnstile::actors
