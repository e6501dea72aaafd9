#include "figures/summary_digest.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace turnstile::figures {

namespace {

using writer = rapidjson::Writer<rapidjson::StringBuffer>;
using rapidjson::Value;

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool is_counts(const Value& value) {
  return value.IsObject() && std::all_of(value.MemberBegin(), value.MemberEnd(),
                                         [](const auto& one) { return one.value.IsInt64(); });
}

void write_counts(writer& to, const Value& counts) {
  std::vector<std::pair<std::int64_t, std::string_view>> all;
  for (const auto& one : counts.GetObject())
    all.emplace_back(one.value.GetInt64(), text_of(one.name));
  std::ranges::stable_sort(all, std::greater{}, &std::pair<std::int64_t, std::string_view>::first);
  const std::size_t named = std::min(all.size(), digest_values_max);
  to.StartObject();
  to.Key("values");
  to.StartArray();
  for (std::size_t i = 0; i < named; ++i) {
    to.StartArray();
    to.String(all[i].second.data(), static_cast<rapidjson::SizeType>(all[i].second.size()));
    to.Int64(all[i].first);
    to.EndArray();
  }
  to.EndArray();
  std::int64_t others = 0;
  for (std::size_t i = named; i < all.size(); ++i) others += all[i].first;
  to.Key("others");
  to.Int64(others);
  to.Key("other_values");
  to.Uint64(all.size() - named);
  to.EndObject();
}

}  // namespace

std::string summary_digest(std::string_view summary) {
  rapidjson::Document read;
  read.Parse(summary.data(), summary.size());
  if (read.HasParseError() || !read.IsObject()) return "null";
  rapidjson::StringBuffer buffer;
  writer to{buffer};
  to.StartObject();
  for (const auto* name : {"processed_count", "filtered_record_count", "error_count",
                           "received_count", "sequence", "timestamp"}) {
    const auto found = read.FindMember(name);
    if (found == read.MemberEnd()) continue;
    to.Key(name);
    found->value.Accept(to);
  }
  to.Key("counts");
  to.StartObject();
  std::size_t fields = 0;
  for (const auto& member : read.GetObject()) {
    const auto name = text_of(member.name);
    if (!name.ends_with("_counts") || !is_counts(member.value)) continue;
    if (++fields > digest_fields_max) break;
    to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    write_counts(to, member.value);
  }
  to.EndObject();
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace turnstile::figures
