#include "app/terminal/event_table.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "app/terminal/text_width.hpp"
#include "core/json_text.hpp"
#include "core/quoting.hpp"
#include "event/json_event.hpp"

namespace turnstile::app {

namespace {

constexpr std::size_t name_width_max = 20;
constexpr std::size_t value_width_max = 66;
constexpr std::size_t value_bytes_max = 1000;

struct table_row {
  char mark = ' ';
  std::string name;
  std::string before;
  std::string after;
};

std::string compacted(std::string_view json) {
  std::string out(json.size(), '\0');
  out.resize(static_cast<std::size_t>(core::write_compact(out.data(), json) - out.data()));
  return out;
}

/// A string without its quotes: what is a string shows by itself.
std::string shown(const event::json_field& field) {
  const bool text = field.kind == core::json_kind::string;
  return core::printable(
      (text ? std::string{field.text} : compacted(field.raw)).substr(0, value_bytes_max));
}

const event::json_field* field_of(const event::json_event& event, std::string_view name) {
  const auto found = std::ranges::find(event.fields(), name, &event::json_field::name);
  return found == event.fields().end() ? nullptr : &*found;
}

/// The output's fields in its order, those of an event within it below its name.
class comparison {
public:
  explicit comparison(const event::json_event& input) : input_(input) {}

  void add(const event::json_event& output) {
    // An error record: the event is one of its fields, and what else it has is its own.
    event::json_event inner;
    const auto is_event = [&](const event::json_field& field) {
      return field.kind == core::json_kind::object && field_of(input_, field.name) == nullptr &&
             !inner.parse(field.raw, event::json_bytes_max);
    };
    const bool wraps = std::ranges::any_of(output.fields(), is_event);
    for (const auto& field : output.fields()) {
      if (wraps && is_event(field)) {
        rows.push_back({'+', core::printable(field.name), "", ""});
        for (const auto& part : inner.fields()) add_field(part, "  ", false);
      } else {
        add_field(field, "", wraps);
      }
    }
  }

  void add_what_is_gone() {
    for (const auto& field : input_.fields()) {
      if (seen_.contains(std::string{field.name})) continue;
      rows.push_back({'-', core::printable(field.name), shown(field), ""});
    }
  }

  std::vector<table_row> rows;

private:
  void add_field(const event::json_field& field, const std::string& indent, bool own) {
    table_row row{'+', indent + core::printable(field.name), "", shown(field)};
    const auto* before = field_of(input_, field.name);
    const bool same = before != nullptr && compacted(before->raw) == compacted(field.raw);
    if (before != nullptr && (same || !own)) {
      seen_.emplace(field.name);
      row.before = shown(*before);
      row.mark = same ? ' ' : '*';
    }
    rows.push_back(std::move(row));
  }

  const event::json_event& input_;
  std::set<std::string, std::less<>> seen_;
};

colour colour_of(char mark) {
  return mark == '*' ? colour::green : mark == '+' ? colour::cyan : colour::none;
}

}  // namespace

std::string event_table(const event_side& before, const event_side& after, std::size_t width,
                        const painter& paint) {
  event::json_event input;
  event::json_event output;
  comparison compared{input};
  if (input.parse(before.value, event::json_bytes_max) ||
      output.parse(after.value, event::json_bytes_max)) {
    // What is no object has no fields to compare.
    compared.rows.push_back(
        {'*', "value", core::printable(before.value), core::printable(after.value)});
  } else {
    compared.add(output);
    compared.add_what_is_gone();
  }
  std::size_t name_width = 0;
  for (auto& row : compared.rows) {
    row.name = fitted(row.name, name_width_max);
    name_width = std::max(name_width, columns(row.name));
  }
  // "  * name  before  after"
  const std::size_t taken = 4 + name_width + 4;
  const std::size_t room = std::max(width, event_table_width_min) - std::min(width, taken);
  const std::size_t value_width = std::min(value_width_max, room / 2);
  const auto line = [&](const table_row& row, colour name, colour left, colour right) {
    std::string text = "  " + paint(right, std::string{row.mark}) + " ";
    const std::string was = fitted(row.before, value_width);
    if (was.empty() && row.after.empty()) return text + paint(name, row.name) + "\n";
    text += paint(name, padded(row.name, name_width)) + "  ";
    if (row.after.empty()) return text + paint(left, was) + "\n";
    text += paint(left, padded(was, value_width));
    return text + "  " + paint(right, fitted(row.after, value_width)) + "\n";
  };
  std::string text = line({' ', "", std::string{before.place}, std::string{after.place}},
                          colour::none, colour::bold, colour::bold);
  for (const auto& row : compared.rows) {
    text += line(row, colour::dim, colour::none, colour_of(row.mark));
  }
  return text;
}

}  // namespace turnstile::app
