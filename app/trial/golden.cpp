#include "app/trial/golden.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "app/trial/account_text.hpp"
#include "app/trial/golden_record.hpp"
#include "core/json_text.hpp"
#include "core/quoting.hpp"
#include "event/field_account.hpp"

namespace turnstile::app {

namespace {

std::string path_of(const std::string& folder, const golden_case& one, std::string_view ending) {
  return (std::filesystem::path{folder} / (one.name + std::string(ending))).string();
}

bool has_file(const std::string& folder, const golden_case& one, std::string_view ending) {
  std::error_code ignored;
  return std::filesystem::exists(path_of(folder, one, ending), ignored);
}

/// What the case's event becomes, or why it cannot be read.
std::variant<tried_event, std::string> tried(const std::string& folder, const golden_case& one,
                                             const trial& rules) {
  auto input = read_file((std::filesystem::path{folder} / one.input).string());
  if (!input.fault.empty()) return input.fault;
  // An editor ends a file with a line; of an event of other bytes nothing is taken away.
  if (one.input.ends_with(".json") && input.bytes.ends_with('\n')) input.bytes.pop_back();
  given_event event{.value = std::move(input.bytes), .key = std::nullopt, .headers = {}};
  if (has_file(folder, one, record_input_ending)) {
    const auto record = read_file(path_of(folder, one, record_input_ending));
    if (!record.fault.empty()) return record.fault;
    if (const auto fault = read_record(record.bytes, event); !fault.empty())
      return core::printable(one.name) + std::string(record_input_ending) + ": " + fault;
  }
  return rules.run(event);
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

/// Of the record beside its value.
std::string record_difference(const std::string& folder, const golden_case& one,
                              const tried_event& made) {
  const bool is_expected = has_file(folder, one, record_outcome_ending);
  if (!is_expected && !has_file(folder, one, record_input_ending)) return {};
  const auto got = record_json(made);
  if (!is_expected)
    return "    nothing is expected yet of key and headers (--update writes it), got\n" +
           lines_of("+", got);
  const auto expected = read_file(path_of(folder, one, record_outcome_ending));
  if (!expected.fault.empty()) return "    " + expected.fault + "\n";
  if (compact(expected.bytes) == compact(got)) return {};
  return lines_of("-", expected.bytes) + lines_of("+", got);
}

/// Of the outcome's file, whose ending is the outcome's own.
std::string outcome_difference(const std::string& file, const golden_outcome& got,
                               const tried_event& made) {
  const auto expected = read_file(file);
  if (!expected.fault.empty()) return "    " + expected.fault + "\n";
  if (got.ending == ".out.json") {
    const auto wanted = compact(expected.bytes);
    const auto value = compact(got.bytes);
    return wanted == value ? "" : value_difference(wanted, value);
  }
  // Whoever cares may keep in a second line what the error says.
  const bool same = expected.bytes == got.bytes ||
                    expected.bytes == got.bytes + core::printable(made.error_type) + "\n";
  return same ? "" : lines_of("-", expected.bytes) + lines_of("+", got.bytes);
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
  const auto& made = std::get<tried_event>(result);
  const auto got = outcome_of(made);
  for (const auto ending : outcome_endings) {
    if (!has_file(folder, one, ending)) continue;
    if (ending != got.ending)
      return "    expected " + one.name + std::string(ending) + ", got\n" +
             lines_of("+", got.bytes);
    return outcome_difference(path_of(folder, one, ending), got, made) +
           record_difference(folder, one, made);
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
  auto fault = write_file(path_of(folder, one, got.ending), got.bytes);
  if (fault.empty() && has_file(folder, one, record_input_ending))
    fault = write_file(path_of(folder, one, record_outcome_ending),
                       record_json(std::get<tried_event>(result)));
  return fault;
}

}  // namespace turnstile::app
