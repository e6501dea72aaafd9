// One librdkafka queue for the records of all assigned partitions, dealt out to their readers.
//
// For many partitions. librdkafka compares its prefetch limits with the queue that a partition's
// records end in: here they bound all partitions together, and a Fetch may bring a whole response
// of a few of them, where limits of their own would leave each a few dozen records.
//
// Owned by rd_group_client and the sources it opened. THREAD: `wake_with`, `open` and `deal` are
// the group_consumer's. GUARANTEES: of what was dealt and is not finished there is never more than
// credit_pool allows; a stuck partition is paused, and leaves others room.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/worker/credit_pool.hpp"
#include "kafka_io/worker/fetched_records.hpp"

namespace turnstile::kafka_io {

class rd_shared_fetch;

/// One assigned partition's part: what was dealt and not yet read.
class dealt_source final : public partition_source {
public:
  dealt_source(std::shared_ptr<rd_shared_fetch> fetch, core::partition_epoch source);
  ~dealt_source() override;
  dealt_source(const dealt_source&) = delete;
  dealt_source& operator=(const dealt_source&) = delete;

  void wake_with(wake_fn wake) override;
  std::size_t read(core::record_batch& batch, std::size_t records_max) override;
  void finished(std::size_t records, std::size_t bytes) override;
  std::vector<io_error> take_errors() override;
  [[nodiscard]] bool lost() const override;
  void read_again(std::int64_t offset) override;
  std::int64_t take_end() override { return news_.take_end(); }
  [[nodiscard]] std::int64_t log_start() const override;
  [[nodiscard]] std::int64_t high_watermark() const override;
  void wake_if_readable() override;

  [[nodiscard]] core::partition_epoch source() const { return source_; }
  /// Takes over `messages`. THREAD: the group_consumer's, as for `seek_now`.
  void put(std::span<rd_kafka_message_t* const> messages);
  void seek_now(std::int64_t offset);

private:
  void drop(std::span<rd_kafka_message_t* const> messages);

  std::shared_ptr<rd_shared_fetch> fetch_;
  core::partition_epoch source_;
  std::vector<rd_kafka_message_t*> taken_;  ///< Of `read`, kept for its memory.
  fetch_news news_;                         ///< Comes out of `read`.

  mutable std::mutex mutex_;  ///< Of what follows.
  wake_fn wake_;
  std::deque<rd_kafka_message_t*> waiting_;
  bool lost_ = false;        ///< Nothing is taken in or given out.
  bool seek_asked_ = false;  ///< It ends with the seek.
};

class rd_shared_fetch : public std::enable_shared_from_this<rd_shared_fetch> {
public:
  rd_shared_fetch(shared_client client, std::string topic, in_flight most);
  ~rd_shared_fetch();
  rd_shared_fetch(const rd_shared_fetch&) = delete;
  rd_shared_fetch& operator=(const rd_shared_fetch&) = delete;

  /// Called where `deal` has something to do: records came, or there is room for more.
  void wake_with(wake_fn wake);

  /// REQUIRES: before the partition is assigned, each time: librdkafka forgets where a partition's
  /// queue leads when it is taken away.
  std::shared_ptr<partition_source> open(std::int32_t partition);

  /// rd_kafka_consume_batch_queue, as far as there is room. Documented as unsafe around rebalances
  /// in 2.0.x, except as here: no time-out, and one caller, who also assigns, pauses and resumes.
  /// Must be called now and then, also when no wake came: whoever is stuck is found here.
  void deal();

  [[nodiscard]] const shared_client& client() const { return client_; }
  [[nodiscard]] const std::string& topic() const { return topic_; }

  /// THREAD: any, as for `spend` and `close`.
  void give_back(core::partition_epoch by, in_flight amount);
  void spend(core::partition_epoch by, std::size_t bytes);
  void close(core::partition_epoch source);
  /// Done by the next `deal`, whose caller alone may seek.
  void ask_to_seek(core::partition_epoch source, std::int64_t offset);

private:
  std::size_t room();
  void wake_if_waiting();  ///< REQUIRES: mutex_ is held.
  void pass_on(std::span<rd_kafka_message_t* const> run);
  /// False: nobody is.
  bool pause_stuck();
  void resume_recovered();
  void seek_lost();
  [[nodiscard]] topic_partition_list_ptr list_of(
      const std::vector<core::partition_epoch>& sources) const;

  shared_client client_;
  std::string topic_;
  queue_ptr queue_;
  std::uint64_t opened_ = 0;
  std::map<std::int32_t, std::weak_ptr<dealt_source>> sources_;
  std::set<std::int32_t> paused_;
  std::vector<rd_kafka_message_t*> fetched_;

  std::mutex mutex_;  ///< Of all that follows.
  wake_fn wake_;
  credit_pool pool_;
  bool waits_for_room_ = false;
  std::vector<std::pair<core::partition_epoch, std::int64_t>> seeks_;
};

}  // namespace turnstile::kafka_io
