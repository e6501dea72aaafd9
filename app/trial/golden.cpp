#include "app/trial/golden.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "app/trial/account_text.hpp"
#include "core/json_text.hpp"
#include "core/quoting.hpp"
#include "event/field_account.hpp"

namespace turnstile::app {

namespace {

std::string path_of(const std::string& folder, const golden_case& one, std::string_view ending) {
  return (std::filesystem::path{folder} / (one.name + std::string(ending))).string();
}

/// What the case's event becomes, or why it cannot be read.
std::variant<tried_event, std::string> tried(const std::string& folder, const golden_case& one,
                                             const trial& rules) {
  auto input = read_file((std::filesystem::path{folder} / one.input).string());
  if (!input.fault.empty()) return input.fault;
  // An editor ends a file with a line; of an event of other bytes nothing is taken away.
  if (one.input.ends_with(".json") && input.bytes.ends_with('\n')) input.bytes.pop_back();
  return rules.run({.value = std::move(input.bytes), .key = std::nullopt, .headers = {}});
}

/// Without blanks between tokens, so that an expectation may be written for people.
std::string compact(const std::string& text) {
  std::string out(text.size(), '\0');
  char* const end = core::write_compact(out.data(), text);
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

std::string lines_of(std::string_view mark, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out += "    " + std::string(mark) + " " + core::printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values) core::append_item(out, core::printable(value));
  return out.empty() ? "nothing" : out;
}

/// By path where both are JSON objects, else line by line.
std::string value_difference(const std::string& expected, const std::string& got) {
  core::event_rules all;
  std::string out;
  for (const auto& field : event::account_fields(all, expected, got))
    if (field.fate != event::field_fate::kept)
      out += "    " + core::printable(field.path) + ": expected " + joined(field.before) +
             ", got " + joined(field.after) + "\n";
  for (const auto& field : event::account_fields(all, got, expected))
    if (field.fate == event::field_fate::left_out)
      out += "    " + core::printable(field.path) + ": expected nothing, got " +
             joined(field.before) + "\n";
  return out.empty() ? lines_of("-", expected) + lines_of("+", got) : out;
}

}  // namespace

golden_outcome outcome_of(const tried_event& tried) {
  if (tried.outcome == core::outcome::processed)
    return {".out.json", tried.value.value_or("null") + "\n"};
  if (tried.outcome == core::outcome::filtered) return {".filtered", clean_type_of(tried) + "\n"};
  return {".error", std::string(core::name_of(*tried.reason)) + "\n"};
}

std::string difference(const std::string& folder, const golden_case& one, const trial& rules) {
  const auto result = tried(folder, one, rules);
  if (const auto* fault = std::get_if<std::string>(&result)) return "    " + *fault + "\n";
  const auto got = outcome_of(std::get<tried_event>(result));
  std::error_code ignored;
  for (const auto ending : outcome_endings) {
    const std::string file = path_of(folder, one, ending);
    if (!std::filesystem::exists(file, ignored)) continue;
    const auto expected = read_file(file);
    if (!expected.fault.empty()) return "    " + expected.fault + "\n";
    if (ending != got.ending)
      return "    expected " + one.name + std::string(ending) + ", got\n" +
             lines_of("+", got.bytes);
    if (ending != ".out.json") {
      const auto& made = std::get<tried_event>(result);
      // Whoever cares may keep in a second line what the error says.
      const bool same = expected.bytes == got.bytes ||
                        expected.bytes == got.bytes + core::printable(made.error_type) + "\n";
      return same ? "" : lines_of("-", expected.bytes) + lines_of("+", got.bytes);
    }
    const auto wanted = compact(expected.bytes);
    const auto made = compact(got.bytes);
    return wanted == made ? "" : value_difference(wanted, made);
  }
  return "    nothing is expected yet (--update writes it), got\n" + lines_of("+", got.bytes);
}

std::string update(const std::string& folder, const golden_case& one, const trial& rules) {
  const auto result = tried(folder, one, rules);
  if (const auto* fault = std::get_if<std::string>(&result)) return *fault;
  const auto got = outcome_of(std::get<tried_event>(result));
  std::error_code ignored;
  for (const auto ending : outcome_endings)
    if (ending != got.ending) std::filesystem::remove(path_of(folder, one, ending), ignored);
  return write_file(path_of(folder, one, got.ending), got.bytes);
}

}  // namespace turnstile::app
