#include "event/field_account.hpp"

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

#include <rapidjson/document.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "event/path.hpp"

namespace turnstile::event {

namespace {

using json = rapidjson::Value;

struct known_rule {
  path at;
  const core::field_rule* rule = nullptr;
};

/// What a rule makes of the inside of the value that it holds for.
bool leaves_inside(const core::field_rule* rule) {
  return rule == nullptr || rule->method.method == core::field_method::keep;
}

/// Hands on to `to` what is neither a string nor a number. rapidjson keeps the token of a number as
/// a string, so that strings get a mark in front.
template <class To, class Derived>
struct passing : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Derived> {
  using size = rapidjson::SizeType;
  explicit passing(To& handler) : to(handler) {}

  bool Null() { return to.Null(); }
  bool Bool(bool value) { return to.Bool(value); }
  bool Key(const char* name, size bytes, bool) { return to.Key(name, bytes, true); }
  bool StartObject() { return to.StartObject(); }
  bool EndObject(size members) { return to.EndObject(members); }
  bool StartArray() { return to.StartArray(); }
  bool EndArray(size elements) { return to.EndArray(elements); }

  To& to;
};

constexpr char string_mark = '"';

template <class To>
struct marking : passing<To, marking<To>> {
  using passing<To, marking<To>>::passing;
  bool RawNumber(const char* token, rapidjson::SizeType bytes, bool) {
    return this->to.String(token, bytes, true);
  }
  bool String(const char* text, rapidjson::SizeType bytes, bool) {
    const std::string marked = string_mark + std::string(text, bytes);
    return this->to.String(marked.data(), bytes + 1, true);
  }
};

template <class To>
struct unmarking : passing<To, unmarking<To>> {
  using passing<To, unmarking<To>>::passing;
  bool String(const char* text, rapidjson::SizeType bytes, bool) {
    if (text[0] == string_mark) return this->to.String(text + 1, bytes - 1, true);
    return this->to.RawValue(text, bytes, rapidjson::kNumberType);
  }
};

std::string text_of(const json& value) {
  using writer = rapidjson::Writer<rapidjson::StringBuffer>;
  rapidjson::StringBuffer out;
  writer written(out);
  unmarking<writer> handler(written);
  value.Accept(handler);
  return {out.GetString(), out.GetSize()};
}

/// The values of one path, in their order.
struct found_values {
  path at;
  const core::field_rule* rule = nullptr;
  std::vector<std::string> values;
};

/// Walks an event and notes the values that rules, or the lack of any, decide on.
class walker {
public:
  explicit walker(const std::vector<known_rule>& rules) : rules_(rules) {}

  void walk(const json& value) {
    if (value.IsObject()) {
      for (const auto& member : value.GetObject())
        visit({path_step_kind::member, {member.name.GetString(), member.name.GetStringLength()}},
              member.value);
    } else if (value.IsArray()) {
      for (const auto& element : value.GetArray()) visit({path_step_kind::elements, {}}, element);
    }
  }

  [[nodiscard]] const std::vector<found_values>& found() const { return found_; }
  [[nodiscard]] const found_values* at(const path& where) const {
    const auto place = places_.find(path_text(where));
    return place == places_.end() ? nullptr : &found_[place->second];
  }

private:
  void visit(path_step step, const json& value) {
    at_.steps.push_back(std::move(step));
    const auto* rule = rule_here();
    const bool has_inside =
        (value.IsObject() && value.MemberCount() > 0) || (value.IsArray() && value.Size() > 0);
    const bool goes_in = has_inside && leaves_inside(rule) && is_known_below();
    if (!goes_in || (rule != nullptr && !has_inside)) note(rule, value);
    if (goes_in) walk(value);
    at_.steps.pop_back();
  }

  void note(const core::field_rule* rule, const json& value) {
    const auto [place, is_new] = places_.try_emplace(path_text(at_), found_.size());
    if (is_new) found_.push_back({at_, rule, {}});
    found_[place->second].values.push_back(text_of(value));
  }

  [[nodiscard]] const core::field_rule* rule_here() const {
    const core::field_rule* any = nullptr;
    const auto& last = at_.steps.back();
    for (const auto& [where, rule] : rules_) {
      if (where == at_) return rule;
      if (is_at_any_depth(where) && last.kind == path_step_kind::member &&
          last.name == where.steps.front().name)
        any = rule;
    }
    return any;
  }

  /// Whether something in the value here may have a rule.
  [[nodiscard]] bool is_known_below() const {
    return std::ranges::any_of(rules_, [this](const known_rule& known) {
      return is_at_any_depth(known.at) || is_below(known.at, at_);
    });
  }

  const std::vector<known_rule>& rules_;
  path at_;
  std::vector<found_values> found_;
  std::map<std::string, std::size_t> places_;
};

/// Collects all values of given paths, also where they are no longer what a rule would look into.
void collect(const json& value, const path& where, std::size_t depth,
             std::vector<std::string>& out) {
  if (depth == where.steps.size()) {
    out.push_back(text_of(value));
    return;
  }
  const auto& step = where.steps[depth];
  if (step.kind == path_step_kind::elements && value.IsArray()) {
    for (const auto& element : value.GetArray()) collect(element, where, depth + 1, out);
  } else if (step.kind == path_step_kind::member && value.IsObject()) {
    for (const auto& member : value.GetObject())
      if (std::string_view{member.name.GetString(), member.name.GetStringLength()} == step.name)
        collect(member.value, where, depth + 1, out);
  }
}

field_fate fate_of(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  if (before == after) return field_fate::kept;
  if (before.empty()) return field_fate::added;
  return after.empty() ? field_fate::left_out : field_fate::changed;
}

/// Numbers stay as they are written.
bool parse(rapidjson::Document& to, std::string_view text) {
  constexpr unsigned flags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
  bool is_json = false;
  const auto read = [&](auto& handler) {
    rapidjson::Reader reader;
    rapidjson::MemoryStream memory(text.data(), text.size());
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
    marking<std::remove_reference_t<decltype(handler)>> marked(handler);
    is_json = static_cast<bool>(reader.Parse<flags>(stream, marked));
    return is_json;
  };
  to.Populate(read);
  return is_json && to.IsObject();
}

bool has_name(const json& value, const std::string& name) {
  if (value.IsArray())
    return std::ranges::any_of(value.GetArray(), [&](const json& e) { return has_name(e, name); });
  return value.IsObject() && std::ranges::any_of(value.GetObject(), [&](const auto& member) {
           return member.name.GetString() == name || has_name(member.value, name);
         });
}

bool is_in(const json& event, const path& at) {
  if (is_at_any_depth(at)) return has_name(event, at.steps.front().name);
  std::vector<std::string> found;
  collect(event, at, 0, found);
  return !found.empty();
}

}  // namespace

std::vector<accounted_field> account_fields(const core::event_rules& rules, std::string_view before,
                                            std::string_view after) {
  std::vector<known_rule> known;
  for (const auto& rule : rules.fields) known.push_back({parse_path(rule.path).value, &rule});
  rapidjson::Document in;
  rapidjson::Document out;
  std::vector<accounted_field> fields;
  if (!parse(in, before)) return fields;
  const bool has_output = parse(out, after);
  walker event(known);
  event.walk(in);
  const auto add = [&](const path& at, const core::field_rule* rule,
                       const std::vector<std::string>& values) {
    accounted_field field{.path = path_text(at), .rule = {}, .before = values, .after = {}};
    if (rule != nullptr) {
      field.rule = rule->path;
      field.method = rule->method.method;
      field.is_time = rule->type == core::field_type::time;
    }
    if (has_output) collect(out, at, 0, field.after);
    field.fate = fate_of(field.before, field.after);
    fields.push_back(std::move(field));
  };
  for (const auto& found : event.found()) add(found.at, found.rule, found.values);
  for (const auto& [at, rule] : known) {
    std::vector<std::string> there;
    if (!rule->default_token || event.at(at) != nullptr) continue;
    if (has_output) collect(out, at, 0, there);
    if (!there.empty()) add(at, rule, {});
  }
  return fields;
}

std::vector<std::string> unmatched_rules(const core::event_rules& rules, std::string_view before) {
  rapidjson::Document event;
  std::vector<std::string> out;
  if (!parse(event, before)) return out;
  for (const auto& rule : rules.fields)
    if (!is_in(event, parse_path(rule.path).value)) out.push_back(rule.path);
  return out;
}

}  // namespace turnstile::event
