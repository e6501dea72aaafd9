// A moving audit as text, to go on with after a restart: JSON, versioned.
//
// Pure; used by the audit's thread between two rounds. What is accounted for is kept as counts, and
// the window above it as runs, so that the text stays small. GUARANTEES: a text that was not saved
// by an audit of the same topics and partitions is refused, with a reason; whatever it is, reading
// it takes at most ten times its size and half a byte for each of `offsets_max`, and a few seconds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/auditor.hpp"
#include "audit/lag_clock.hpp"
#include "audit/summaries.hpp"

namespace turnstile::audit {

/// How far the topics are read.
struct read_positions {
  /// In the order of output_fates.
  std::array<std::vector<std::int64_t>, output_fates.size()> outputs;
  std::vector<std::int64_t> summaries;
};

class saved_audit {
public:
  static constexpr std::size_t bytes_max = std::size_t{64} * 1024 * 1024;

  /// That the windows of all partitions hold together.
  static constexpr std::int64_t offsets_max = 1'000'000'000;

  [[nodiscard]] static std::string save(const auditor& audited, const summary_audit& summaries,
                                        const lag_clock& clock, const read_positions& positions);

  /// The input offsets at which the audit began: to make an auditor with, before `restore`.
  [[nodiscard]] static std::optional<std::vector<std::int64_t>> starts_in(std::string_view text);

  /// An error says why `text` cannot be gone on with. REQUIRES: all are new, and `positions` sized.
  [[nodiscard]] static std::optional<std::string> restore(std::string_view text, auditor& audited,
                                                          summary_audit& summaries,
                                                          lag_clock& clock,
                                                          read_positions& positions);
};

}  // namespace turnstile::audit
