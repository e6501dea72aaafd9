#include "config/option/option.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

std::string in_words(const option_value& value) {
  if (const auto* b = std::get_if<bool>(&value))
    return *b ? "the boolean true" : "the boolean false";
  if (const auto* i = std::get_if<std::int64_t>(&value)) return "the integer " + std::to_string(*i);
  if (const auto* s = std::get_if<std::string>(&value)) return "the string " + quoted_short(*s);
  return "a list";
}

bool has_type(const option_value& value, option_type type) {
  switch (type) {
    case option_type::boolean:
      return std::holds_alternative<bool>(value);
    case option_type::integer:
      return std::holds_alternative<std::int64_t>(value);
    case option_type::text:
    case option_type::choice:
      return std::holds_alternative<std::string>(value);
    case option_type::list:
      return std::holds_alternative<std::vector<std::string>>(value);
  }
  return false;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) append_item(out, name);
  return out;
}

/// What holds for every text, wherever it comes from.
std::string text_fault(const option& option, const std::string& text) {
  if (!is_valid_utf8(text)) return quoted_short(text) + " is not valid UTF-8";
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  };
  if (std::ranges::any_of(text, is_control))
    return quoted_short(text) + " contains a control character";
  if (option.check == nullptr) return {};
  std::string wrong = option.check(text);
  return wrong.empty() ? wrong : quoted_short(text) + " " + wrong;
}

std::string list_fault(const option& option, const std::vector<std::string>& items) {
  if (items.empty()) return option.required ? "must not be empty" : "";
  for (const auto& item : items) {
    if (item.empty()) return "has an empty item";
    if (auto fault = text_fault(option, item); !fault.empty()) return fault;
    if (std::ranges::count(items, item) > 1) return quoted_short(item) + " is given twice";
  }
  return {};
}

std::string choice_fault(const option& option, const std::string& text) {
  if (std::ranges::find(option.names, std::string_view{text}) != option.names.end()) return {};
  std::string fault = quoted_short(text) + " is not " + expectation(option);
  // First: "hash" is also near "mask".
  if (option.hint != nullptr)
    if (const auto hint = option.hint(text); !hint.empty()) return fault + "; " + hint;
  if (const auto near = closest(text, option.names); !near.empty())
    fault += "; did you mean " + quoted(near) + "?";
  return fault;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

parsed_value parse_list(const option& option, std::string_view text) {
  if (const auto start = trimmed(text);
      start.starts_with('[') && start.ends_with(']') && option.name != "kafka.brokers")
    return {{}, "lists are written comma separated here (a,b), not in brackets"};
  std::vector<std::string> items;
  if (trimmed(text).empty()) return {items, {}};
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(',', from), text.size());
    items.emplace_back(trimmed(text.substr(from, to - from)));
    from = to + 1;
  }
  return {items, {}};
}

/// Edit distance in which two exchanged neighbours count as one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string environment_name(std::string_view option_name) {
  std::string out = "TURNSTILE_";
  for (const char c : option_name)
    out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string value_fault(const option& option, const option_value& value) {
  if (!has_type(value, option.type))
    return "expects " + expectation(option) + ", not " + in_words(value);
  switch (option.type) {
    case option_type::boolean:
      return {};
    case option_type::integer: {
      const auto number = std::get<std::int64_t>(value);
      if (number >= option.min && number <= option.max) return {};
      return std::to_string(number) + " is out of range: expects " + expectation(option);
    }
    case option_type::text: {
      const auto& text = std::get<std::string>(value);
      if (!text.empty()) return text_fault(option, text);
      return option.required ? "must not be empty" : "";
    }
    case option_type::list:
      return list_fault(option, std::get<std::vector<std::string>>(value));
    case option_type::choice:
      return choice_fault(option, std::get<std::string>(value));
  }
  return {};
}

parsed_value parse_value(const option& option, std::string_view text) {
  switch (option.type) {
    case option_type::boolean:
      if (text == "true") return {true, {}};
      if (text == "false") return {false, {}};
      break;
    case option_type::integer: {
      std::int64_t number = 0;
      const auto* end = text.data() + text.size();
      const auto [stopped, error] = std::from_chars(text.data(), end, number);
      if (!text.empty() && stopped == end) {
        if (error == std::errc{}) return {number, {}};
        return {{}, printable(text) + " is out of range: expects " + expectation(option)};
      }
      break;
    }
    case option_type::list:
      return parse_list(option, text);
    case option_type::text:
    case option_type::choice:
      return {std::string(text), {}};
  }
  return {{}, "expects " + expectation(option) + ", not " + quoted_short(text)};
}

std::string expectation(const option& option) {
  switch (option.type) {
    case option_type::boolean:
      return "true or false";
    case option_type::integer: {
      std::string out =
          "an integer from " + std::to_string(option.min) + " to " + std::to_string(option.max);
      if (!option.unit.empty()) out += " (" + std::string(option.unit) + ")";
      return out;
    }
    case option_type::text:
      return "a string";
    case option_type::list:
      return "a list of strings";
    case option_type::choice:
      return "one of " + joined(option.names);
  }
  return {};
}

std::string to_toml(const option_value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  if (const auto* i = std::get_if<std::int64_t>(&value)) return std::to_string(*i);
  if (const auto* s = std::get_if<std::string>(&value)) return quoted(*s);
  std::string out;
  for (const auto& item : std::get<std::vector<std::string>>(value)) append_item(out, quoted(item));
  return "[" + out + "]";
}

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 4) + 1;
  if (word.size() > 100) return best;
  for (const auto candidate : candidates) {
    // Few letters are near to everything: of those most must be right.
    const std::size_t d = distance(word, candidate);
    if (d < least && d * 2 <= std::max(word.size(), candidate.size())) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace turnstile::core
