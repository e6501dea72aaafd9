#include "config/rules/rule_draft.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

/// Whether the text waits for somebody to replace `${NAME}` in it, which nobody does.
bool is_placeholder(const config_node& node) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (text == nullptr) return false;
  const auto begin = text->find("${");
  return begin != std::string::npos && text->find('}', begin) != std::string::npos;
}

std::string number_token(double number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

/// A text that is a JSON number or boolean means that one; any other means itself.
std::string untyped_token(const std::string& text) {
  if (text == "true" || text == "false") return text;
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, whole);
  if (error == std::errc{} && at == end && std::to_string(whole) == text) return text;
  double number = 0;
  const auto [stop, wrong] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const bool has_digits = !text.empty() && text.front() != '.' && text.back() != '.' &&
                          text.find('.') != std::string::npos && std::isfinite(number);
  if (wrong == std::errc{} && stop == end && has_digits) return number_token(number);
  return quoted(text);
}

/// What the shape makes of the node, or why not.
parsed_value option_value_of(const option& shape, const config_node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) {
    if (node.is_untyped) return parse_value(shape, *text);
    if (shape.type == option_type::list) return {std::vector<std::string>{*text}, {}};
    return {*text, {}};
  }
  if (const auto* b = std::get_if<bool>(&node.value)) return {*b, {}};
  if (const auto* i = std::get_if<std::int64_t>(&node.value)) return {*i, {}};
  if (const auto* items = std::get_if<config_node::list>(&node.value)) {
    std::vector<std::string> texts;
    for (const auto& item : *items)
      if (const auto* text = std::get_if<std::string>(&item.value)) texts.push_back(*text);
    if (texts.size() == items->size()) return {std::move(texts), {}};
  }
  return {{}, "expects " + expectation(shape) + ", not " + in_words(node)};
}

parsed_value number_of(const config_node& node) {
  double number = 0;
  if (const auto* i = std::get_if<std::int64_t>(&node.value)) {
    number = static_cast<double>(*i);
  } else if (const auto* f = std::get_if<double>(&node.value)) {
    number = *f;
  } else if (const auto* text = std::get_if<std::string>(&node.value); text && node.is_untyped) {
    const char* const end = text->data() + text->size();
    if (std::from_chars(text->data(), end, number).ptr != end) number = 0;
  }
  if (std::isfinite(number) && number > 0) return {number_token(number), {}};
  return {{}, "expects a number greater than 0, not " + in_words(node)};
}

/// The value that `set` takes, or why not.
parsed_value attribute_value(const rule_attribute& attribute, const rule_draft& draft,
                             const config_node& node) {
  if (is_placeholder(node)) return {{}, "holds ${…}, which is not replaced here"};
  if (attribute.kind == attribute_kind::number) return number_of(node);
  if (attribute.kind == attribute_kind::scalar) {
    const auto* text = std::get_if<std::string>(&node.value);
    // Of a rule for strings `--set fields.version.default=2` is the string.
    if (text != nullptr && node.is_untyped && draft.rule.type == field_type::string)
      return {quoted(*text), {}};
    auto [token, fault] = token_of(node);
    return {std::move(token), std::move(fault)};
  }
  auto parsed = option_value_of(attribute.shape, node);
  if (parsed.fault.empty()) parsed.fault = value_fault(attribute.shape, parsed.value);
  return parsed;
}

bool may_have(const rule_draft& draft, const rule_attribute& attribute) {
  return draft.place == rule_place::field || !attribute.is_of_fields;
}

std::string unknown_attribute(const rule_draft& draft, std::string_view name,
                              const config_node& node) {
  std::vector<std::string_view> names;
  for (const auto& attribute : rule_attributes())
    if (may_have(draft, attribute)) names.push_back(attribute.shape.name);
  const auto near = closest(name, names);
  std::string fault = "unknown attribute" + did_you_mean(near);
  const bool is_rule = std::holds_alternative<std::string>(node.value) ||
                       std::holds_alternative<config_node::table>(node.value);
  if (near.empty() && is_rule && draft.place == rule_place::field)
    fault += "; a path with points is quoted: " + quoted(draft.rule.path + "." + std::string(name));
  return fault;
}

/// Another method, or type, has other attributes: what earlier layers said of them is gone.
void forget_what_does_not_fit(rule_draft& draft, const rule_attribute& attribute,
                              const option_value& value) {
  if (attribute.shape.name == "method" &&
      std::get<std::string>(value) != name_of(draft.rule.method.method)) {
    draft.rule.method = {};
    std::erase_if(draft.given,
                  [](const auto& g) { return !find_attribute(g.first)->methods.empty(); });
  }
  if (attribute.shape.name == "type" && std::get<std::string>(value) != name_of(draft.rule.type)) {
    draft.rule.time = {};
    std::erase_if(draft.given, [](const auto& g) { return find_attribute(g.first)->is_of_time; });
  }
}

void set_attribute(rule_draft& draft, std::string_view name, const config_node& node,
                   const origin_of_node& origin, std::vector<rule_fault>& faults) {
  const std::string shown = draft.name + "." + key_text(name);
  const auto* attribute = find_attribute(name);
  if (attribute == nullptr || !may_have(draft, *attribute)) {
    const std::string fault = attribute == nullptr ? unknown_attribute(draft, name, node)
                                                   : "goes with the rules of [fields] only";
    faults.push_back({origin(node), shown, fault});
    return;
  }
  const auto parsed = attribute_value(*attribute, draft, node);
  if (!parsed.fault.empty()) {
    faults.push_back({origin(node), shown, parsed.fault});
    return;
  }
  forget_what_does_not_fit(draft, *attribute, parsed.value);
  attribute->set(draft.rule, parsed.value);
  draft.given[attribute->shape.name] = origin(node);
  draft.origin = origin(node);
}

}  // namespace

std::string did_you_mean(std::string_view near) {
  return near.empty() ? "" : "; did you mean " + std::string(near) + "?";
}

scalar_token token_of(const config_node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) {
    if (!is_valid_utf8(*text)) return {{}, quoted_short(*text) + " is not valid UTF-8"};
    if (text->size() > 4096) return {{}, quoted_short(*text) + " is longer than 4096 bytes"};
    return {node.is_untyped ? untyped_token(*text) : quoted(*text), {}};
  }
  if (const auto* b = std::get_if<bool>(&node.value)) return {*b ? "true" : "false", {}};
  if (const auto* i = std::get_if<std::int64_t>(&node.value)) return {std::to_string(*i), {}};
  if (const auto* f = std::get_if<double>(&node.value); f != nullptr && std::isfinite(*f))
    return {number_token(*f), {}};
  return {{}, "expects a string, a number or a boolean, not " + in_words(node)};
}

void apply_rule(rule_draft& draft, const config_node& node, const origin_of_node& origin,
                std::vector<rule_fault>& faults) {
  const auto* table = std::get_if<config_node::table>(&node.value);
  if (table == nullptr && !std::holds_alternative<std::string>(node.value)) {
    faults.push_back({origin(node), draft.name,
                      "expects a method or a table of attributes, not " + in_words(node)});
    return;
  }
  draft.origin = origin(node);
  if (table == nullptr) return set_attribute(draft, "method", node, origin, faults);
  // What type and method are decides what the others mean, wherever they stand.
  const auto is_first = [](const config_member& m) {
    return m.name == "type" || m.name == "method";
  };
  for (const bool first : {true, false})
    for (const auto& member : *table)
      if (is_first(member) == first) set_attribute(draft, member.name, member.node, origin, faults);
}

}  // namespace turnstile::core
