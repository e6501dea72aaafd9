// One redrive from beginning to end: reads what failed, leaves what ended well since, and gives the
// others to a redriver.
//
// Owned and used by one thread, which blocks in `run`. The error topic is worked on in parts of
// `letters_max` error records. GUARANTEES: what an earlier redrive committed is seen before
// anything is written, and it can commit nothing more; memory is bounded by the part.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/redrive/dead_letter.hpp"
#include "app/redrive/error_progress.hpp"
#include "app/redrive/redrive_args.hpp"
#include "app/redrive/redrive_notes.hpp"
#include "app/redrive/redrive_tally.hpp"
#include "app/redrive/redrive_topics.hpp"
#include "app/redrive/redriver.hpp"
#include "core/transform.hpp"

namespace turnstile::app {

class redrive_session {
public:
  static constexpr std::size_t letters_max = 500'000;

  /// `phase`: what is being read.
  struct watcher {
    std::function<void(std::string_view phase, std::uint64_t records, std::uint64_t of)> progress;
    std::function<bool()> stopped;
  };
  using failure = std::optional<kafka_io::io_error>;

  redrive_session(redrive_args args, const core::settings& settings, redrive_topics topics,
                  std::shared_ptr<const core::transform_version> version);

  /// An error says why it could not be finished; what was committed until then is in the tally.
  failure run(const watcher& watch);

  [[nodiscard]] const redrive_tally& tally() const { return tally_; }

private:
  struct error_part {
    std::int64_t next = 0;  ///< To be read.
    std::int64_t end = 0;
    error_progress progress;
    redrive_note note;
  };
  using ranges = std::vector<kafka_io::read_range>;

  failure take_over(const watcher& watch);
  failure begin_pass();
  failure redrive_errors(const watcher& watch);
  failure redrive_missing(const watcher& watch);
  failure redrive_part(const watcher& watch);
  failure read_errors(const watcher& watch);
  void take_error(std::int32_t partition, const core::record_view& error);
  void leave(left_why why, std::int32_t error_partition, std::int64_t error_offset,
             const dead_letter* letter);
  void settle(dead_letter& letter);
  void sort_letters();
  failure find_outcomes(const watcher& watch);
  [[nodiscard]] kafka_io::result<ranges> outcome_ranges() const;
  void note_outcome(const core::record_view& output);
  void leave_what_cannot_be();
  failure read_inputs(const watcher& watch);
  failure read_wave(const ranges& wave, const watcher& watch);
  failure take_input(dead_letter& letter, const core::record_view& input);
  void note_done(const dead_letter& letter, bool failed);
  [[nodiscard]] std::vector<kafka_io::noted_position> positions() const;
  [[nodiscard]] kafka_io::result<std::vector<std::int64_t>> read(
      std::string_view phase, const ranges& from, const kafka_io::range_reader::handlers& to,
      std::chrono::milliseconds patience, const watcher& watch);

  redrive_args args_;
  core::settings settings_;
  redrive_topics topics_;
  redrive_tally tally_;
  std::optional<kafka_io::transactional_writer> writer_;  ///< None in a dry run.
  std::unique_ptr<redriver> redriver_;
  std::vector<error_part> errors_;
  std::vector<kafka_io::watermarks> inputs_;  ///< By partition, asked for each part.
  std::map<std::int32_t, std::int64_t> committed_;
  std::vector<dead_letter> letters_;
};

}  // namespace turnstile::app
