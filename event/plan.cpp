#include "event/plan.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "core/quoting.hpp"
#include "event/times.hpp"

namespace turnstile::event {

namespace {

using core::json_kind;

constexpr std::size_t confluent_frame_bytes = 5;

json_kind kind_of(std::string_view token) {
  switch (token.front()) {
    case '"':
      return json_kind::string;
    case '{':
      return json_kind::object;
    case '[':
      return json_kind::array;
    case 't':
    case 'f':
      return json_kind::boolean;
    case 'n':
      return json_kind::null;
    default:
      return json_kind::number;
  }
}

/// Whether the method has a form of every value, objects and arrays too.
bool takes_everything(const core::method_rule& rule) {
  switch (rule.method) {
    case core::field_method::keep:
    case core::field_method::encrypt:
    case core::field_method::replace:
    case core::field_method::null:
    case core::field_method::drop:
      return true;
    case core::field_method::pseudonym:
      return rule.canonical != core::canonical_form::uuid &&
             rule.canonical != core::canonical_form::ip;
    default:
      return false;
  }
}

bool replaces_absent(core::field_method method) {
  return method == core::field_method::drop || method == core::field_method::replace ||
         method == core::field_method::null;
}

inside inside_of(const field_plan& field) {
  return field.method == nullptr || field.keeps_unfit ? inside::covered : inside::hidden;
}

/// Whether a text is a time by this rule, or by one that takes more.
bool is_some_time(std::string_view text, core::time_rule rule) {
  rule.units = core::time_units::magnitude;
  rule.fraction = true;
  rule.iso8601 = true;
  return core::parse_timestamp_text(text, rule).error.empty();
}

bool is_integer(std::string_view token) {
  return token.find_first_of(".eE") == std::string_view::npos;
}

std::uint8_t right_kinds_of(const field_plan& field) {
  std::uint8_t kinds = 0;
  const auto add = [&kinds](json_kind kind) {
    kinds = static_cast<std::uint8_t>(kinds | 1U << static_cast<unsigned>(kind));
  };
  const bool any_text = field.allow_empty && field.absent.empty();
  const auto is_any_of = [&field](std::initializer_list<core::field_type> types) {
    return std::ranges::find(types, field.type) != types.end();
  };
  using enum core::field_type;
  if (any_text && is_any_of({any, string, core::field_type::time})) add(json_kind::string);
  if (is_any_of({any, number, core::field_type::time})) add(json_kind::number);
  if (is_any_of({any, boolean})) add(json_kind::boolean);
  if (is_any_of({any, object})) add(json_kind::object);
  if (is_any_of({any, array})) add(json_kind::array);
  return kinds;
}

/// By `scalar_needs::bit`: what is there and of its type whatever the value.
std::uint8_t right_scalars_of(const field_plan& field) {
  constexpr unsigned strings = 1U << static_cast<unsigned>(json_kind::string);
  constexpr unsigned empty_strings = 1U << 6U;
  constexpr unsigned scalars = (1U << static_cast<unsigned>(json_kind::object)) - 1;
  unsigned right = field.right_kinds & scalars;
  if ((right & strings) != 0) right |= empty_strings;
  const bool is_text =
      field.type == core::field_type::string || field.type == core::field_type::any;
  if (is_text && field.absent.empty()) right |= strings;
  return static_cast<std::uint8_t>(right);
}

scalar_needs needs_of(const field_plan& field) {
  constexpr std::size_t growth_max = UINT16_MAX;
  scalar_needs needs;
  needs.required = field.required && !field.fallback;
  if (!field.grows) {
    needs.right = right_scalars_of(field);
  } else if (field.short_room <= growth_max) {
    needs.right = right_scalars_of(field);
    needs.growth = static_cast<std::uint16_t>(field.short_room);
  } else {
    needs.right = 0;  // So that the sums of such an event do not count.
  }
  return needs;
}

}  // namespace

bool field_plan::is_of_absent(std::string_view text) const {
  return std::ranges::find(absent, text) != absent.end();
}

bool field_plan::has_its_type(const json_value& value) const {
  switch (type) {
    case core::field_type::any:
      return true;
    case core::field_type::string:
      return value.kind == json_kind::string;
    case core::field_type::integer:
      return value.kind == json_kind::number && is_integer(value.token);
    case core::field_type::number:
      return value.kind == json_kind::number;
    case core::field_type::boolean:
      return value.kind == json_kind::boolean;
    case core::field_type::object:
      return value.kind == json_kind::object;
    case core::field_type::array:
      return value.kind == json_kind::array;
    case core::field_type::time:
      return value.kind == json_kind::number ||
             (value.kind == json_kind::string && is_some_time(value.text, time));
  }
  return false;
}

std::size_t field_plan::room_of_any(json_kind kind, std::size_t bytes) const {
  std::size_t needed = std::max(fallback_token.size(), bytes);
  if (replaces(kind)) needed = std::max(needed, method->bytes_max(needed));
  if (is_plain_time()) needed = std::max(needed, time_bytes_max);
  return needed;
}

bytes_method::bytes_method(const core::method_rule& rule, std::string_view path,
                           const method_keys& keys)
  : how_(rule.method),
    takes_any_bytes_(rule.method == core::field_method::pseudonym &&
                     rule.canonical == core::canonical_form::none),
    method_(field_method::make(rule, path, keys)) {}

applied bytes_method::apply(std::string_view bytes, core::arena& memory,
                            core::maybe_bytes& to) const {
  to.reset();
  if (how_ == core::field_method::keep) {
    to = memory.copy(bytes);
    return applied::written;
  }
  if (how_ == core::field_method::drop) return applied::dropped;
  std::string token;
  if (!takes_any_bytes_) {
    if (core::find_text_faults(bytes).invalid_utf8_at != std::string_view::npos)
      return applied::invalid;
    token = core::quoted(bytes);
  }
  const std::size_t room = method_->bytes_max(std::max(token.size(), bytes.size() + 2));
  char* const begin = memory.reserve(room);
  char* end = begin;
  const applied done = method_->apply({json_kind::string, token, bytes}, end);
  if (done != applied::written) return done;
  const std::string_view written = memory.commit(static_cast<std::size_t>(end - begin));
  if (written != "null") to = text_of_token(written, memory);
  return applied::written;
}

plan::plan(const core::event_rules& rules, const method_keys& keys)
  : names_id_alone_(rules.preset == "login"),
    unknown_(rules.unknown),
    tombstones_(rules.tombstones),
    frame_bytes_(rules.framing == core::value_framing::confluent ? confluent_frame_bytes : 0),
    key_(std::make_unique<bytes_method>(rules.key, "key", keys)),
    other_headers_(std::make_unique<bytes_method>(rules.other_headers, "headers", keys)) {
  for (const core::field_rule& rule : rules.fields) add_field(rule, keys);
  for (field_plan& field : fields_) {
    field.grows = field.method != nullptr || field.is_plain_time() || field.fallback;
    field.short_room = field.room_of_any(json_kind::string, field_plan::short_bytes);
  }
  std::vector<known_path> known;
  std::vector<bool> expected;
  for (std::uint16_t i = 0; i < fields_.size(); ++i) {
    known_path at{parse_path(fields_[i].path).value, i, inside_of(fields_[i])};
    if (!is_at_any_depth(at.at)) at.place = i;
    at.needs = needs_of(fields_[i]);
    const auto is_elements = [](const path_step& s) { return s.kind == path_step_kind::elements; };
    fields_[i].has_elements = std::ranges::any_of(at.at.steps, is_elements);
    fields_[i].is_top_level = at.at.steps.size() == 1 && at.place != none;
    fields_[i].is_element = is_elements(at.at.steps.back());
    if (fields_[i].required && !fields_[i].fallback) {
      if (fields_[i].has_elements)
        requires_of_elements_ = true;
      else
        required_.push_back(at.place);
      has_hidden_needs_ = has_hidden_needs_ || fields_[i].has_elements || at.place == none;
    }
    fields_[i].appended = fields_[i].fallback && at.place != none && !fields_[i].is_element;
    expected.push_back(fields_[i].required || fields_[i].appended);
    has_defaults_ = has_defaults_ || fields_[i].appended;
    rule_places_.push_back(at.place);
    known.push_back(std::move(at));
  }
  keep_ = conditions(rules.keep, known);
  drop_ = conditions(rules.drop, known);
  for (const std::string& path : rules.count_by) counted_.push_back(watch(path, known));
  if (!rules.id.empty()) id_ = watch(rules.id, known);
  slots_.resize(known.size(), none);
  for (std::size_t i = counted_.size(); i-- > 0;)
    if (counted_[i].place != none) slots_[counted_[i].place] = static_cast<std::uint16_t>(i + 1);
  if (id_ && id_->place != none && slots_[id_->place] == none) slots_[id_->place] = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) fields_[i].slot = slot_of(rule_places_[i]);
  for (const core::header_rule& rule : rules.headers)
    headers_.emplace_back(
        rule.name, std::make_unique<bytes_method>(rule.method, "headers." + rule.name, keys));
  paths_ = std::make_unique<const path_states>(known, expected);
}

void plan::add_field(const core::field_rule& rule, const method_keys& keys) {
  field_plan& field = fields_.emplace_back();
  field.path = rule.path;
  field.type = rule.type;
  field.required = rule.required;
  field.allow_empty = rule.allow_empty;
  field.absent = rule.absent;
  field.time = rule.time;
  if (rule.method.method != core::field_method::keep)
    field.method = field_method::make(rule.method, rule.path, keys);
  field.writes_time =
      field.is_plain_time() && (rule.time.output != core::time_output::keep || field.truncates());
  field.right_kinds = right_kinds_of(field);
  if (!field.is_time())
    (field.method == nullptr ? field.copied_kinds : field.given_kinds) = right_scalars_of(field);
  if (field.is_time()) times_.push_back(static_cast<std::uint16_t>(fields_.size() - 1));
  field.keeps_nothing = replaces_absent(rule.method.method);
  field.keeps_unfit =
      rule.method.invalid == core::invalid_value::keep && !takes_everything(rule.method);
  if (!rule.default_token) return;
  field.fallback_token = *rule.default_token;
  const json_kind kind = kind_of(field.fallback_token);
  if (kind == json_kind::string) {
    core::arena memory;
    field.fallback_text = text_of_token(field.fallback_token, memory);
  }
  field.fallback = kind;
}

std::uint16_t plan::place_of(const path& at, std::vector<known_path>& known) {
  for (const known_path& k : known)
    if (k.at == at) return k.place;
  known_path looked_at{at};
  looked_at.is_looked_at = true;
  if (!is_at_any_depth(at)) looked_at.place = static_cast<std::uint16_t>(known.size());
  known.push_back(looked_at);
  return looked_at.place;
}

watched_path plan::watch(const std::string& text, std::vector<known_path>& known) {
  watched_path watched;
  watched.path = parse_path(text).value;
  watched.place = place_of(watched.path, known);
  for (std::uint16_t i = 0; i < fields_.size(); ++i)
    if (known[i].at == watched.path) watched.rule = i;
  if (watched.rule != none) {
    const field_plan& rule = fields_[watched.rule];
    watched.copies_strings = rule.copied_kinds != 0 && rule.is_plainly_right(json_kind::string);
  }
  return watched;
}

std::vector<condition> plan::conditions(const std::vector<core::filter_condition>& from,
                                        std::vector<known_path>& known) {
  std::vector<condition> made;
  for (const core::filter_condition& c : from) {
    condition& to = made.emplace_back();
    static_cast<watched_path&>(to) = watch(c.path, known);
    to.values = c;
    const std::string quoted = core::quoted("filtered_" + path_text(to.path));
    to.clean_type = quoted.substr(1, quoted.size() - 2);
    to.is_plain_member = to.place != none && to.path.steps.size() == 1 &&
                         (to.rule == none || fields_[to.rule].is_plainly_right(json_kind::string));
  }
  return made;
}

const bytes_method& plan::header(std::string_view name) const {
  for (const auto& [known, method] : headers_)
    if (known == name) return *method;
  return *other_headers_;
}

std::size_t plan::room_for(const json_event& event) const {
  std::size_t room = event.value_bytes();
  const auto add_defaults = [&](const path_states::state& of) {
    for (const expected_member& member : of.expected) {
      const field_plan& field = fields_[member.rule];
      if (!field.appended) continue;
      // Of `,"name":` and the value, which grows from nothing.
      room += core::quoted(member.name).size() + 2 + field.room_of_any(*field.fallback, 0);
    }
  };
  if (has_defaults_) add_defaults(paths_->at(path_states::root));
  if (event.sums().is_right) return room + event.sums().growth;
  for (const json_field& field : event.fields()) {
    if (field.rule != none) room += fields_[field.rule].growth(field.kind, field.raw.size());
    if (has_defaults_ && field.kind == json_kind::object) add_defaults(paths_->at(field.state));
  }
  return room;
}

std::vector<counted_field> counted_fields(const core::event_rules& rules) {
  std::vector<counted_field> counted;
  for (const std::string& path : rules.count_by) {
    const auto rule = std::ranges::find(rules.fields, path, &core::field_rule::path);
    const bool in_each = rules.tombstones == core::tombstone_policy::error &&
                         rule != rules.fields.end() && rule->required &&
                         rule->method.method != core::field_method::drop;
    counted.push_back({path_text(parse_path(path).value) + "_counts", in_each});
  }
  return counted;
}

std::vector<std::string> counted_names(const core::event_rules& rules) {
  std::vector<std::string> names;
  for (counted_field& field : counted_fields(rules)) names.push_back(std::move(field.name));
  return names;
}

core::event_rules without_secrets(core::event_rules rules) {
  const auto replace = [](core::method_rule& rule) {
    core::field_method& method = rule.method;
    if (method == core::field_method::ipcrypt || method == core::field_method::ipcrypt_pfx)
      method = core::field_method::truncate_ip;
    else if (method == core::field_method::encrypt)
      method = core::field_method::pseudonym;
  };
  for (core::field_rule& field : rules.fields) replace(field.method);
  for (core::header_rule& header : rules.headers) replace(header.method);
  replace(rules.other_headers);
  replace(rules.key);
  return rules;
}

}  // namespace turnstile::event
