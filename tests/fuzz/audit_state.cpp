// The saved state of an audit: read, gone on with, and saved again.
#include <string_view>
#include <vector>

#include "audit/report.hpp"
#include "audit/saved/saved_audit.hpp"
#include "tests/fuzz/support.hpp"

using namespace turnstile::audit;
using turnstile::fuzz::must;

namespace {

/// An audit of two input partitions, to restore a state into.
struct fresh_audit {
  explicit fresh_audit(const std::vector<std::int64_t>& starts) : audited(scope(), starts) {
    for (auto& partitions : positions.outputs) partitions.resize(2);
    positions.summaries.resize(1);
  }
  static audit_scope scope() {
    audit_scope to;
    to.input_topic = "user-login";
    to.layout.input_partitions = 2;
    to.layout.partitions = {2, 2, 2, 1};
    return to;
  }
  auto restore(std::string_view text) {
    return saved_audit::restore(text, audited, summaries, clock, positions);
  }

  auditor audited;
  summary_audit summaries{audited};
  lag_clock clock{60'000};
  read_positions positions;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto starts = saved_audit::starts_in(text);
  if (!starts || starts->size() != 2) return 0;
  fresh_audit first(*starts);
  if (first.restore(text)) return 0;
  static_cast<void>(make_report(first.audited, first.summaries.figures_now(), {}));
  const std::string saved =
      saved_audit::save(first.audited, first.summaries, first.clock, first.positions);
  fresh_audit second(*starts);
  must(!second.restore(saved), "what is saved can be restored");
  return 0;
}
