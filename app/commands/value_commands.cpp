#include "app/commands/value_commands.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include <CLI/CLI.hpp>

#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "event/methods/field_method.hpp"
#include "event/methods/load_keys.hpp"
#include "event/methods/reveal.hpp"
#include "event/path.hpp"

namespace turnstile::app {

namespace {

constexpr std::size_t line_bytes_max = std::size_t{1} << 20U;

constexpr const char* pseudonym_help_end =
    "Prints one line for each value. The rule of PATH says how: digits, canonical form, scope.\n"
    "\n"
    "Examples:\n"
    "  turnstile pseudonym -c turnstile.toml ip 203.0.113.7\n"
    "  turnstile pseudonym -c turnstile.toml device_id < devices.txt\n"
    "\n"
    "Exit codes: 0 well, 1 a value has no pseudonym, 78 bad configuration or no such rule.";

constexpr const char* reveal_help_end =
    "Prints the JSON token of each value, and null where it does not come from this rule and key.\n"
    "\n"
    "Examples:\n"
    "  turnstile reveal -c turnstile.toml client.ip efc7:81ad:9d56:80db:54a:7789:4d03:59cf\n"
    "  jq -r .email outputs.json | turnstile reveal -c turnstile.toml email\n"
    "\n"
    "Exit codes: 0 well, 1 a value could not be opened, 78 bad configuration or no such rule.";

/// What becomes of one value; nothing: it cannot be done.
using conversion = std::function<std::optional<std::string>(std::string_view)>;

/// A line of standard input without its end; nothing behind the last.
bool read_line(std::string& line, bool& too_long) {
  line.clear();
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return true;
    too_long = too_long || line.size() == line_bytes_max;
    if (!too_long) line += static_cast<char>(c);
  }
  return !line.empty();
}

/// Counts from 1. No message repeats a value: it may be personal.
bool convert(std::string_view value, std::size_t number, std::string_view none,
             const conversion& to) {
  const auto converted = core::is_valid_utf8(value) ? to(value) : std::nullopt;
  const std::string_view printed = converted ? std::string_view(*converted) : none;
  std::printf("%.*s\n", static_cast<int>(printed.size()), printed.data());
  if (!converted) complain("value " + std::to_string(number) + " cannot be taken by its rule");
  return converted.has_value();
}

int convert_all(const value_args& args, std::string_view none, const conversion& to) {
  bool well = true;
  std::size_t number = 0;
  for (const std::string& value : args.values) well = convert(value, ++number, none, to) && well;
  std::string line;
  bool too_long = false;
  while (args.values.empty() && read_line(line, too_long)) {
    if (too_long) {
      complain("line " + std::to_string(number + 1) + " has more than 1 MiB");
      return exit_failed;
    }
    well = convert(line, ++number, none, to) && well;
  }
  return well ? exit_ok : exit_failed;
}

/// The rule of a path, where there is one that does what is asked.
const core::method_rule* rule_of(const core::event_rules& rules, const std::string& path,
                                 const std::function<bool(const core::method_rule&)>& fits) {
  const auto rule = std::ranges::find(rules.fields, path, &core::field_rule::path);
  return rule != rules.fields.end() && fits(rule->method) ? &rule->method : nullptr;
}

struct path_rule {
  std::string path;
  core::method_rule method;
  event::method_keys keys;
};

/// Complains where there is none.
std::optional<path_rule> load_rule(const value_args& args, const command_input& input,
                                   std::string_view what,
                                   const std::function<bool(const core::method_rule&)>& fits) {
  const core::settings& settings = input.config.values;
  const event::parsed_path parsed = event::parse_path(args.path);
  const std::string path = parsed.fault.empty() ? event::path_text(parsed.value) : args.path;
  const core::method_rule* const rule = rule_of(settings.event, path, fits);
  if (!rule) {
    complain("no rule " + std::string(what) + " " + core::quoted_short(path));
    return std::nullopt;
  }
  auto loaded = event::load_method_keys({.pseudonyms = settings.privacy.hmac_key_file,
                                         .ipcrypt = settings.privacy.ipcrypt_key_file,
                                         .ipcrypt_pfx = settings.privacy.ipcrypt_pfx_key_file});
  if (const auto* fault = std::get_if<event::key_file_fault>(&loaded)) {
    complain(fault->option + ": " + fault->error);
    return std::nullopt;
  }
  return path_rule{path, *rule, std::get<event::loaded_keys>(std::move(loaded)).keys};
}

int print_pseudonyms(const value_args& args, const command_input& input) {
  const auto rule = load_rule(args, input, "makes a pseudonym of", [](const auto& method) {
    return method.method == core::field_method::pseudonym;
  });
  if (!rule) return exit_configuration;
  const auto method = event::field_method::make(rule->method, rule->path, rule->keys);
  return convert_all(args, "", [&](std::string_view value) -> std::optional<std::string> {
    const std::string token = core::quoted(value);
    std::string room(method->bytes_max(token.size()), '\0');
    char* end = room.data();
    if (method->apply({core::json_kind::string, token, value}, end) != event::applied::written)
      return std::nullopt;
    const std::string_view written(room.data(), end);
    if (!written.starts_with('"')) return std::nullopt;
    return std::string(written.substr(1, written.size() - 2));
  });
}

int print_revealed(const value_args& args, const command_input& input) {
  const auto rule = load_rule(args, input, "that can be undone treats",
                              [](const auto& method) { return event::can_reveal(method.method); });
  if (!rule) return exit_configuration;
  return convert_all(args, "null", [&](std::string_view value) {
    return event::reveal(rule->method, rule->path, value, rule->keys);
  });
}

void add_options(CLI::App& to, value_args& args) {
  to.add_option("path", args.path, "Path of a rule, as the configuration has it")
      ->type_name("PATH")
      ->required();
  to.add_option("value", args.values, "Values; without any, the lines of standard input")
      ->type_name("VALUE");
}

}  // namespace

command_of<value_args> pseudonym_command() {
  return {.words = {.name = "pseudonym",
                    .about = "The pseudonym that a value of a path has",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = pseudonym_help_end},
          .add_options = add_options,
          .run = print_pseudonyms};
}

command_of<value_args> reveal_command() {
  return {.words = {.name = "reveal",
                    .about = "What an encrypted value of a path was",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = reveal_help_end},
          .add_options = add_options,
          .run = print_revealed};
}

}  // namespace turnstile::app
