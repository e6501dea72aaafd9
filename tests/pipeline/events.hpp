// Login events for the pipeline tests, and a look into what became of them.
//
// Plain values of the test case. An event is given as the JSON tokens of its fields, so that a
// test can make any of them wrong; an empty token leaves the field out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "tests/pipeline/running_worker.hpp"

namespace turnstile::tests {

struct login_event {
  std::string user_id = R"("62001a69-dc2c-4b28-8650-521ac278de26")";
  std::string app_version = R"("2.3.0")";
  std::string ip = R"("70.201.62.158")";
  std::string locale = R"("KS")";
  std::string device_id = R"("f6a1baa4-af52-443f-b54f-0eeccb502f12")";
  std::string timestamp = "1729894074";
  std::string device_type = R"("iOS")";
  std::string more;  ///< Behind the last field, with its comma.

  [[nodiscard]] std::string text() const {
    std::string json = "{";
    const auto add = [&json](std::string_view name, std::string_view token) {
      if (token.empty()) return;
      if (json.size() > 1) json += ',';
      json.append("\"").append(name).append("\":").append(token);
    };
    add("user_id", user_id);
    add("app_version", app_version);
    add("ip", ip);
    add("locale", locale);
    add("device_id", device_id);
    add("timestamp", timestamp);
    add("device_type", device_type);
    return json + more + "}";
  }
};

/// `count` good events to one partition.
inline std::vector<input> good_inputs(std::size_t count, std::int32_t partition = 0) {
  return {count, input{.value = login_event{}.text(), .partition = partition}};
}

inline rapidjson::Document json_of(const kept_record& record) {
  rapidjson::Document document;
  const std::string text = record.value.value_or("");
  document.Parse(text.data(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  REQUIRE(document.IsObject());
  return document;
}

inline std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto at = object.FindMember(name);
  return at != object.MemberEnd() && at->value.IsString() ? at->value.GetString() : "";
}

/// 0 where it is not there.
inline std::int64_t number_of(const rapidjson::Value& object, const char* name) {
  const auto at = object.FindMember(name);
  return at != object.MemberEnd() && at->value.IsInt64() ? at->value.GetInt64() : 0;
}

/// Whether any part of the record holds `text`.
inline bool holds(const kept_record& record, std::string_view text) {
  const auto in = [text](const std::optional<std::string>& bytes) {
    return bytes && bytes->find(text) != std::string::npos;
  };
  bool found = in(record.key) || in(record.value);
  for (const auto& [name, value] : record.headers)
    found = found || name.find(text) != std::string::npos || in(value);
  return found;
}

/// Offsets in the order in which each came first.
inline std::vector<std::int64_t> first_origins(const std::vector<kept_record>& records) {
  std::vector<std::int64_t> first;
  for (const auto origin : origins_of(records))
    if (std::find(first.begin(), first.end(), origin) == first.end()) first.push_back(origin);
  return first;
}

/// Offsets in the order in which each came last: where some were sent again, what a reader who
/// keeps the last of each key ends up with.
inline std::vector<std::int64_t> last_origins(const std::vector<kept_record>& records) {
  auto all = origins_of(records);
  std::vector<std::int64_t> last;
  for (auto at = all.rbegin(); at != all.rend(); ++at)
    if (std::find(last.begin(), last.end(), *at) == last.end()) last.push_back(*at);
  std::reverse(last.begin(), last.end());
  return last;
}

/// `from`, `from` + 1, … : `count` of them.
inline std::vector<std::int64_t> consecutive(std::int64_t from, std::size_t count) {
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(from + static_cast<std::int64_t>(i));
  return all;
}

}  // namespace turnstile::tests
