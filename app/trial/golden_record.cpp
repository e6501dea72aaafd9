#include "app/trial/golden_record.hpp"

#include <string_view>

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "app/trial/account_text.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

std::string text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

std::string read_headers(const rapidjson::Value& from, header_list& to) {
  if (!from.IsObject()) return "headers must be an object";
  for (const auto& [name, value] : from.GetObject()) {
    if (!value.IsString() && !value.IsNull())
      return "header " + core::quoted(text_of(name)) + " must be a string or null";
    to.emplace_back(text_of(name), value.IsString() ? std::optional{text_of(value)} : std::nullopt);
  }
  return {};
}

std::string read_member(const std::string& name, const rapidjson::Value& value,
                        given_event& event) {
  if (name == "key") {
    if (!value.IsString() && !value.IsNull()) return "key must be a string or null";
    if (value.IsString()) event.key = text_of(value);
    return {};
  }
  if (name == "headers") return read_headers(value, event.headers);
  if (name == "timestamp") {
    if (!value.IsInt64() || value.GetInt64() < 0) return "timestamp must be milliseconds";
    event.timestamp_ms = value.GetInt64();
    return {};
  }
  return core::quoted(name) + " is not of a record: expects key, headers or timestamp";
}

/// The worker's own of an error, in each of its styles.
bool is_of_error(std::string_view header) {
  return header.starts_with("turnstile-") || header.starts_with("__streams.errors.") ||
         header.starts_with("__connect.errors.");
}

}  // namespace

std::string read_record(const std::string& json, given_event& event) {
  rapidjson::Document read;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  if (read.Parse<flags>(json.data(), json.size()).HasParseError())
    return std::string("not valid JSON: ") + rapidjson::GetParseError_En(read.GetParseError());
  if (!read.IsObject()) return "must be an object";
  const rapidjson::Value& members = read;
  for (const auto& [name, value] : members.GetObject())
    if (auto fault = read_member(text_of(name), value, event); !fault.empty()) return fault;
  return {};
}

std::string record_json(const tried_event& tried) {
  std::string headers;
  for (const auto& [name, value] : tried.headers) {
    if (tried.reason && is_of_error(name)) continue;
    core::append_item(headers, "\n    " + core::quoted(name) + ": " + json_or_null(value), ",");
  }
  return "{\n  \"key\": " + json_or_null(tried.key) + ",\n  \"headers\": {" +
         (headers.empty() ? "" : headers + "\n  ") + "}\n}\n";
}

}  // namespace turnstile::app
