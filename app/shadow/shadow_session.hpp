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
#include "app/shadow/scope.hpp"
#include "app/shadow/shadow_report.hpp"
#include "audit/origin.hpp"
#include "audit/run/audit_session.hpp"
#include "audit/run/audit_source.hpp"
#include "kafka_io/tools/range_reader.hpp"

namespace turnstile::shadow {

struct shadow_args {
  wanted_inputs wanted;
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
    std::vector<std::int64_t>* first_seen = nullptr;  ///< As output_range has it; null: none.
  };
  struct reading {
    std::vector<kafka_io::read_range> ranges;
    std::vector<place> places;
  };
  class mail;

  failure make_lanes(const std::shared_ptr<const new_rules>& rules);
  [[nodiscard]] reading plan_pass(const std::vector<audit::offset_range>& inputs, bool outputs);
  failure read_pass(const reading& what, const watcher& watch);
  void take_output(const place& from, const core::record_view& read, mail& to);
  [[nodiscard]] bool is_known_input(const audit::record_origin& origin) const;
  [[nodiscard]] std::int64_t known_from(std::int32_t partition) const;

  shadow_args args_;
  audit::audit_source source_;
  std::shared_ptr<const new_rules> rules_;
  scope scope_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::int64_t foreign_ = 0;
  std::int64_t removed_ = 0;  ///< Outputs of inputs that retention took.
  std::int64_t unreadable_ = 0;
  bool is_first_pass_ = true;
  bool stopped_early_ = false;
  bool incomplete_ = false;
};

}  // namespace turnstile::shadow
