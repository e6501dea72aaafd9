#include "core/config_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "core/quoting.hpp"

// Header-only, whatever pkg-config says: Debian's shared library is built with exceptions.
#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
// It asserts that a table's name begins as one may, and then says where it does not: `[=` is a
// fault of the file, not of the program.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

namespace turnstile::core {

namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;

std::string kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list that holds something other than strings";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
    default:
      return "a value of another type";
  }
}

/// False where the node is not a list of strings.
bool read_list(const toml::node& node, option_value& value) {
  const auto* array = node.as_array();
  if (array == nullptr) return false;
  std::vector<std::string> items;
  for (const auto& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr) return false;
    items.push_back(text->get());
  }
  value = std::move(items);
  return true;
}

file_entry read_value(std::string name, const toml::node& node) {
  file_entry entry{.name = std::move(name), .line = node.source().begin.line};
  if (const auto* b = node.as_boolean()) {
    entry.value = b->get();
  } else if (const auto* i = node.as_integer()) {
    entry.value = std::int64_t{i->get()};
  } else if (const auto* s = node.as_string()) {
    entry.value = s->get();
  } else if (!read_list(node, entry.value)) {
    entry.unsupported = kind_of(node);
  }
  return entry;
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<file_entry>& out) {
  for (auto&& [key, node] : table) {
    std::string name = prefix + std::string(key.str());
    const auto* inner = node.as_table();
    if (inner == nullptr) {
      out.push_back(read_value(std::move(name), node));
    } else if (inner->empty()) {
      out.push_back({.name = std::move(name),
                     .unsupported = "a table",
                     .is_empty_table = true,
                     .line = node.source().begin.line});
    } else {
      flatten(*inner, name + ".", out);
    }
  }
}

/// toml++'s text without what it saw: that is a piece of a value, perhaps of a password. Behind
/// "expected" quotes hold only what TOML asks for.
std::string_view without_values(std::string_view text) {
  text = text.substr(0, text.find(", saw "));
  const auto quote = text.find('\'');
  if (text.find("expected ") > quote) text = text.substr(0, quote);
  return text.substr(0, text.find_last_not_of(": ") + 1);
}

/// The form that others' configurations have, by the first line that is no comment; empty: none.
std::string_view other_form(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('{')) return "JSON";
    const auto name_end = line.find_first_of(" =:[\"'");
    const bool is_key =
        name_end != std::string_view::npos && name_end > 0 && line[name_end] == ':' &&
        (name_end + 1 == line.size() || line[name_end + 1] == ' ' || line[name_end + 1] == '\r');
    return is_key || line.starts_with("---") || line.starts_with("- ") ? "YAML" : "";
  }
  return {};
}

/// The whole file, or why not.
std::pair<std::string, std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {{}, std::string("cannot be read: ") + std::strerror(errno)};
  std::string text(file_bytes_max + 1, '\0');
  errno = 0;
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && errno != 0))
    return {{}, std::string("cannot be read: ") + std::strerror(errno != 0 ? errno : EIO)};
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > file_bytes_max) return {{}, "is larger than 1 MiB: no configuration"};
  return {text, {}};
}

}  // namespace

config_file read_config_file(const std::string& path) {
  config_file file;
  const std::string shown = printable(path);
  auto [text, problem] = read_text(path);
  if (!problem.empty()) {
    file.fault = shown + ": " + problem;
    return file;
  }
  const toml::parse_result parsed = toml::parse(std::string_view{text}, std::string_view{path});
  if (!parsed) {
    const auto& at = parsed.error().source().begin;
    file.fault = shown + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                 ": not valid TOML: " + printable(without_values(parsed.error().description()));
    if (const auto form = other_form(text); !form.empty())
      file.fault = shown + ": looks like " + std::string{form} +
                   "; the configuration is TOML: turnstile check --print-example > turnstile.toml";
    return file;
  }
  flatten(parsed.table(), "", file.entries);
  std::ranges::stable_sort(file.entries, {}, &file_entry::line);
  return file;
}

}  // namespace turnstile::core
