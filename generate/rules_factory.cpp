#include "generate/rules_factory.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/quoting.hpp"
#include "core/timestamps.hpp"

namespace turnstile::generate {

namespace {

/// 2024-10-25 22:07:54, as in the login events.
constexpr std::int64_t first_time_s = 1'729'894'074;
constexpr std::uint64_t events_per_second = 100;

constexpr std::size_t frame_bytes = 5;

constexpr std::array<std::string_view, 6> first_names{"ada",   "bruno", "chiara",
                                                      "david", "emine", "finn"};
constexpr std::array<std::string_view, 6> last_names{"lovelace", "okafor", "rossi",
                                                     "nguyen",   "yilmaz", "larsen"};
constexpr std::array<std::string_view, 3> words{"login", "web", "mobile"};

bool is_of_address(const core::method_rule& method) {
  using enum core::field_method;
  return method.method == ipcrypt || method.method == ipcrypt_pfx || method.method == truncate_ip ||
         method.method == mask_ip || method.canonical == core::canonical_form::ip;
}

std::string two_digits(std::uint64_t number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

/// `2024-10-25T22:07:54.120Z`
std::string iso_text(std::int64_t time_s, std::uint64_t hundredths, bool fraction) {
  std::string out = core::timestamp_text(time_s);
  out[10] = 'T';
  return out + (fraction ? "." + two_digits(hundredths) + "0Z" : "Z");
}

std::int64_t unit_factor(core::time_units units) {
  switch (units) {
    case core::time_units::milliseconds:
      return 1000;
    case core::time_units::microseconds:
      return 1'000'000;
    case core::time_units::nanoseconds:
      return 1'000'000'000;
    case core::time_units::seconds:
    case core::time_units::magnitude:
      break;
  }
  return 1;
}

}  // namespace

rules_factory::rules_factory(core::event_rules rules, std::uint64_t seed)
  : rules_(std::move(rules)), random_(seed), nodes_(1) {
  for (std::size_t r = 0; r < rules_.fields.size(); ++r) {
    const auto& rule = rules_.fields[r];
    const auto at = event::parse_path(rule.path).value;
    nodes_[add(at)].rule = r;
    if (rule.required) require_up_to(at);
  }
  for (const auto& condition : rules_.keep) {
    const auto at = event::parse_path(condition.path).value;
    nodes_[add(at)].keep = &condition;
    require_up_to(at);
  }
  if (!rules_.id.empty()) static_cast<void>(add(event::parse_path(rules_.id).value));
  for (const auto& counted : rules_.count_by)
    static_cast<void>(add(event::parse_path(counted).value));
  header_values_.resize(rules_.headers.size());
}

std::size_t rules_factory::add(const event::path& at) {
  std::size_t here = 0;
  for (const auto& step : at.steps) here = child(here, step);
  return here;
}

/// A member at any depth stands at the top level.
std::size_t rules_factory::child(std::size_t of, const event::path_step& step) {
  const bool is_element = step.kind == event::path_step_kind::elements;
  if (is_element) nodes_[of].is_array = true;
  for (const auto one : nodes_[of].children)
    if (nodes_[one].name == step.name) return one;
  nodes_.push_back({.name = step.name, .keep = nullptr, .children = {}});
  nodes_[of].children.push_back(nodes_.size() - 1);
  return nodes_.size() - 1;
}

void rules_factory::require_up_to(const event::path& at) {
  std::size_t here = 0;
  for (const auto& step : at.steps) {
    here = child(here, step);
    nodes_[here].required = true;
  }
}

generated_event rules_factory::next() {
  text_.clear();
  if (rules_.framing == core::value_framing::confluent) text_.append("\0\0\0\0\1", frame_bytes);
  write(0);
  ++made_;
  generated_event out;
  out.kind = event_kind::processed;
  out.value = text_;
  key_ = text_for(rules_.key, "key");
  out.key = key_;
  headers_.clear();
  for (std::size_t h = 0; h < rules_.headers.size(); ++h) {
    header_values_[h] = text_for(rules_.headers[h].method, rules_.headers[h].name);
    headers_.push_back({rules_.headers[h].name, header_values_[h]});
  }
  out.headers = headers_;
  return out;
}

void rules_factory::write(std::size_t at) {
  const node& here = nodes_[at];
  if (here.is_array) return write_elements(here);
  if (at == 0 || !here.children.empty()) return write_members(here);
  write_value(here);
}

void rules_factory::write_members(const node& of) {
  text_ += '{';
  bool is_first = true;
  for (const auto one : of.children) {
    if (is_left_out(nodes_[one])) continue;
    if (!is_first) text_ += ',';
    is_first = false;
    write_string(nodes_[one].name);
    text_ += ':';
    write(one);
  }
  // What no rule names is there too, where it may be.
  if (rules_.unknown != core::unknown_policy::error && random_.one_in(4)) {
    const bool taken = std::ranges::any_of(
        of.children, [this](std::size_t one) { return nodes_[one].name == "note"; });
    if (!taken) text_ += is_first ? R"("note":"more")" : R"(,"note":"more")";
  }
  text_ += '}';
}

void rules_factory::write_elements(const node& of) {
  const std::size_t least = nodes_[of.children.front()].required ? 1 : 0;
  const std::size_t count = least + random_.below(3);
  text_ += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text_ += ',';
    write(of.children.front());
  }
  text_ += ']';
}

bool rules_factory::is_left_out(const node& of) { return !of.required && random_.one_in(5); }

void rules_factory::write_value(const node& of) {
  if (of.keep != nullptr && !of.keep->values.empty()) return write_kept(*of.keep);
  if (of.rule == none) return write_string(words[random_.below(words.size())]);
  const auto& rule = rules_.fields[of.rule];
  const bool may_lack = !rule.required && !rule.default_token;
  if (may_lack && random_.one_in(50)) {
    text_ += "null";
    return;
  }
  if (may_lack && !rule.absent.empty() && random_.one_in(10))
    return write_string(rule.absent[random_.below(rule.absent.size())]);
  switch (rule.type) {
    case core::field_type::time:
      return write_time(rule.time);
    case core::field_type::integer:
      text_ += std::to_string(random_.below(1'000'000'000));
      return;
    case core::field_type::boolean:
      text_ += random_.one_in(2) ? "true" : "false";
      return;
    case core::field_type::object:
      text_ += R"({"part":")" + hex(16) + "\"}";
      return;
    case core::field_type::array:
      text_ += "[\"" + hex(16) + "\"]";
      return;
    case core::field_type::any:
    case core::field_type::string:
    case core::field_type::number:
      break;
  }
  if (rule.type == core::field_type::number || rule.method.method == core::field_method::round) {
    text_ += std::to_string(random_.below(1000)) + "." + two_digits(random_.below(100)) + "1";
    return;
  }
  write_string(text_for(rule.method, of.name));
}

void rules_factory::write_kept(const core::filter_condition& keep) {
  const auto& value = keep.values[random_.below(keep.values.size())];
  if (value.is_string) return write_string(value.text + (value.is_prefix ? "1" : ""));
  text_ += value.text;
}

void rules_factory::write_time(const core::time_rule& rule) {
  const std::int64_t time_s = first_time_s + static_cast<std::int64_t>(made_ / events_per_second);
  const std::uint64_t hundredths = made_ % events_per_second;
  if (rule.iso8601) return write_string(iso_text(time_s, hundredths, !random_.one_in(4)));
  const std::int64_t factor = unit_factor(rule.units);
  const std::int64_t part = static_cast<std::int64_t>(hundredths) * factor / 100;
  text_ += std::to_string(time_s * factor + (factor == 1 ? 0 : part));
}

void rules_factory::write_string(std::string_view text) { text_ += core::quoted(text); }

std::string rules_factory::text_for(const core::method_rule& method, std::string_view name) {
  if (method.canonical == core::canonical_form::uuid) return uuid();
  if (is_of_address(method)) {
    std::string all = address(method.port);
    if (!method.list.empty() && random_.one_in(3)) all += method.list + address(method.port);
    return all;
  }
  const auto names = [name](std::string_view part) { return name.find(part) != name.npos; };
  const bool is_person = method.canonical == core::canonical_form::lower || names("mail") ||
                         names("user") || names("User");
  if (!is_person || names("gent")) return hex(24);
  return std::string(first_names[random_.below(first_names.size())]) + "." +
         std::string(last_names[random_.below(last_names.size())]) + "." + hex(8) + "@example.com";
}

/// Of the ranges that are public.
std::string rules_factory::address(core::port_policy port) {
  std::string out;
  if (random_.one_in(5)) {
    out = "2a02";
    for (int i = 0; i < 7; ++i) {
      out += ':';
      out += "123456789abcdef"[random_.below(15)] + hex(3);
    }
    return port != core::port_policy::error && random_.one_in(4) ? "[" + out + "]:50312" : out;
  }
  out = std::to_string(70 + random_.below(20));
  for (int i = 0; i < 3; ++i) out += "." + std::to_string(1 + random_.below(254));
  return port != core::port_policy::error && random_.one_in(4) ? out + ":50312" : out;
}

std::string rules_factory::hex(std::size_t digits) {
  std::string out;
  for (std::size_t i = 0; i < digits; ++i) out += "0123456789abcdef"[random_.below(16)];
  return out;
}

std::string rules_factory::uuid() {
  const std::string all = hex(32);
  return all.substr(0, 8) + "-" + all.substr(8, 4) + "-" + all.substr(12, 4) + "-" +
         all.substr(16, 4) + "-" + all.substr(20);
}

}  // namespace turnstile::generate
