#include "app/shadow/json_difference.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/arena.hpp"
#include "core/json_text.hpp"
#include "event/json_event.hpp"

namespace turnstile::shadow {

namespace {

struct member {
  std::string_view name;  ///< Without quotes, with escapes; of an element empty.
  std::string_view value;
};

bool is_between(char c) { return c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Reads the members of an object or the elements of an array, one after the other.
class member_reader {
public:
  explicit member_reader(std::string_view container)
    : text_(container), is_object_(container.starts_with('{')) {}

  /// Nothing at the end, or where this is no JSON: then `is_whole` is false.
  std::optional<member> next() {
    skip_between();
    if (at_ + 1 >= text_.size()) {
      whole_ = whole_ && at_ + 1 == text_.size();
      return {};
    }
    member out;
    if (is_object_) {
      const auto name = take_value();
      if (name.size() < 2 || name.front() != '"') return fail();
      out.name = name.substr(1, name.size() - 2);
      skip_between();
      if (at_ >= text_.size() || text_[at_] != ':') return fail();
      ++at_;
      skip_between();
    }
    out.value = take_value();
    return out.value.empty() ? fail() : std::optional{out};
  }
  [[nodiscard]] bool is_whole() const { return whole_; }

private:
  std::optional<member> fail() {
    whole_ = false;
    at_ = text_.size();
    return {};
  }
  void skip_between() {
    while (at_ < text_.size() && is_between(text_[at_])) ++at_;
  }

  std::string_view take_value() {
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        --depth;
        ++at_;
      } else if (depth == 0 && (c == ',' || c == ':')) {
        break;
      } else {
        ++at_;
        continue;
      }
      if (depth == 0) break;
    }
    return text_.substr(begin, at_ - begin);
  }
  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  bool is_object_;
  bool whole_ = true;
  std::size_t at_ = 1;
};

std::optional<std::vector<member>> members_of(std::string_view container) {
  std::vector<member> all;
  member_reader reader(container);
  while (const auto one = reader.next()) all.push_back(*one);
  if (!reader.is_whole()) return {};
  return all;
}

bool is_pair_of(char bracket, std::string_view a, std::string_view b) {
  return a.starts_with(bracket) && b.starts_with(bracket);
}

class differ {
public:
  differ(event::path at, const each_difference& each) : at_(std::move(at)), each_(each) {}

  void compare(std::string_view before, std::string_view after) {
    if (before == after) return;
    const bool deep = at_.steps.size() >= event::path_levels_max;
    if (!deep && is_pair_of('{', before, after)) return compare_objects(before, after);
    if (!deep && is_pair_of('[', before, after)) return compare_arrays(before, after);
    each_(at_, before, after);
  }

private:
  void compare_objects(std::string_view before, std::string_view after) {
    const auto old = members_of(before);
    const auto made = members_of(after);
    if (!old || !made) return each_(at_, before, after);
    std::size_t in_place = 0;
    while (in_place < old->size() && in_place < made->size() &&
           (*old)[in_place].name == (*made)[in_place].name)
      ++in_place;
    bool any = false;
    for (std::size_t i = 0; i < in_place; ++i) any = member_at((*old)[i], (*made)[i]) || any;
    any = compare_rest({old->begin() + static_cast<std::ptrdiff_t>(in_place), old->end()},
                       {made->begin() + static_cast<std::ptrdiff_t>(in_place), made->end()}) ||
          any;
    // The same members, in another order or with other blanks.
    if (!any) each_(at_, before, after);
  }

  /// Members that do not stand in the same places.
  bool compare_rest(const std::vector<member>& old, std::vector<member> made) {
    bool any = false;
    for (const auto& one : old) {
      const auto same = std::ranges::find(made, one.name, &member::name);
      if (same == made.end()) {
        any = true;
        note(one.name, one.value, {});
        continue;
      }
      any = member_at(one, *same) || any;
      made.erase(same);
    }
    for (const auto& one : made) note(one.name, {}, one.value);
    return any || !made.empty();
  }

  bool member_at(const member& old, const member& made) {
    if (old.value == made.value) return false;
    step_into(event::path_step_kind::member, old.name);
    compare(old.value, made.value);
    at_.steps.pop_back();
    return true;
  }
  void note(std::string_view name, std::string_view before, std::string_view after) {
    step_into(event::path_step_kind::member, name);
    each_(at_, before, after);
    at_.steps.pop_back();
  }

  void compare_arrays(std::string_view before, std::string_view after) {
    const auto old = members_of(before);
    const auto made = members_of(after);
    if (!old || !made) return each_(at_, before, after);
    step_into(event::path_step_kind::elements, {});
    bool any = false;
    for (std::size_t i = 0; i < std::max(old->size(), made->size()); ++i) {
      const std::string_view a = i < old->size() ? (*old)[i].value : std::string_view{};
      const std::string_view b = i < made->size() ? (*made)[i].value : std::string_view{};
      any = any || a != b;
      compare(a, b);
    }
    at_.steps.pop_back();
    if (!any) each_(at_, before, after);
  }

  void step_into(event::path_step_kind kind, std::string_view name) {
    if (name.find('\\') == std::string_view::npos) {
      at_.steps.push_back({kind, std::string(name)});
      return;
    }
    core::arena memory;
    const std::string token = '"' + std::string(name) + '"';
    at_.steps.push_back({kind, std::string(event::text_of_token(token, memory))});
  }

  event::path at_;
  const each_difference& each_;
};

}  // namespace

void walk_differences(event::path at, std::string_view before, std::string_view after,
                      const each_difference& each) {
  differ(std::move(at), each).compare(before, after);
}

bool walk_members(
    std::string_view before, std::string_view after,
    const std::function<void(std::string_view, std::string_view, std::string_view)>& each) {
  if (!is_pair_of('{', before, after)) return false;
  const auto old = members_of(before);
  auto made = members_of(after);
  if (!old || !made) return false;
  for (const auto& one : *old) {
    const auto same = std::ranges::find(*made, one.name, &member::name);
    each(one.name, one.value, same == made->end() ? std::string_view{} : same->value);
    if (same != made->end()) made->erase(same);
  }
  for (const auto& one : *made) each(one.name, {}, one.value);
  return true;
}

}  // namespace turnstile::shadow
