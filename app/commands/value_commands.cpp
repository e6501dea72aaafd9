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
#include "config/rules/attributes.hpp"
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
    "With a folder of keys it is a line for each key: the key's id, a tab, the pseudonym.\n"
    "\n"
    "Examples:\n"
    "  turnstile pseudonym -c turnstile.toml ip 203.0.113.7\n"
    "  turnstile pseudonym -c turnstile.toml --key-dir /etc/turnstile/keys --key 2025 ip ::1\n"
    "  turnstile pseudonym -c turnstile.toml device_id < devices.txt\n"
    "\n"
    "Exit codes: 0 well, 1 a value has no pseudonym, 78 bad configuration or no such rule.";

constexpr const char* reveal_help_end =
    "Prints the JSON token of each value, and null where it does not come from this rule and key.\n"
    "With a folder of keys all are tried. Where several open an address, each prints a line, the\n"
    "key's id, a tab, the token: the record's header turnstile-key says which is right.\n"
    "\n"
    "Examples:\n"
    "  turnstile reveal -c turnstile.toml client.ip efc7:81ad:9d56:80db:54a:7789:4d03:59cf\n"
    "  jq -r .email outputs.json | turnstile reveal -c turnstile.toml email\n"
    "\n"
    "Exit codes: 0 well, 1 a value could not be opened, 78 bad configuration or no such rule.";

/// What is printed of one value; nothing: it cannot be done.
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

/// What a command asks of the rule of its path.
struct wanted_rule {
  std::string_view why_not;  ///< Behind the method of one that does not do.
  std::string_view others;   ///< Before the paths of those that do.
  bool (*fits)(core::field_method method);
};

constexpr std::size_t others_shown_max = 8;

std::string those_that_do(const core::event_rules& rules, const wanted_rule& wanted) {
  std::string paths;
  std::size_t count = 0;
  for (const auto& rule : rules.fields)
    if (wanted.fits(rule.method.method) && ++count <= others_shown_max)
      core::append_item(paths, core::quoted_short(rule.path));
  if (count > others_shown_max) paths += ", …";
  return "; " + std::string(wanted.others) + ": " + (count == 0 ? "none" : paths);
}

/// The rule of a path; complains where there is none that does what is asked.
const core::method_rule* rule_of(const core::event_rules& rules, const std::string& path,
                                 const wanted_rule& wanted) {
  const auto rule = std::ranges::find(rules.fields, path, &core::field_rule::path);
  const bool is_there = rule != rules.fields.end();
  if (is_there && wanted.fits(rule->method.method)) return &rule->method;
  complain((is_there ? "the rule of " + core::quoted_short(path) + " has the method " +
                           std::string(core::name_of(rule->method.method)) + ", " +
                           std::string(wanted.why_not)
                     : "no rule names the path " + core::quoted_short(path)) +
           those_that_do(rules, wanted));
  return nullptr;
}

struct path_rule {
  std::string path;
  core::method_rule method;
  std::vector<event::loaded_keys> keys;
  bool is_named = false;  ///< What is printed, by the id of its key.
};

/// What one key makes of a value.
struct answer {
  std::string key;
  std::string text;
};

std::string lines_of(const std::vector<answer>& answers) {
  std::string lines;
  for (const answer& one : answers)
    lines += (lines.empty() ? "" : "\n") + one.key + "\t" + one.text;
  return lines;
}

/// Leaves the one that is asked for. False, with a complaint: it is not there.
bool choose(const std::string& id, std::vector<event::loaded_keys>& from) {
  if (id.empty()) return true;
  std::string there;
  for (const auto& one : from) core::append_item(there, one.id, ", ");
  std::erase_if(from, [&id](const auto& one) { return one.id != id; });
  if (from.empty())
    complain("--key: there is no key " + core::quoted_short(id) +
             (there.empty() ? "" : ", there are: " + there));
  return !from.empty();
}

/// Complains where they cannot be had.
std::optional<std::vector<event::loaded_keys>> load_keys(const value_args& args,
                                                         const core::settings& settings) {
  event::key_files files = event::key_files_of(settings);
  if (!args.key_dir.empty()) {
    files.ring = args.key_dir;
    files.pseudonyms.clear();
  }
  auto loaded = event::load_every_key(files);
  if (const auto* fault = std::get_if<event::key_file_fault>(&loaded)) {
    const bool is_argument = fault->option == "privacy.key_dir" && !args.key_dir.empty();
    complain((is_argument ? "--key-dir" : fault->option) + ": " + fault->error);
    return std::nullopt;
  }
  auto keys = std::get<std::vector<event::loaded_keys>>(std::move(loaded));
  return choose(args.key, keys) ? std::optional{std::move(keys)} : std::nullopt;
}

/// Complains where there is none.
std::optional<path_rule> load_rule(const value_args& args, const command_input& input,
                                   const wanted_rule& wanted) {
  const core::settings& settings = input.config.values;
  const event::parsed_path parsed = event::parse_path(args.path);
  const std::string path = parsed.fault.empty() ? event::path_text(parsed.value) : args.path;
  const core::method_rule* const rule = rule_of(settings.event, path, wanted);
  if (!rule) return std::nullopt;
  auto keys = load_keys(args, settings);
  if (!keys) return std::nullopt;
  const bool has_ring = !args.key_dir.empty() || !settings.privacy.key_dir.empty();
  return path_rule{path, *rule, *std::move(keys), has_ring && args.key.empty()};
}

std::optional<std::string> pseudonym_of(const event::field_method& method, std::string_view value) {
  const std::string token = core::quoted(value);
  std::string room(method.bytes_max(token.size()), '\0');
  char* end = room.data();
  if (method.apply({core::json_kind::string, token, value}, end) != event::applied::written)
    return std::nullopt;
  const std::string_view written(room.data(), end);
  if (!written.starts_with('"')) return std::nullopt;
  return std::string(written.substr(1, written.size() - 2));
}

int print_pseudonyms(const value_args& args, const command_input& input) {
  const auto rule = load_rule(
      args, input,
      {.why_not = "not pseudonym",
       .others = "paths with pseudonyms",
       .fits = [](core::field_method method) { return method == core::field_method::pseudonym; }});
  if (!rule) return exit_configuration;
  std::vector<std::unique_ptr<const event::field_method>> methods;
  for (const auto& one : rule->keys)
    methods.push_back(event::field_method::make(rule->method, rule->path, one.keys));
  return convert_all(args, "", [&](std::string_view value) -> std::optional<std::string> {
    if (!rule->is_named) return pseudonym_of(*methods.front(), value);
    std::vector<answer> answers;
    for (std::size_t i = 0; i < methods.size(); ++i)
      if (auto text = pseudonym_of(*methods[i], value))
        answers.push_back({rule->keys[i].id, *std::move(text)});
    return answers.empty() ? std::nullopt : std::optional{lines_of(answers)};
  });
}

int print_revealed(const value_args& args, const command_input& input) {
  const auto rule = load_rule(args, input,
                              {.why_not = "which cannot be undone",
                               .others = "paths that can be undone",
                               .fits = event::can_reveal});
  if (!rule) return exit_configuration;
  return convert_all(args, "null", [&](std::string_view value) -> std::optional<std::string> {
    std::vector<answer> answers;
    for (const auto& one : rule->keys)
      if (auto text = event::reveal(rule->method, rule->path, value, one.keys))
        answers.push_back({one.id, *std::move(text)});
    if (answers.empty()) return std::nullopt;
    const bool agree = std::ranges::all_of(
        answers, [&](const answer& one) { return one.text == answers.front().text; });
    return agree ? answers.front().text : lines_of(answers);
  });
}

void add_options(CLI::App& to, value_args& args) {
  to.add_option("--key-dir", args.key_dir,
                "Folder of keys, in place of the configuration's privacy.key_dir or hmac_key_file")
      ->type_name("DIR");
  to.add_option("--key", args.key, "Use this key only, by its id; without: all that are there")
      ->type_name("ID");
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
