// Which records `turnstile watch` shows: by reason, and by what stands at paths of their values.
//
// Owned and used by one thread; keeps the buffers of its JSON reader.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.hpp"
#include "event/json_event.hpp"
#include "event/path.hpp"
#include "event/path_states.hpp"

namespace turnstile::app {

/// `PATH=VALUE`
struct where_clause {
  event::path path;
  std::string value;
};

/// More are no question of a person's, and cost each record more.
inline constexpr std::size_t where_clauses_max = 32;

/// Empty: `where_of` can read it.
[[nodiscard]] std::string where_fault(const std::string& text);
/// REQUIRES: it has no fault.
[[nodiscard]] where_clause where_of(const std::string& text);

class record_filter {
public:
  /// Empty lists take every record.
  record_filter(std::vector<std::string> reasons, std::vector<where_clause> clauses);
  record_filter(const record_filter&) = delete;
  record_filter& operator=(const record_filter&) = delete;

  /// One of the reasons, in the record's header; and of each clause some value at its path that is
  /// as the clause has it: a string's text, or a number, true, false or null as it stands there.
  [[nodiscard]] bool takes(const core::record_view& record);

  [[nodiscard]] bool takes_all() const { return reasons_.empty() && clauses_.empty(); }

private:
  [[nodiscard]] bool holds(const where_clause& clause, std::uint16_t place) const;

  std::vector<std::string> reasons_;
  std::vector<where_clause> clauses_;
  std::vector<std::uint16_t> places_;  ///< Of the clauses' paths; event::none with `**`.
  std::unique_ptr<const event::path_states> paths_;
  std::unique_ptr<event::json_event> event_;  ///< Null where there are no clauses.
};

}  // namespace turnstile::app
