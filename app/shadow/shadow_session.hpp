// One shadow: reads inputs and what became of them, and has lanes judge what new rules would make.
//
// Owned and used by one thread, which blocks in `run`; each lane has a thread of its own meanwhile.
// GUARANTEES: it only reads: no group is joined, nothing is committed, nothing is written. Memory
// is bounded by `offsets_max`, `waiting_bytes_max` and what range_reader prefetches.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "app/shadow/lane.hpp"
#include "app/shadow/shadow_report.hpp"
#include "audit/origin.hpp"
#include "audit/run/audit_session.hpp"
#include "audit/run/audit_source.hpp"
#include "kafka_io/tools/range_reader.hpp"

namespace turnstile::shadow {

struct shadow_args {
  std::optional<std::int64_t> since_s;          ///< Seconds since the epoch.
  std::vector<audit::partition_range> offsets;  ///< Empty: all.
  expectations expected;
  bool show_values = false;
  bool json = false;
};

class shadow_session {
public:
  /// Of inputs that are compared in one run: nine bytes each.
  static constexpr std::int64_t offsets_max = 16'000'000;
  /// Of outcomes that wait for their other half, in all lanes.
  static constexpr std::size_t waiting_bytes_max = std::size_t{192} * 1024 * 1024;

  using watcher = audit::audit_session::watcher;
  using failure = std::optional<kafka_io::io_error>;

  [[nodiscard]] static kafka_io::result<std::unique_ptr<shadow_session>> open(
      const shadow_args& args, const core::settings& settings,
      std::shared_ptr<const event::plan> plan);

  [[nodiscard]] failure run(const watcher& watch);

  [[nodiscard]] shadow_report report() const;

private:
  shadow_session(const shadow_args& args, audit::audit_source source)
    : args_(args), source_(std::move(source)) {}

  /// One range that is read.
  struct place {
    audit::fate where = audit::fate::none;  ///< None: the input.
    std::int32_t partition = -1;
    /// Its first records are gone: by input partition the first origin that was seen, or -1.
    std::vector<std::int64_t>* first_seen = nullptr;
  };
  struct reading {
    std::vector<kafka_io::read_range> ranges;
    std::vector<place> places;
  };
  class mail;

  failure find_scope(const audit::audit_snapshot& now);
  failure find_outputs(const audit::audit_snapshot& now);
  failure make_lanes(const std::shared_ptr<const new_rules>& rules);
  [[nodiscard]] reading plan_pass(const std::vector<audit::offset_range>& inputs, bool outputs);
  failure read_pass(const reading& what, const watcher& watch);
  void take_output(const place& from, const core::record_view& read, mail& to);
  [[nodiscard]] bool is_known_input(const audit::record_origin& origin) const;
  [[nodiscard]] std::int64_t known_from(std::int32_t partition) const;

  /// A partition of an output topic.
  struct output_range {
    audit::offset_range range;
    bool begins_late = false;
    std::vector<std::int64_t> first_seen;
  };

  shadow_args args_;
  audit::audit_source source_;
  std::shared_ptr<const new_rules> rules_;
  std::vector<audit::offset_range> scope_;    ///< By input partition.
  std::vector<kafka_io::watermarks> inputs_;  ///< Where they are, whatever the scope.
  std::array<std::vector<output_range>, audit::output_fates.size()> outputs_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::int64_t foreign_ = 0;
  std::int64_t removed_ = 0;  ///< Outputs of inputs that retention took.
  std::int64_t unreadable_ = 0;
  bool is_first_pass_ = true;
  bool stopped_early_ = false;
  bool incomplete_ = false;
};

}  // namespace turnstile::shadow
