// A lag report as a table for people, as one line, and as JSON.
//
// Pure functions. GUARANTEES: whatever brokers and clients call themselves, no control character
// but the painter's is in the text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/lag/lag_report.hpp"
#include "app/terminal/terminal.hpp"

namespace turnstile::app {

/// `group logins: stable, 2 members, 6 partitions; 1,234 records behind, the oldest for 12.3 s`
[[nodiscard]] std::string lag_headline(const lag_report& report);

/// The headline and a line for each partition, at most `width` columns each. Where there are more
/// than `rows_max` those that wait longest, and how many more there are.
[[nodiscard]] std::vector<std::string> lag_table(const lag_report& report, std::size_t width,
                                                 std::size_t rows_max, const painter& paint);

/// Time, group, totals and the worst partition: a line of `--watch` where nothing can be redrawn.
[[nodiscard]] std::string lag_line(const lag_report& report);

[[nodiscard]] std::string lag_json(const lag_report& report);

}  // namespace turnstile::app
