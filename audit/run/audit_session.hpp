// One audit: reads what the brokers have, round by round, and keeps the account.
//
// Owned and used by one thread, which blocks in `round`. A round reads what is new, settles what is
// open by reading the input again where it is, and compares the summaries and the committed
// offsets. One round is a whole audit; a moving one does a round at each interval.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/auditor.hpp"
#include "audit/lag_clock.hpp"
#include "audit/report.hpp"
#include "audit/run/audit_source.hpp"
#include "audit/statement/statement.hpp"
#include "audit/summaries.hpp"
#include "audit/values/raw_values.hpp"

namespace turnstile::audit {

/// Offsets of one input partition, from `low` to below `high`.
struct partition_range {
  std::int32_t partition = -1;
  std::int64_t low = 0;
  std::int64_t high = 0;
};

struct audit_args {
  bool with_group = false;  ///< Compare with what `kafka.group` has committed.
  bool json = false;
  bool read_uncommitted = false;
  std::optional<std::int64_t> since_s;   ///< Seconds since the epoch.
  std::vector<partition_range> offsets;  ///< Empty: all.
  bool stopped = false;                  ///< All workers have stopped cleanly.
  bool values = false;                   ///< Look for raw values too.
  bool keys = false;                     ///< Say which key wrote what.
  bool follow = false;
  std::int64_t interval_s = 10;
  std::int64_t lag_max_s = 60;
  std::string state_file;
  std::string statement_file;   ///< Empty: none is written.
  std::string sign_key_file;    ///< Empty: it is not signed.
  std::string public_key_file;  ///< Whose signature a verified statement must have.
  std::string verify_file;      ///< Nothing is audited: this statement is verified.
};

class audit_session {
public:
  /// `phase`: what is being read.
  struct watcher {
    std::function<void(std::string_view phase, std::uint64_t records, std::uint64_t of)> progress;
    std::function<bool()> stopped;
  };

  [[nodiscard]] static kafka_io::result<std::unique_ptr<audit_session>> open(
      const audit_args& args, const core::settings& settings);

  /// `now_ms`: any clock that only moves forward, also over a restart.
  [[nodiscard]] std::optional<kafka_io::io_error> round(std::int64_t now_ms, const watcher& watch);

  /// Of everything so far.
  [[nodiscard]] audit::audit_report report();

  /// What the last round has read; for a statement.
  [[nodiscard]] audit::reading reading() const;

  // The state of a moving audit, as text; see audit/saved/saved_audit.hpp.

  [[nodiscard]] std::string save() const;

  /// False while the first round is not whole.
  [[nodiscard]] bool can_be_saved() const { return begins_with_log_.empty(); }

  /// An error says why `text` is no state of this audit. REQUIRES: before the first round.
  [[nodiscard]] std::optional<std::string> restore(std::string_view text);

private:
  audit_session(const audit_args& args, audit_source source)
    : args_(args), source_(std::move(source)), clock_(args.lag_max_s * 1000) {}

  using failure = std::optional<kafka_io::io_error>;

  void make_auditor(const std::vector<std::int64_t>& starts);
  failure begin(const audit_snapshot& now);
  [[nodiscard]] kafka_io::result<std::vector<std::int64_t>> input_starts(
      const audit_snapshot& now) const;
  failure begin_outputs(const audit_snapshot& now);
  void note_held(const audit_snapshot& now);
  void extend(const audit_snapshot& now);
  failure keep_values(const watcher& watch);
  failure read_outputs(const audit_snapshot& now, const watcher& watch);
  void take_output(audit::fate where, std::int32_t partition, const core::record_view& record);
  void look_for_values(audit::fate where, std::int32_t partition, const core::record_view& record,
                       const audit::auditor::place& origin);
  void note_read(const audit_snapshot& now);
  void set_due(std::int64_t now_ms, const audit_snapshot& now);
  failure settle(const watcher& watch);
  failure settle_wave(std::size_t wave, const std::vector<std::vector<audit::offset_range>>& open,
                      const watcher& watch);
  void settle_before_start();
  failure tell_remade_apart(const audit_snapshot& now, const watcher& watch);
  [[nodiscard]] kafka_io::result<std::vector<std::int32_t>> find_remade(const audit_snapshot& now,
                                                                        const watcher& watch);
  failure compare_beyond(const audit_snapshot& now, const std::function<void(std::int32_t)>& note,
                         const watcher& watch);
  failure begin_anew(const std::vector<std::int32_t>& remade, const audit_snapshot& now,
                     const watcher& watch);
  failure read_summaries(const audit_snapshot& now, const watcher& watch);
  void drop_accounted();
  [[nodiscard]] std::int64_t end_of(std::int32_t partition, std::int64_t high) const;
  using unreadable_fn = decltype(kafka_io::range_reader::handlers::unreadable);
  [[nodiscard]] kafka_io::result<std::vector<std::int64_t>> read(
      std::string_view phase, const std::vector<kafka_io::read_range>& ranges,
      const std::function<void(std::size_t, const core::record_view&)>& each,
      const unreadable_fn& unreadable, const watcher& watch);

  audit_args args_;
  audit_source source_;
  std::unique_ptr<audit::auditor> auditor_;
  std::unique_ptr<audit::summary_audit> summaries_;
  std::unique_ptr<audit::raw_values> values_;
  audit::reading read_;
  audit::lag_clock clock_;
  audit::committed_offsets committed_;
  std::vector<audit::offset_range> held_;  ///< By partition, behind an open transaction.
  std::vector<std::int64_t> due_ends_;
  std::array<std::vector<std::int64_t>, audit::output_fates.size()> output_positions_;
  std::array<std::vector<std::int64_t>, audit::output_fates.size()> output_begins_;
  std::vector<std::int64_t> summary_positions_;
  audit::summary_audit::figures figures_;
  std::vector<bool> begins_with_log_;  ///< By partition; empty: what was removed is judged already.
  std::uint64_t rounds_ = 0;           ///< In which the outputs were read.
  bool stopped_early_ = false;
};

}  // namespace turnstile::audit
