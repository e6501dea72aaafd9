#include "config/rules/attributes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

using methods = std::vector<field_method>;
using names = std::vector<std::string_view>;

constexpr std::int64_t characters_max = 1'000'000;

const names& method_names() {
  static const names all{"keep", "pseudonym", "ipcrypt", "ipcrypt-pfx", "truncate-ip", "mask-ip",
                         "mask", "encrypt",   "round",   "replace",     "null",        "drop"};
  return all;
}

const names& type_names() {
  static const names all{"any",     "string", "integer", "number",
                         "boolean", "object", "array",   "time"};
  return all;
}

std::string absent_fault(std::string_view text) {
  return text.size() > 1024 ? "is longer than 1024 bytes" : "";
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

/// An attribute whose place is `field(rule)`; enumerations by the order of their names.
template <class Field>
rule_attribute attribute(option shape, Field field) {
  rule_attribute out{.shape = std::move(shape)};
  using value = std::remove_cvref_t<decltype(field(std::declval<field_rule&>()))>;
  if constexpr (std::is_enum_v<value>) {
    const names all = out.shape.names;
    out.set = [field, all](field_rule& rule, const option_value& v) {
      const auto at = std::ranges::find(all, std::string_view{std::get<std::string>(v)});
      field(rule) = static_cast<value>(at - all.begin());
    };
    out.shown = [field, all](const field_rule& rule) {
      return quoted(all[static_cast<std::size_t>(field(rule))]);
    };
  } else {
    using held = std::conditional_t<std::is_same_v<value, int>, std::int64_t, value>;
    out.set = [field](field_rule& rule, const option_value& v) {
      field(rule) = static_cast<value>(std::get<held>(v));
    };
    out.shown = [field](const field_rule& rule) {
      return to_toml(option_value{static_cast<held>(field(rule))});
    };
  }
  return out;
}

option boolean(std::string_view name, bool standard, std::string_view help) {
  return {.name = name, .type = option_type::boolean, .standard = standard, .help = help};
}

option integer(std::string_view name, std::int64_t standard, std::int64_t min, std::int64_t max,
               std::string_view help) {
  return {.name = name,
          .type = option_type::integer,
          .standard = standard,
          .min = min,
          .max = max,
          .help = help};
}

option choice(std::string_view name, names all, std::string_view help) {
  option out{.name = name, .type = option_type::choice, .standard = std::string(all.front())};
  out.names = std::move(all);
  out.help = help;
  return out;
}

rule_attribute of(methods which, rule_attribute out) {
  out.methods = std::move(which);
  out.is_of_fields = false;
  return out;
}

rule_attribute of_time(rule_attribute out) {
  out.is_of_time = true;
  return out;
}

#define AT(place) \
  [](auto& r) -> auto& { return r.place; }

void add_general(std::vector<rule_attribute>& out) {
  out.push_back(attribute(choice("type", type_names(), "Another type is `wrong_type`."), AT(type)));
  out.push_back(
      attribute(choice("method", method_names(), "What becomes of the value."), AT(method.method)));
  out.back().shape.hint = method_hint;
  out.back().is_of_fields = false;
  out.push_back(attribute(
      boolean("required", false, "Where it is absent, or null, the event is `missing_fields`."),
      AT(required)));
  rule_attribute standard{.shape = {.name = "default",
                                    .help = "Used where the value is absent or "
                                            "null, of the rule's type."},
                          .kind = attribute_kind::scalar};
  standard.set = [](field_rule& r, const option_value& v) {
    r.default_token = std::get<std::string>(v);
  };
  standard.shown = [](const field_rule& r) { return r.default_token.value_or(""); };
  out.push_back(std::move(standard));
  out.push_back(attribute(boolean("allow_empty", true, "`false`: an empty string is absent."),
                          AT(allow_empty)));
  out.push_back(attribute({.name = "absent",
                           .type = option_type::list,
                           .standard = std::vector<std::string>{},
                           .help = "Strings that count as absent too, such as `-`.",
                           .check = absent_fault},
                          AT(absent)));
}

void add_time(std::vector<rule_attribute>& out) {
  out.push_back(of_time(attribute(
      choice("units", {"seconds", "milliseconds", "microseconds", "nanoseconds", "magnitude"},
             "Of numbers and strings of digits since 1970; `magnitude` tells them by their size."),
      AT(time.units))));
  out.push_back(of_time(attribute(boolean("fraction", false, "Also takes numbers with a fraction."),
                                  AT(time.fraction))));
  out.push_back(of_time(attribute(
      boolean("iso8601", false, "Also takes texts such as `2024-10-25T22:14:20.5+02:00`."),
      AT(time.iso8601))));
  rule_attribute zone{
      .shape = choice("zone", {"none", "UTC"}, "`UTC` also takes texts without a zone, as UTC."),
      .is_of_time = true};
  zone.set = [](field_rule& r, const option_value& v) {
    r.time.zone_utc = std::get<std::string>(v) == "UTC";
  };
  zone.shown = [](const field_rule& r) { return quoted(r.time.zone_utc ? "UTC" : "none"); };
  out.push_back(std::move(zone));
  out.push_back(
      of_time(attribute(choice("output", {"keep", "datetime", "rfc3339", "epoch_s", "epoch_ms"},
                               "How it is written, always in UTC; `keep`: as it came."),
                        AT(time.output))));
  out.push_back(of_time(attribute(
      choice("precision", {"s", "ms", "us", "ns"}, "Digits that `datetime` and `rfc3339` have."),
      AT(time.precision))));
  out.push_back(of_time(attribute(choice("truncate", {"none", "minute", "hour", "day", "month"},
                                         "Sets the time back to the start of this span."),
                                  AT(time.truncate))));
}

void add_pseudonym(std::vector<rule_attribute>& out) {
  using enum field_method;
  out.push_back(of(
      {pseudonym},
      attribute(integer("digits", 64, 16, 64, "Hex digits of the pseudonym."), AT(method.digits))));
  out.push_back(
      of({pseudonym}, attribute(choice("canonical", {"none", "lower", "trim", "uuid", "ip"},
                                       "The form that is hashed, so that two spellings stay one."),
                                AT(method.canonical))));
  out.push_back(of({pseudonym},
                   attribute(choice("scope", {"shared", "path"},
                                    "`path`: equal values of two paths get different pseudonyms."),
                             AT(method.scope))));
}

void add_addresses(std::vector<rule_attribute>& out) {
  using enum field_method;
  out.push_back(of({truncate_ip}, attribute(integer("v4_bits", 24, 0, 32, "Of IPv4 that stay."),
                                            AT(method.v4_bits))));
  out.push_back(of({truncate_ip}, attribute(integer("v6_bits", 48, 0, 128, "Of IPv6 that stay."),
                                            AT(method.v6_bits))));
  const methods addresses{pseudonym, ipcrypt, ipcrypt_pfx, truncate_ip, mask_ip};
  out.push_back(of(addresses, attribute({.name = "list",
                                         .standard = std::string(),
                                         .help = "Separator of a string that is a list of "
                                                 "addresses, such as `,`."},
                                        AT(method.list))));
  out.push_back(of(addresses, attribute(choice("port", {"error", "keep", "drop"},
                                               "What of `1.2.3.4:5678` and `[2001:db8::1]:443`."),
                                        AT(method.port))));
}

void add_values(std::vector<rule_attribute>& out) {
  using enum field_method;
  out.push_back(of({mask}, attribute(integer("keep_first", 0, 0, characters_max,
                                             "Characters at the beginning that stay."),
                                     AT(method.keep_first))));
  out.push_back(of({mask}, attribute(integer("keep_last", 0, 0, characters_max,
                                             "Characters at the end that stay."),
                                     AT(method.keep_last))));
  out.push_back(of({mask}, attribute({.name = "with",
                                      .standard = std::string("*"),
                                      .required = true,
                                      .help = "Stands for each other character."},
                                     AT(method.with))));
  rule_attribute to{.shape = {.name = "to", .help = "Of this the number becomes a multiple."},
                    .kind = attribute_kind::number};
  to.set = [](field_rule& r, const option_value& v) {
    const auto& text = std::get<std::string>(v);
    std::from_chars(text.data(), text.data() + text.size(), r.method.to);
  };
  to.shown = [](const field_rule& r) { return number_text(r.method.to); };
  out.push_back(of({round}, std::move(to)));
  rule_attribute value{.shape = {.name = "value", .help = "Stands in the place of each value."},
                       .kind = attribute_kind::scalar};
  value.set = [](field_rule& r, const option_value& v) {
    r.method.value = std::get<std::string>(v);
  };
  value.shown = [](const field_rule& r) { return r.method.value; };
  out.push_back(of({replace}, std::move(value)));
  out.push_back(of({pseudonym, ipcrypt, ipcrypt_pfx, truncate_ip, mask_ip, mask, round},
                   attribute(choice("invalid", {"error", "pseudonym", "drop", "null", "keep"},
                                    "What of a value that the method cannot take; `error`: the "
                                    "event is `bad_value`."),
                             AT(method.invalid))));
}

#undef AT

std::vector<rule_attribute> make_attributes() {
  std::vector<rule_attribute> out;
  add_general(out);
  add_time(out);
  add_pseudonym(out);
  add_addresses(out);
  add_values(out);
  return out;
}

}  // namespace

std::span<const rule_attribute> rule_attributes() {
  static const std::vector<rule_attribute> all = make_attributes();
  return all;
}

const rule_attribute* find_attribute(std::string_view name) {
  const auto all = rule_attributes();
  const auto found =
      std::ranges::find(all, name, [](const rule_attribute& a) { return a.shape.name; });
  return found == all.end() ? nullptr : &*found;
}

std::string_view name_of(field_method method) {
  return method_names()[static_cast<std::size_t>(method)];
}

std::string_view name_of(field_type type) { return type_names()[static_cast<std::size_t>(type)]; }

bool leaves_members(const method_rule& rule) {
  if (rule.method == field_method::keep) return true;
  return rule.invalid == invalid_value::keep && goes_with(*find_attribute("invalid"), rule.method);
}

bool goes_with(const rule_attribute& attribute, field_method method) {
  return attribute.methods.empty() ||
         std::ranges::find(attribute.methods, method) != attribute.methods.end();
}

}  // namespace turnstile::core
