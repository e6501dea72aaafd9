#include "app/shell/completion.hpp"

#include <map>

namespace turnstile::app {

namespace {

/// What stands behind an option or in the place of an argument.
enum class expects { nothing, anything, choice, file, folder, setting };

expects expected_by(const option_words& option) {
  if (option.value.empty()) return expects::nothing;
  if (!option.choices.empty()) return expects::choice;
  if (option.value == "FILE") return expects::file;
  if (option.value == "DIR") return expects::folder;
  return option.value == "TABLE.KEY=VALUE" ? expects::setting : expects::anything;
}

std::string joined(const std::vector<std::string>& items, std::string_view between,
                   std::string_view behind = {}) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += between;
    text += item;
    text += behind;
  }
  return text;
}

/// The first sentence: a menu has one line.
std::string short_text(const std::string& about) { return about.substr(0, about.find(". ")); }

/// `'…'`, in which only the quote itself means something.
std::string quoted_for_sh(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string quoted_for_fish(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::vector<std::string> names_of(const program_words& program) {
  std::vector<std::string> names;
  for (const auto& command : program.commands) names.push_back(command.name);
  return names;
}

// bash

std::string bash_action(const option_words& option) {
  switch (expected_by(option)) {
    case expects::choice:
      return "words=" + quoted_for_sh(joined(option.choices, " "));
    case expects::file:
      return "_turnstile_paths -f && return";
    case expects::folder:
      return "_turnstile_paths -d && return";
    case expects::setting:
      return "words=$_turnstile_settings && compopt -o nospace";
    default:
      return "return";
  }
}

/// A pattern of `COMMAND:PREVIOUS` for each option with a value; one for all commands where it
/// means the same in each.
std::string bash_values(const program_words& program) {
  std::map<std::string, std::map<std::string, std::vector<std::string>>> by_name;
  for (const auto& command : program.commands)
    for (const auto& option : command.options)
      if (!option.is_positional && expected_by(option) != expects::nothing)
        for (const auto& name : option.names)
          by_name[name][bash_action(option)].push_back(command.name + ":" + name);
  std::map<std::string, std::vector<std::string>> by_action;
  for (const auto& [name, actions] : by_name)
    for (const auto& [action, patterns] : actions) {
      auto& to = by_action[action];
      if (actions.size() == 1)
        to.push_back("*:" + name);
      else
        to.insert(to.end(), patterns.begin(), patterns.end());
    }
  std::string text;
  for (const auto& [action, patterns] : by_action)
    text += "    " + joined(patterns, " | ") + ") " + action + " ;;\n";
  return text;
}

std::string bash_words(const program_words& program) {
  const std::string commands = joined(names_of(program), " ");
  std::string text =
      "        '') words=" + quoted_for_sh(commands + " help " + "--help --version") + " ;;\n" +
      "        help) words=" + quoted_for_sh(commands) + " ;;\n";
  for (const auto& command : program.commands) {
    std::vector<std::string> words;
    std::string files;
    for (const auto& option : command.options) {
      const auto& from = option.is_positional ? option.choices : option.names;
      words.insert(words.end(), from.begin(), from.end());
      const auto kind = option.is_positional ? expected_by(option) : expects::nothing;
      if (kind == expects::file || kind == expects::folder)
        files = " && [[ $current != -* ]] && " + bash_action(option);
    }
    text += "        " + command.name + ") words=" + quoted_for_sh(joined(words, " ")) + files +
            " ;;\n";
  }
  return text;
}

std::string bash_script(const program_words& program, const std::vector<std::string>& settings) {
  return "# Completion of turnstile for bash, as 'turnstile completion bash' prints it.\n"
         "\n"
         "_turnstile_settings=" +
         quoted_for_sh(joined(settings, " ", "=")) +
         "\n"
         "\n"
         "_turnstile_paths() {\n"
         "  compopt -o filenames\n"
         "  mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$current\")\n"
         "}\n"
         "\n"
         "_turnstile() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local command='' words='' i\n"
         "  COMPREPLY=()\n"
         "  # An = is a word of its own, as in --from=end.\n"
         "  [[ $current != = ]] || current=''\n"
         "  [[ $previous != = ]] || previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    [[ ${COMP_WORDS[i]} == -* ]] || { command=${COMP_WORDS[i]} && break; }\n"
         "  done\n"
         "  case $command:$previous in\n" +
         bash_values(program) +
         "    *)\n"
         "      case $command in\n" +
         bash_words(program) +
         "      esac\n"
         "      ;;\n"
         "  esac\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "}\n"
         "\n"
         "complete -F _turnstile turnstile\n";
}

// zsh

/// For one part of a specification of _arguments, in which colons and brackets divide.
std::string zsh_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_value(const option_words& option) {
  const std::string message = ":" + zsh_part(option.value) + ":";
  switch (expected_by(option)) {
    case expects::nothing:
      return "";
    case expects::choice:
      return message + "(" + joined(option.choices, " ") + ")";
    case expects::file:
      return message + "_files";
    case expects::folder:
      return message + "_files -/";
    case expects::setting:
      return message + "_turnstile_settings";
    case expects::anything:
      break;
  }
  return message + " ";
}

std::string zsh_specs(const std::vector<option_words>& options) {
  std::string text;
  for (const auto& option : options) {
    if (option.is_positional) {
      text +=
          " \\\n        " + quoted_for_sh((option.is_repeatable ? "*" : "") + zsh_value(option));
      continue;
    }
    const std::string about = "[" + zsh_part(short_text(option.about)) + "]" + zsh_value(option);
    const std::string others = option.is_repeatable ? "*" : "(" + joined(option.names, " ") + ")";
    for (const auto& name : option.names)
      text += " \\\n        " + quoted_for_sh(others + name + about);
  }
  return text;
}

std::string zsh_script(const program_words& program, const std::vector<std::string>& settings) {
  std::string text =
      "#compdef turnstile\n"
      "# Completion of turnstile for zsh, as 'turnstile completion zsh' prints it.\n"
      "\n"
      "_turnstile_settings() {\n"
      "  local -a settings=(" +
      joined(settings, " ") +
      ")\n"
      "  compadd -S = -- $settings\n"
      "}\n"
      "\n"
      "_turnstile() {\n"
      "  local context state state_descr line\n"
      "  typeset -A opt_args\n"
      "  local -a commands=(\n";
  for (const auto& command : program.commands)
    text += "    " + quoted_for_sh(zsh_part(command.name) + ":" + command.about) + "\n";
  text += "    'help:Show the help of a command'\n  )\n  _arguments -C" +
          zsh_specs(program.options) +
          " \\\n        '1:command:->command' '*::argument:->argument' && return\n"
          "  case $state in\n"
          "    command) _describe -t commands command commands ;;\n"
          "    argument)\n"
          "      case $words[1] in\n"
          "        help) _describe -t commands command commands ;;\n";
  for (const auto& command : program.commands)
    text += "        " + command.name + ") _arguments" + zsh_specs(command.options) + " ;;\n";
  return text +
         "      esac\n"
         "      ;;\n"
         "  esac\n"
         "}\n"
         "\n"
         "if [[ $funcstack[1] == _turnstile ]]; then _turnstile \"$@\"; "
         "else compdef _turnstile turnstile; fi\n";
}

// fish

std::string fish_option(const std::string& condition, const option_words& option) {
  std::string line = "complete -c turnstile -n " + quoted_for_fish(condition);
  for (const auto& name : option.is_positional ? std::vector<std::string>{} : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  switch (expected_by(option)) {
    case expects::nothing:
      break;
    case expects::choice:
      line += std::string(option.is_positional ? "" : " -x") + " -a " +
              quoted_for_fish(joined(option.choices, " "));
      break;
    case expects::file:
    case expects::folder:
      line += option.is_positional ? " -F" : " -r -F";
      break;
    case expects::setting:
      line += " -x -a \"$__turnstile_settings\"";
      break;
    case expects::anything:
      if (option.is_positional) return {};
      line += " -x";
      break;
  }
  return line + " -d " + quoted_for_fish(short_text(option.about)) + "\n";
}

std::string fish_script(const program_words& program, const std::vector<std::string>& settings) {
  const std::string first = "__fish_use_subcommand";
  std::string text =
      "# Completion of turnstile for fish, as 'turnstile completion fish' prints it.\n"
      "\n"
      "set -g __turnstile_settings " +
      quoted_for_fish(joined(settings, " ", "=")) + "\ncomplete -c turnstile -f\n";
  for (const auto& option : program.options) text += fish_option(first, option);
  for (const auto& command : program.commands)
    text += "complete -c turnstile -n " + first + " -a " + command.name + " -d " +
            quoted_for_fish(command.about) + "\n";
  text += "complete -c turnstile -n " + first + " -a help -d 'Show the help of a command'\n";
  text += "complete -c turnstile -n '__fish_seen_subcommand_from help' -a " +
          quoted_for_fish(joined(names_of(program), " ")) + "\n";
  for (const auto& command : program.commands) {
    // `help watch` has seen both.
    const std::string condition = "__fish_seen_subcommand_from " + command.name +
                                  "; and not __fish_seen_subcommand_from help";
    for (const auto& option : command.options) text += fish_option(condition, option);
  }
  return text;
}

}  // namespace

std::string completion_script(std::string_view shell, const program_words& program,
                              const std::vector<std::string>& settings) {
  if (shell == "bash") return bash_script(program, settings);
  return shell == "zsh" ? zsh_script(program, settings) : fish_script(program, settings);
}

}  // namespace turnstile::app
