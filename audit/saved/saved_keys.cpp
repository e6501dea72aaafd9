#include "audit/saved/saved_keys.hpp"

#include <utility>

#include "audit/saved/saved_values.hpp"
#include "event/methods/key_ring.hpp"

namespace turnstile::audit::saved {

namespace {

key_run run_of(const Value& from) {
  key_run run{text_of(item(from, 0)), number(item(from, 1), 0, offset_max),
              number(item(from, 2), 0, offset_max), number(item(from, 3), 1, count_max)};
  const bool is_known = run.key.empty() || run.key == key_audit::no_id || event::is_key_id(run.key);
  if (run.last < run.first || !is_known) throw not_saved{};
  return run;
}

}  // namespace

/// Of each partition its places: the number, what was left out, and the runs.
void write_keys(rapidjson::Writer<rapidjson::StringBuffer>& to, const key_audit& keys,
                std::size_t partitions) {
  to.Key("keys");
  to.StartArray();
  for (std::size_t p = 0; p < partitions; ++p) {
    to.StartArray();
    for (const auto& [place, saved] : keys.of(p)) {
      to.StartArray();
      to.Int64(static_cast<std::int64_t>(place));
      to.Int64(saved.left_out);
      for (const auto& run : saved.runs) {
        to.StartArray();
        to.String(run.key.data(), static_cast<rapidjson::SizeType>(run.key.size()));
        to.Int64(run.first);
        to.Int64(run.last);
        to.Int64(run.outputs);
        to.EndArray();
      }
      to.EndArray();
    }
    to.EndArray();
  }
  to.EndArray();
}

void read_keys(const Value& from, key_audit& to, std::size_t partitions) {
  for (std::size_t p = 0; p < partitions; ++p) {
    for (const auto& place : array(item(from, p))) {
      partition_keys saved;
      saved.left_out = count(item(place, 1));
      if (place.Size() > 2 + key_audit::runs_max) throw not_saved{};
      for (std::size_t r = 2; r < place.Size(); ++r) saved.runs.push_back(run_of(item(place, r)));
      to.restore(p, static_cast<std::size_t>(count(item(place, 0))), std::move(saved));
    }
  }
}

}  // namespace turnstile::audit::saved
