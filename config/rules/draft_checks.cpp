// What the attributes of one rule must have in common.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/rules/rule_draft.hpp"
#include "core/quoting.hpp"
#include "event/path.hpp"

namespace turnstile::core {

namespace {

using enum field_method;

bool is_one_of(auto value, std::initializer_list<decltype(value)> all) {
  return std::ranges::find(all, value) != all.end();
}

std::string joined_names(const std::vector<field_method>& methods) {
  std::string out;
  for (const auto method : methods) append_item(out, name_of(method), " or ");
  return out;
}

/// A pseudonym has an address's attributes only where it is the pseudonym of an address.
std::string pseudonym_fault(std::string_view attribute, const method_rule& rule) {
  const bool is_address = rule.canonical == canonical_form::ip;
  if (is_one_of(attribute, {"list", "port"}) && !is_address)
    return "goes with a pseudonym whose canonical form is \"ip\" only";
  if (attribute == "invalid" && rule.canonical == canonical_form::none)
    return "goes with a pseudonym of a canonical form only: without one every value has one";
  return {};
}

std::string attribute_fault(const rule_attribute& attribute, const field_rule& rule) {
  const auto method = rule.method.method;
  if (!goes_with(attribute, method))
    return "goes with the method " + joined_names(attribute.methods) + ", not with " +
           std::string(name_of(method));
  if (attribute.is_of_time && rule.type != field_type::time)
    return "goes with the type time, not with " + std::string(name_of(rule.type));
  if (method == pseudonym) return pseudonym_fault(attribute.shape.name, rule.method);
  if (attribute.shape.name == "zone" && !rule.time.iso8601)
    return "is of texts, which only iso8601 = true takes";
  if (is_one_of(attribute.shape.name,
                {std::string_view{"precision"}, std::string_view{"truncate"}}) &&
      rule.time.output == time_output::keep)
    return "needs an output: what is kept stays as it came";
  return {};
}

bool can_treat(field_method method, field_type type) {
  if (type == field_type::any) return true;
  if (is_one_of(method, {ipcrypt, ipcrypt_pfx, truncate_ip, mask_ip, mask}))
    return type == field_type::string;
  if (method == round) return type == field_type::integer || type == field_type::number;
  return true;
}

enum class token_kind : std::uint8_t { string, integer, number, boolean };

token_kind kind_of(std::string_view token) {
  if (token.starts_with('"')) return token_kind::string;
  if (token == "true" || token == "false") return token_kind::boolean;
  return token.find_first_of(".eE") == std::string_view::npos ? token_kind::integer
                                                              : token_kind::number;
}

bool is_of_type(std::string_view token, field_type type) {
  const auto kind = kind_of(token);
  switch (type) {
    case field_type::any:
      return true;
    case field_type::string:
      return kind == token_kind::string;
    case field_type::integer:
      return kind == token_kind::integer;
    case field_type::number:
      return kind == token_kind::integer || kind == token_kind::number;
    case field_type::boolean:
      return kind == token_kind::boolean;
    case field_type::time:
      return kind != token_kind::boolean;
    case field_type::object:
    case field_type::array:
      return false;
  }
  return false;
}

/// Of a rule for any depth: an attribute of what is absent.
std::string depth_fault(std::string_view attribute, const field_rule& rule) {
  const bool is_of_absence = attribute == "required" || attribute == "default";
  if (!is_of_absence || !event::is_at_any_depth(event::parse_path(rule.path).value)) return {};
  return "means nothing at any depth, where no object must have it";
}

}  // namespace

void check_draft(const rule_draft& draft, std::vector<rule_fault>& faults) {
  const auto& rule = draft.rule;
  const auto origin_of = [&](std::string_view attribute) {
    const auto found = draft.given.find(attribute);
    return found == draft.given.end() ? draft.origin : found->second;
  };
  for (const auto& [name, origin] : draft.given) {
    auto fault = attribute_fault(*find_attribute(name), rule);
    if (fault.empty()) fault = depth_fault(name, rule);
    if (!fault.empty())
      faults.push_back({origin, draft.name + "." + std::string(name), std::move(fault)});
  }
  const std::string method{name_of(rule.method.method)};
  if (rule.method.method == replace && rule.method.value == "null")
    faults.push_back({origin_of("method"), draft.name + ".value", "is needed by replace"});
  if (!can_treat(rule.method.method, rule.type))
    faults.push_back({origin_of("method"), draft.name + ".method",
                      method + " cannot treat the type " + std::string(name_of(rule.type))});
  if (rule.default_token && !is_of_type(*rule.default_token, rule.type))
    faults.push_back({origin_of("default"), draft.name + ".default",
                      printable(*rule.default_token) + " is not of the rule's type, " +
                          std::string(name_of(rule.type))});
}

}  // namespace turnstile::core
