#include "app/shadow/expectation.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/shadow/difference.hpp"
#include "core/quoting.hpp"

namespace turnstile::shadow {

namespace {

/// At commas that stand in no quotes.
std::vector<std::string> items_of(const std::string& text) {
  std::vector<std::string> items(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) items.back() += text[i++];
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      items.emplace_back();
    } else {
      items.back() += text[i];
    }
  }
  return items;
}

std::optional<ending> ending_named(std::string_view name) {
  for (std::size_t end = 0; end < ending_count; ++end)
    if (name_of(static_cast<ending>(end)) == name) return static_cast<ending>(end);
  return {};
}

/// `FROM:TO`; a name with a colon that is none of both is a path.
std::optional<std::pair<ending, ending>> change_of(std::string_view item) {
  const auto colon = item.find(':');
  if (colon == std::string_view::npos) return {};
  const auto from = ending_named(item.substr(0, colon));
  const auto to = ending_named(item.substr(colon + 1));
  if (!from || !to) return {};
  return std::pair{*from, *to};
}

bool is_part(std::string_view item) {
  return item.starts_with(header_part) || item.starts_with(record_part);
}

std::string item_fault(const std::string& item) {
  if (is_part(item) && item.back() != ':') return {};
  if (change_of(item)) return {};
  if (const auto colon = item.find(':'); colon != std::string::npos && item.front() != '"') {
    const bool from = ending_named(item.substr(0, colon)).has_value();
    const bool to = ending_named(item.substr(colon + 1)).has_value();
    if (from != to) return core::quoted_short(item) + " names an outcome that does not exist";
    return core::quoted_short(item) +
           " is no FROM:TO, header:NAME or record:PART; a name with a colon is quoted";
  }
  const auto parsed = event::parse_path(item);
  return parsed.fault.empty() ? "" : core::quoted_short(item) + " " + parsed.fault;
}

bool covers(ending wider, ending one) {
  return wider == one || (wider == some_error && one > some_error);
}

bool covers(const event::path& wider, const event::path& one) {
  if (!event::is_at_any_depth(wider)) {
    return wider.steps.size() <= one.steps.size() &&
           std::equal(wider.steps.begin(), wider.steps.end(), one.steps.begin());
  }
  const auto& name = wider.steps.front().name;
  return std::ranges::any_of(one.steps, [&name](const event::path_step& step) {
    return step.kind == event::path_step_kind::member && step.name == name;
  });
}

}  // namespace

std::string expectations::fault_of(const std::string& text) {
  for (const auto& item : items_of(text))
    if (auto fault = item_fault(item); !fault.empty()) return fault;
  return {};
}

void expectations::add(const std::string& text) {
  for (auto& item : items_of(text)) {
    const auto change = change_of(item);
    if (change) changes_.push_back({change->first, change->second});
    if (!change) add_name(std::move(item));
  }
}

void expectations::add_name(std::string name) {
  if (is_part(name)) return parts_.push_back(std::move(name));
  paths_.push_back(event::parse_path(name).value);
}

bool expectations::expects(ending from, ending to) const {
  return std::ranges::any_of(changes_, [from, to](const outcome_change& one) {
    return covers(one.from, from) && covers(one.to, to);
  });
}

bool expectations::expects(std::string_view difference_name) const {
  if (is_part(difference_name)) return std::ranges::find(parts_, difference_name) != parts_.end();
  const auto at = event::parse_path(difference_name);
  return at.fault.empty() && std::ranges::any_of(paths_, [&at](const event::path& path) {
           return covers(path, at.value);
         });
}

}  // namespace turnstile::shadow
