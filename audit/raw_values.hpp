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
#include "core/record.hpp"
#include "event/json_event.hpp"
#include "event/plan.hpp"

namespace turnstile::audit {

class raw_values {
public:
  static constexpr std::size_t inputs_max = 1'000'000;

  explicit raw_values(const core::event_rules& rules,
                      std::size_t bytes_max = std::size_t{256} * 1024 * 1024);

  /// What an output shows of its event: all of it, or, as an error record does, known fields only.
  enum class shows : std::uint8_t { all_fields, known_fields };

  /// An input without such values is not kept.
  void add_input(std::int32_t partition, std::int64_t offset, const core::maybe_bytes& value);

  [[nodiscard]] bool full() const { return kept_ >= inputs_max || bytes_ >= bytes_max_; }

  /// Inputs whose values are kept.
  [[nodiscard]] std::int64_t inputs() const { return static_cast<std::int64_t>(kept_); }

  /// Looks in the value and in the headers that the worker writes itself. Key and carried headers
  /// are the source's, and pass as `privacy.record_keys` and `privacy.headers` say.
  [[nodiscard]] bool readable_in(const auditor::place& origin, const core::maybe_bytes& value,
                                 std::span<const core::header_view> headers, shows what) const;

private:
  struct values_of_one {
    std::vector<std::string> personal;   ///< Of the paths that a rule treats: readable nowhere.
    std::vector<std::string> addresses;  ///< All: not where only known fields are shown.
  };

  // Of the event that was parsed last.
  [[nodiscard]] std::vector<std::string> personal_texts() const;
  /// Whether a known field says the same, as a version of four numbers does.
  [[nodiscard]] bool repeats(std::string_view address) const;

  [[nodiscard]] bool is_as_it_came(const core::json_field& field) const;
  [[nodiscard]] bool is_repeated(const core::json_field& field) const;

  event::plan rules_;
  core::json_event event_;
  std::size_t bytes_max_;
  std::size_t kept_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::unordered_map<std::int64_t, values_of_one>> by_partition_;
};

}  // namespace turnstile::audit
