// The summaries of all workers added up, for people: totals, and the counted fields as bars.
//
// Owned and used by one thread. Bounded: of more names or workers than it may hold, the further
// ones count together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/terminal/terminal.hpp"
#include "core/record.hpp"

namespace turnstile::app {

struct value_bar {
  std::string label;
  std::int64_t count = 0;
};

class summary_fold {
public:
  static constexpr std::size_t names_max = 10'000;  ///< Of counted values, of all fields.
  static constexpr std::size_t workers_max = 10'000;

  /// What its window counted. False: it is no summary, or one that was added before.
  bool add(const core::record_view& record);

  [[nodiscard]] std::uint64_t summaries() const { return summaries_; }

  /// At most `lines_max` lines, none wider than `width` columns: of each field the values that
  /// occurred most. `now_ms`: to tell how old the last summary is.
  [[nodiscard]] std::vector<std::string> picture(std::size_t width, std::size_t lines_max,
                                                 std::int64_t now_ms, const painter& paint) const;

  /// `{"workers":…,"summaries":…,"last":…,"received_count":…,…,"device_type_counts":{…}}`
  [[nodiscard]] std::string as_json() const;

private:
  using counts = std::map<std::string, std::int64_t, std::less<>>;

  struct drawn_field {
    std::string heading;
    std::vector<value_bar> bars;  ///< The longest one first.
  };

  [[nodiscard]] std::vector<drawn_field> fields_in(std::size_t lines) const;
  void count(std::string_view name, std::int64_t records);
  [[nodiscard]] std::int64_t total(std::string_view name) const;

  std::uint64_t summaries_ = 0;
  std::int64_t last_ms_ = -1;
  std::size_t names_ = 0;
  counts totals_;
  std::map<std::string, counts, std::less<>> fields_;         ///< By `device_type_counts`.
  std::map<std::string, std::int64_t, std::less<>> workers_;  ///< The last sequence of each.
};

}  // namespace turnstile::app
