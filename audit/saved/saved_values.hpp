// Reads the parts of a saved audit's JSON, each in the form and within the bounds in which it was
// saved.
//
// Pure, used within audit/saved/saved_audit.cpp only. What is not there, no number, or beyond its
// bounds makes the whole text none, so it throws `not_saved`, which restore catches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/document.h>

#include "audit/fate_map.hpp"

namespace turnstile::audit::saved {

using rapidjson::Value;

// Beyond these no text is ours. Sums of such numbers do not overflow.
inline constexpr std::int64_t offset_max = std::int64_t{1} << 62;
inline constexpr std::int64_t count_max = 1'000'000'000'000'000;
inline constexpr std::int64_t times_max = 1'000'000'000;

struct not_saved {};

inline const Value& member(const Value& from, const char* name) {
  if (!from.IsObject() || !from.HasMember(name)) throw not_saved{};
  return from[name];
}

inline const Value& item(const Value& from, std::size_t index) {
  if (!from.IsArray() || from.Size() <= index) throw not_saved{};
  return from[static_cast<rapidjson::SizeType>(index)];
}

inline std::int64_t number(const Value& from, std::int64_t min, std::int64_t max) {
  if (!from.IsInt64() || from.GetInt64() < min || from.GetInt64() > max) throw not_saved{};
  return from.GetInt64();
}

/// -1: there is none.
inline std::int64_t offset(const Value& from) { return number(from, -1, offset_max); }

inline std::int64_t count(const Value& from) { return number(from, 0, count_max); }

inline auto array(const Value& from) {
  if (!from.IsArray()) throw not_saved{};
  return from.GetArray();
}

using read_number = std::int64_t (*)(const Value&);

inline std::vector<std::int64_t> numbers(const Value& from, read_number each) {
  std::vector<std::int64_t> all;
  for (const auto& n : array(from)) all.push_back(each(n));
  return all;
}

inline std::vector<std::int64_t> numbers(const Value& from, std::size_t size, read_number each) {
  if (array(from).Size() != size) throw not_saved{};
  return numbers(from, each);
}

/// `[low, high]`, not empty.
inline offset_range range_of(const Value& from) {
  const auto edge = numbers(from, 2, offset);
  if (edge[0] < 0 || edge[0] >= edge[1]) throw not_saved{};
  return {edge[0], edge[1]};
}

/// Without recursion, however deeply it is nested.
inline void parse(rapidjson::Document& to, std::string_view text) {
  to.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
}

inline std::string text_of(const Value& from) {
  if (!from.IsString()) throw not_saved{};
  return {from.GetString(), from.GetStringLength()};
}

inline bool truth(const Value& from) {
  if (!from.IsBool()) throw not_saved{};
  return from.GetBool();
}

}  // namespace turnstile::audit::saved
