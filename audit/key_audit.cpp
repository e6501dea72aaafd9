#include "audit/key_audit.hpp"

#include <algorithm>
#include <optional>

#include "audit/origin.hpp"
#include "core/own_headers.hpp"
#include "event/methods/key_ring.hpp"

namespace turnstile::audit {

namespace {

bool has_header(std::span<const core::header_view> headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) { return header.name == name; });
}

/// Empty where there is none.
std::string key_of(std::span<const core::header_view> headers) {
  if (!has_header(headers, core::key_id_header)) return {};
  const auto id = only_header(headers, core::key_id_header);
  return id && event::is_key_id(*id) ? std::string(*id) : std::string(key_audit::no_id);
}

std::string range_text(std::int64_t first, std::int64_t last) {
  return std::to_string(first) + (last > first ? " to " + std::to_string(last) : "");
}

/// The offset from which on a key should be there; nothing: nowhere.
std::optional<std::int64_t> keyed_from(const std::vector<key_run>& runs, bool expected) {
  const auto keyed = std::ranges::find_if(runs, [](const auto& run) { return !run.key.empty(); });
  if (keyed != runs.end()) return keyed->first;
  return expected ? std::optional<std::int64_t>{0} : std::nullopt;
}

/// Whether another key came after `key`.
bool returns(const std::vector<key_run>& before, const std::string& key) {
  const auto found = std::ranges::find(before, key, &key_run::key);
  return std::any_of(found, before.end(),
                     [&key](const auto& run) { return !run.key.empty() && run.key != key; });
}

}  // namespace

void key_audit::add(std::size_t partition, std::size_t place, std::int64_t offset,
                    std::span<const core::header_view> headers) {
  // Made later, with the key of that time.
  if (has_header(headers, core::redrive_header)) return;
  auto& [runs, left_out] = partitions_[partition][place];
  std::string key = key_of(headers);
  const bool is_new = runs.empty() || runs.back().key != key;
  if (left_out > 0 || (is_new && runs.size() == runs_max)) {
    ++left_out;
    return;
  }
  if (is_new) runs.push_back({std::move(key), offset, offset, 0});
  auto& run = runs.back();
  run.first = std::min(run.first, offset);
  run.last = std::max(run.last, offset);
  ++run.outputs;
}

partition_keys key_audit::judge(std::size_t partition, bool expected, fault_list& faults) const {
  std::vector<key_run> all;
  partition_keys merged;
  for (const auto& [place, saved] : partitions_[partition]) {
    all.insert(all.end(), saved.runs.begin(), saved.runs.end());
    merged.left_out += saved.left_out;
  }
  std::ranges::stable_sort(all, {}, &key_run::first);
  const std::string where = "partition " + std::to_string(partition) + ": ";
  const auto from = keyed_from(all, expected);
  for (const key_run& run : all) {
    if (run.key.empty() && from && run.last >= *from)
      faults.add(
          fault::key_missing, [&] { return where + range_text(run.first, run.last); }, run.outputs);
    if (!merged.runs.empty() && merged.runs.back().key == run.key) {
      merged.runs.back().last = std::max(merged.runs.back().last, run.last);
      merged.runs.back().outputs += run.outputs;
      continue;
    }
    const bool is_keyed = !run.key.empty();
    const bool overlaps = !merged.runs.empty() && run.first <= merged.runs.back().last;
    if (is_keyed && overlaps && !merged.runs.back().key.empty()) {
      const key_run& before = merged.runs.back();
      faults.add(fault::key_mixed, [&] {
        return where + before.key + " and " + run.key + " at " +
               range_text(run.first, std::min(run.last, before.last));
      });
    } else if (is_keyed && returns(merged.runs, run.key)) {
      faults.add(fault::key_returned,
                 [&] { return where + run.key + " again from " + std::to_string(run.first); });
    }
    merged.runs.push_back(run);
  }
  return merged;
}

}  // namespace turnstile::audit
