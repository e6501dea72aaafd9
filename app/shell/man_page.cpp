#include "app/shell/man_page.hpp"

#include <algorithm>
#include <vector>

namespace turnstile::app {

namespace {

/// Within a line: a backslash begins an escape, and a bare - is a hyphen that no shell takes.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

/// Text of its own line: a dot or an apostrophe at its begin would be a request.
std::string line_of(std::string_view text) {
  std::string line = escaped(text);
  if (line.starts_with('.') || line.starts_with('\'')) line.insert(0, "\\&");
  return line + "\n";
}

std::string sentence_of(const std::string& text) {
  return line_of(text.ends_with('.') ? text : text + ".");
}

/// As it is, with its own line ends.
std::string verbatim(std::string_view text) {
  std::string out = ".nf\n";
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += end == 0 ? ".sp\n" : line_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + ".fi\n";
}

std::string option_item(const option_words& option) {
  std::string names;
  if (!option.is_positional)
    for (const auto& name : option.names)
      names += (names.empty() ? "" : ", ") + ("\\fB" + escaped(name) + "\\fR");
  if (!option.value.empty())
    names += (names.empty() ? "" : " ") + ("\\fI" + escaped(option.value) + "\\fR");
  std::string item = ".TP\n" + names + "\n" + sentence_of(option.about);
  if (!option.choices.empty() && option.about.find(option.choices.front()) == std::string::npos) {
    std::string list;
    for (const auto& choice : option.choices) list += (list.empty() ? "" : ", ") + choice;
    item += line_of("One of " + list + ".");
  }
  if (!option.preset.empty()) item += line_of("Default: " + option.preset + ".");
  return item;
}

bool is_help(const option_words& option) { return option.names.back() == "-h"; }

std::string synopsis_of(const subcommand_words& command) {
  std::string text = "\\fBturnstile " + escaped(command.name) + "\\fR [\\fIoptions\\fR]";
  for (const auto& option : command.options)
    if (option.is_positional)
      text += " [\\fI" + escaped(option.value) + (option.is_repeatable ? " ...\\fR]" : "\\fR]");
  return text;
}

std::string command_section(const subcommand_words& command) {
  std::string text = ".SS " + escaped(command.name) + "\n" + synopsis_of(command) + "\n.PP\n" +
                     sentence_of(command.about);
  for (const auto& option : command.options)
    if (!option.is_configuration && !is_help(option)) text += option_item(option);
  std::string shared;
  for (const auto& option : command.options)
    if (option.is_configuration)
      shared += (shared.empty() ? "" : ", ") + ("\\fB" + escaped(option.names.front()) + "\\fR");
  if (!shared.empty()) text += ".PP\nOf the configuration: " + shared + ".\n";
  if (!command.footer.empty()) text += ".PP\n" + verbatim(command.footer);
  return text;
}

/// Each once, as the first command that has it tells it.
std::vector<option_words> configuration_of(const program_words& program) {
  std::vector<option_words> shared;
  for (const auto& command : program.commands)
    for (const auto& option : command.options)
      if (option.is_configuration &&
          std::ranges::find(shared, option.names, &option_words::names) == shared.end())
        shared.push_back(option);
  return shared;
}

}  // namespace

std::string man_page(const program_words& program, std::string_view version) {
  std::string text = ".\\\" As 'turnstile man' prints it.\n.TH TURNSTILE 1 \"\" \"turnstile " +
                     escaped(version) +
                     "\" \"User Commands\"\n"
                     ".SH NAME\n"
                     "turnstile \\- pseudonymises events from Kafka to Kafka\n"
                     ".SH SYNOPSIS\n"
                     "\\fBturnstile\\fR \\fIcommand\\fR [\\fIoptions\\fR]\n"
                     ".SH DESCRIPTION\n" +
                     verbatim(program.about) + ".SH OPTIONS\n";
  for (const auto& option : program.options) text += option_item(option);
  text +=
      ".SH CONFIGURATION\n"
      "Most commands read the configuration from files, over these from environment variables such "
      "as\n"
      "\\fBTURNSTILE_KAFKA_BROKERS\\fR, and over these from the command line.\n"
      "\\fBturnstile check \\-\\-print\\-example\\fR prints a file with every option.\n";
  for (const auto& option : configuration_of(program)) text += option_item(option);
  text += ".SH COMMANDS\n";
  for (const auto& command : program.commands) text += command_section(command);
  return text + ".SH EXAMPLES AND EXIT STATUS\n" + verbatim(program.footer);
}

}  // namespace turnstile::app
