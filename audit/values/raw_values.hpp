// Can a value of an input that a rule treats, or an address, be read in what became of it?
//
// Owned by one thread; fed with inputs first. Keeps the personal values of at most `inputs_max`
// inputs, about 200 bytes each, and no more than `bytes_max` of them; the others are not looked
// for. Addresses of fields that nobody knows, at any depth, may be in an output, which passes them
// on, and in no error record. GUARANTEES: tells no value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/auditor.hpp"
#include "audit/values/common_values.hpp"
#include "core/record.hpp"
#include "event/json_event.hpp"
#include "event/plan.hpp"

namespace turnstile::audit {

/// What was looked for, and what was not.
struct value_counts {
  std::int64_t inputs = 0;      ///< With values that were looked for.
  std::int64_t looked_for = 0;  ///< Values.
  std::int64_t found = 0;       ///< Outputs in which one can be read.
  std::int64_t too_short = 0;   ///< Values that may stand elsewhere by chance, or do by right.
  std::int64_t too_common = 0;  ///< Found in an output whose input has them in a kept place too.
  std::int64_t no_event = 0;    ///< Inputs that are no JSON object: of these addresses only.
  std::int64_t not_kept = 0;    ///< Inputs beyond the bounds.
};

class raw_values {
public:
  static constexpr std::size_t inputs_max = 1'000'000;

  explicit raw_values(const core::event_rules& rules,
                      std::size_t bytes_max = std::size_t{256} * 1024 * 1024);

  /// What an output shows of its event: all of it, or, as an error record does, known fields only.
  enum class shows : std::uint8_t { all_fields, known_fields };

  /// An input without such values is not kept.
  void add_input(std::int32_t partition, const core::record_view& input);

  [[nodiscard]] bool full() const { return kept_ >= inputs_max || bytes_ >= bytes_max_; }
  /// The inputs that were not read since it was full.
  void set_not_kept(std::int64_t inputs) { counts_.not_kept = inputs; }

  /// The outputs are read again: what was counted of them is not.
  void forget_outputs() { counts_.found = counts_.too_common = 0; }

  [[nodiscard]] const value_counts& counts() const { return counts_; }

  /// Looks for values of the event in the output's value and in the headers that the worker writes
  /// itself; for a key or header that a rule treats also in the output's key, or the header of that
  /// name. What is kept may say the same.
  [[nodiscard]] bool readable_in(const auditor::place& origin, const core::record_view& output,
                                 shows what);

private:
  struct personal_text {
    std::string text;
    bool elsewhere = false;  ///< The event has it in a place that is kept, too.
  };
  struct placed_bytes {
    std::string header;  ///< Empty: the key.
    std::string bytes;
  };
  struct values_of_one {
    std::vector<personal_text> personal;  ///< Of the paths that a rule treats: readable nowhere.
    std::vector<std::string> addresses;   ///< All: not where only known fields are shown.
    std::vector<placed_bytes> placed;     ///< Key and headers that a rule treats.
  };

  // Of the event that was parsed last.
  [[nodiscard]] std::vector<personal_text> personal_texts();
  void add_text(std::vector<personal_text>& to, std::string_view inner, bool is_text);
  void add_parts(std::vector<personal_text>& to, const event::json_field& field);
  /// Whether a known field says the same, as a version of four numbers does.
  [[nodiscard]] bool repeats(std::string_view address) const;
  [[nodiscard]] bool is_as_it_came(const event::json_field& field) const;
  [[nodiscard]] bool is_repeated(const event::json_field& field) const;

  void add_placed(std::vector<placed_bytes>& to, const event::bytes_method& method,
                  std::string_view header, const core::maybe_bytes& bytes);
  [[nodiscard]] bool is_in(const personal_text& personal, const core::record_view& output);
  void keep(std::int32_t partition, std::int64_t offset, values_of_one&& found);

  event::plan rules_;
  std::vector<std::string> lists_;  ///< By rule: the separator of a list's elements.
  event::json_event event_;
  std::size_t bytes_max_;
  std::size_t kept_ = 0;
  std::size_t bytes_ = 0;
  value_counts counts_;
  common_values common_;
  std::vector<std::unordered_map<std::int64_t, values_of_one>> by_partition_;
};

}  // namespace turnstile::audit
