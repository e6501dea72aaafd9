// What an audit can find wrong, counted by kind, with a few examples of each.
//
// Plain values of one audit, used by one thread. The names are part of the report's schema and
// never change their meaning. GUARANTEES: bounded, whatever the topics hold; an example names
// topics, partitions and offsets, never what a record holds.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnstile::audit {

enum class fault : std::uint8_t {
  missing,
  repeated,
  two_fates,
  foreign,
  no_origin,
  order,
  wrong_partition,
  no_reason,
  unknown_reason,
  raw_value,
  commit_ahead,
  commit_behind,
  summary_total,
  summary_window,
  summary_moment,
  summary_sequence,
  summary_overlap,
  uncovered,
  key_missing,
  key_mixed,
  key_returned,
};

inline constexpr std::size_t fault_count = 21;

[[nodiscard]] std::string_view name_of(fault kind);

/// One sentence without a full stop.
[[nodiscard]] std::string_view meaning_of(fault kind);

class fault_list {
public:
  static constexpr std::size_t examples_max = 5;

  /// `where()` gives the example's text, and is called only where one is wanted.
  template <typename Where>
  void add(fault kind, const Where& where, std::int64_t count = 1) {
    auto& found = found_[index(kind)];
    found.count += count;
    if (found.examples.size() < examples_max) found.examples.push_back(where());
  }

  [[nodiscard]] std::int64_t count(fault kind) const { return found_[index(kind)].count; }
  [[nodiscard]] const std::vector<std::string>& examples(fault kind) const {
    return found_[index(kind)].examples;
  }
  [[nodiscard]] std::int64_t total() const;

  /// Of a saved audit.
  void restore(fault kind, std::int64_t count, std::vector<std::string> examples);

private:
  struct entry {
    std::int64_t count = 0;
    std::vector<std::string> examples;
  };
  [[nodiscard]] static std::size_t index(fault kind) { return static_cast<std::size_t>(kind); }

  std::array<entry, fault_count> found_;
};

}  // namespace turnstile::audit
