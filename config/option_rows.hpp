// How a row of the option table is made for each type of option.
//
// Part of options_table and event_options; templates only.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/option/option_checks.hpp"
#include "config/options.hpp"

/// The place of an option in the settings.
#define TURNSTILE_AT(path) \
  [](auto& s) -> auto& { return s.path; }

namespace turnstile::core {

struct range {
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view unit;
};

template <class Field>
option boolean(std::string_view name, bool standard, std::string_view help, Field field) {
  option row{.name = name, .type = option_type::boolean, .standard = standard, .help = help};
  row.get = [field](const settings& s) { return option_value{field(s)}; };
  row.set = [field](settings& s, const option_value& v) { field(s) = std::get<bool>(v); };
  return row;
}

template <class Field>
option integer(std::string_view name, std::int64_t standard, range bounds, std::string_view help,
               Field field) {
  option row{.name = name, .type = option_type::integer, .standard = standard, .help = help};
  row.min = bounds.min;
  row.max = bounds.max;
  row.unit = bounds.unit;
  row.get = [field](const settings& s) { return option_value{std::int64_t{field(s)}}; };
  row.set = [field](settings& s, const option_value& v) {
    using number = std::remove_reference_t<decltype(field(s))>;
    field(s) = static_cast<number>(std::get<std::int64_t>(v));
  };
  return row;
}

template <class Field>
option text(std::string_view name, std::string standard, text_check check, std::string_view help,
            Field field) {
  option row{.name = name, .standard = std::move(standard), .help = help, .check = check};
  row.get = [field](const settings& s) { return option_value{field(s)}; };
  row.set = [field](settings& s, const option_value& v) { field(s) = std::get<std::string>(v); };
  return row;
}

template <class Field>
option list(std::string_view name, std::vector<std::string> standard, text_check check,
            std::string_view help, Field field) {
  option row{.name = name, .type = option_type::list, .standard = std::move(standard)};
  row.help = help;
  row.check = check;
  row.get = [field](const settings& s) { return option_value{field(s)}; };
  row.set = [field](settings& s, const option_value& v) {
    field(s) = std::get<std::vector<std::string>>(v);
  };
  return row;
}

/// The names of an enumeration stand in the order of its values; `standard` is the default's place.
template <class Field>
option choice(std::string_view name, std::size_t standard, std::vector<std::string_view> names,
              std::string_view help, Field field) {
  option row{.name = name, .type = option_type::choice, .standard = std::string(names[standard])};
  row.names = names;
  row.help = help;
  row.get = [field, names](const settings& s) {
    if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(field(s))>>) {
      return option_value{std::string(names[static_cast<std::size_t>(field(s))])};
    } else {
      return option_value{field(s)};
    }
  };
  row.set = [field, names](settings& s, const option_value& v) {
    using value = std::remove_reference_t<decltype(field(s))>;
    const auto& chosen = std::get<std::string>(v);
    if constexpr (std::is_enum_v<value>) {
      for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == chosen) field(s) = static_cast<value>(i);
    } else {
      field(s) = chosen;
    }
  };
  return row;
}

inline option required(option row) {
  row.required = true;
  return row;
}

/// The rows about events: what is read, kept, pseudonymised, counted.
void add_event_options(std::vector<option>& rows);

}  // namespace turnstile::core
