// Counts the verdicts of a shadow, with a few examples of each.
//
// Owned and used by one thread; those of several threads are merged when all are done. GUARANTEES:
// memory for at most `names_max` names, `verdicts_max` verdicts and a few examples of each.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "app/shadow/difference.hpp"
#include "app/shadow/outcome.hpp"

namespace turnstile::shadow {

struct input_place {
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  friend auto operator<=>(const input_place&, const input_place&) = default;
};

enum class verdict_kind : std::uint8_t {
  same,
  other_outcome,
  other_bytes,
  by_broker,   ///< Its outcome is not what rules say.
  no_outcome,  ///< Yet; it would be new.
  unknown,     ///< What its outcome was is no longer there.
};

/// What was found of an input.
struct verdict {
  verdict_kind kind = verdict_kind::same;
  ending from = processed;  ///< Of those without an outcome 0.
  ending to = processed;
  std::vector<std::uint32_t> names;  ///< Of the differences; sorted.
  friend auto operator<=>(const verdict&, const verdict&) = default;
};

/// A pair of values of one path.
struct value_example {
  input_place at;
  std::string before;
  std::string after;
};

class tally {
public:
  static constexpr std::size_t names_max = 1000;
  static constexpr std::size_t verdicts_max = 10'000;
  static constexpr std::size_t examples_max = 3;
  static constexpr std::size_t value_bytes_max = 200;
  /// In the place of all names beyond the bound.
  static constexpr std::string_view other_name = "(other)";

  explicit tally(bool keeps_values = false) : keeps_values_(keeps_values) {}

  using id = std::uint32_t;
  struct entry {
    std::int64_t count = 0;
    std::vector<input_place> examples;
  };

  id add(verdict_kind kind, ending from, ending to, input_place at);
  id add_differences(ending end, const std::vector<difference>& found, input_place at);

  /// It was of this input, which has another outcome after all.
  void take_back(id given, input_place at);

  void merge(const tally& other);

  /// Calls `each(verdict, entry)` for those that were found.
  template <typename Each>
  void for_each(const Each& each) const {
    for (const auto& [what, at] : ids_)
      if (entries_[at].count > 0) each(what, entries_[at]);
  }
  [[nodiscard]] const std::string& name(std::uint32_t i) const { return names_[i]; }
  [[nodiscard]] std::span<const value_example> values_of(std::uint32_t name) const;

private:
  [[nodiscard]] std::uint32_t number_of(const std::string& name);
  id add(verdict what, input_place at);
  void keep(std::uint32_t name, const value_example& example);

  bool keeps_values_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::map<std::uint32_t, std::vector<value_example>> values_;
  std::map<verdict, id> ids_;
  std::vector<entry> entries_;
  /// Of `same`, by ending, plus one; 0: not used yet.
  std::array<id, ending_count> same_{};
};

}  // namespace turnstile::shadow
