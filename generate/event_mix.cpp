#include "generate/event_mix.hpp"

#include <charconv>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/quoting.hpp"

namespace turnstile::generate {

namespace {

constexpr std::array<event_kind, event_kind_count> all_kinds{
    event_kind::processed,     event_kind::filtered,       event_kind::tombstone,
    event_kind::empty_value,   event_kind::too_large,      event_kind::invalid_utf8,
    event_kind::invalid_json,  event_kind::too_deep,       event_kind::not_an_object,
    event_kind::duplicate_key, event_kind::missing_fields, event_kind::wrong_type,
    event_kind::bad_timestamp};

constexpr std::size_t index_of(event_kind kind) { return static_cast<std::size_t>(kind); }

event_mix mix_of(std::initializer_list<std::pair<event_kind, double>> shares, bool varied) {
  event_mix mix;
  mix.varied = varied;
  for (const auto& [kind, share] : shares) mix.shares[index_of(kind)] = share;
  return mix;
}

// The real stream: 5 % lack device_type, next to none have another version.
event_mix seed_mix() {
  return mix_of({{event_kind::processed, 94.6},
                 {event_kind::filtered, 0.4},
                 {event_kind::missing_fields, 5.0}},
                false);
}

event_mix bad_mix() {
  event_mix mix;
  for (const auto kind : all_kinds) mix.shares[index_of(kind)] = reason_of(kind) ? 1.0 : 0.0;
  // A few are enough: each has a mebibyte by default.
  mix.shares[index_of(event_kind::too_large)] = 0.02;
  return mix;
}

event_mix mixed_mix() {
  event_mix mix = bad_mix();
  for (auto& share : mix.shares) share *= 0.6;
  mix.shares[index_of(event_kind::processed)] = 85.0;
  mix.shares[index_of(event_kind::filtered)] = 4.0;
  mix.shares[index_of(event_kind::missing_fields)] = 5.0;
  return mix;
}

std::optional<event_mix> preset(std::string_view name) {
  if (name.empty() || name == "seed") return seed_mix();
  if (name == "mixed") return mixed_mix();
  if (name == "good") return mix_of({{event_kind::processed, 1.0}}, true);
  if (name == "bad") return bad_mix();
  return {};
}

std::optional<event_kind> kind_named(std::string_view name) {
  if (name == "missing") return event_kind::missing_fields;
  for (const auto kind : all_kinds) {
    if (name_of(kind) == name) return kind;
  }
  return {};
}

std::string known_kinds() {
  std::string list;
  for (const auto kind : all_kinds) list += (list.empty() ? "" : ", ") + std::string{name_of(kind)};
  return list;
}

std::optional<double> share_of(std::string_view text) {
  double share = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  if (!std::isfinite(share) || share < 0 || share > 1e9) return {};
  return share;
}

/// What is wrong with one `kind=share`; empty: it has been added.
std::string add_item(std::string_view item, event_mix& mix) {
  const auto equals = item.find('=');
  const std::string name = core::quoted(item.substr(0, equals));
  if (equals == std::string_view::npos) {
    return name + " is neither seed, mixed, good or bad nor of the form kind=share";
  }
  const auto kind = kind_named(item.substr(0, equals));
  if (!kind) return "no kind " + name + "; there are " + known_kinds();
  const auto share = share_of(item.substr(equals + 1));
  if (!share) return "the share of " + name + " is no number from 0 to 1e9";
  mix.shares[index_of(*kind)] = *share;
  return {};
}

}  // namespace

core::outcome outcome_of(event_kind kind) {
  if (kind == event_kind::processed) return core::outcome::processed;
  return kind == event_kind::filtered ? core::outcome::filtered : core::outcome::failed;
}

std::optional<core::reason> reason_of(event_kind kind) {
  switch (kind) {
    case event_kind::processed:
    case event_kind::filtered:
      return {};
    case event_kind::tombstone:
      return core::reason::tombstone;
    case event_kind::empty_value:
      return core::reason::empty_value;
    case event_kind::too_large:
      return core::reason::too_large;
    case event_kind::invalid_utf8:
      return core::reason::invalid_utf8;
    case event_kind::invalid_json:
      return core::reason::invalid_json;
    case event_kind::too_deep:
      return core::reason::too_deep;
    case event_kind::not_an_object:
      return core::reason::not_an_object;
    case event_kind::duplicate_key:
      return core::reason::duplicate_key;
    case event_kind::missing_fields:
      return core::reason::missing_fields;
    case event_kind::wrong_type:
      return core::reason::wrong_type;
    case event_kind::bad_timestamp:
      return core::reason::bad_timestamp;
  }
  return {};
}

std::string_view name_of(event_kind kind) {
  if (kind == event_kind::processed) return "processed";
  if (kind == event_kind::filtered) return "filtered";
  return core::name_of(*reason_of(kind));
}

parsed_mix parse_mix(std::string_view text) {
  if (const auto found = preset(text)) return {*found, {}};
  event_mix mix;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (auto fault = add_item(text.substr(0, comma), mix); !fault.empty()) return {{}, fault};
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  if (std::accumulate(mix.shares.begin(), mix.shares.end(), 0.0) <= 0) {
    return {{}, "all shares are 0"};
  }
  return {mix, {}};
}

std::string counts_json(const by_kind<std::uint64_t>& counts) {
  const auto count = [&](event_kind kind) { return std::to_string(counts[index_of(kind)]); };
  std::string errors;
  for (const auto kind : all_kinds) {
    if (!reason_of(kind) || counts[index_of(kind)] == 0) continue;
    errors += errors.empty() ? "" : ",";
    errors += '"';
    errors += name_of(kind);
    errors += "\":" + count(kind);
  }
  const auto sent = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  return "{\"sent\":" + std::to_string(sent) + ",\"processed\":" + count(event_kind::processed) +
         ",\"filtered\":" + count(event_kind::filtered) + ",\"errors\":{" + errors + "}}";
}

}  // namespace turnstile::generate
