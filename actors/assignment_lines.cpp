#include "actors/assignment_lines.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "core/log.hpp"
#include "core/ranges_text.hpp"

namespace turnstile::actors {

namespace {

bool contains(const std::vector<std::int32_t>& all, std::int32_t one) {
  return std::ranges::find(all, one) != all.end();
}

/// `0@5 1@7`, and how many there was no room for.
std::pair<std::string, std::size_t> begins_text(
    const std::vector<kafka_io::partition_offset>& begins) {
  std::string text;
  const std::size_t shown = std::min(begins.size(), begins_in_line_max);
  for (std::size_t i = 0; i < shown; ++i)
    text += (i > 0 ? " " : "") + std::to_string(begins[i].partition) + "@" +
            std::to_string(begins[i].offset);
  return {text, begins.size() - shown};
}

void log_offsets(std::string_view why, const std::vector<kafka_io::partition_offset>& begins) {
  if (begins.empty()) return;
  const auto [text, more] = begins_text(begins);
  core::log_info("partitions begin",
                 {{"why", why}, {"count", begins.size()}, {"at", text}, {"more", more}});
}

void log_without_offset(std::string_view why, const std::vector<std::int32_t>& partitions) {
  if (partitions.empty()) return;
  core::log_info(
      "partitions begin",
      {{"why", why}, {"count", partitions.size()}, {"partitions", core::ranges_text(partitions)}});
}

}  // namespace

void log_begins(const std::vector<std::int32_t>& partitions,
                const kafka_io::assignment_facts& facts) {
  std::map<std::int32_t, std::int64_t> committed;
  for (const auto& [partition, offset] : facts.committed) committed[partition] = offset;
  std::vector<kafka_io::partition_offset> by_commit, at_end;
  std::vector<std::int32_t> added, others;
  for (const auto partition : partitions) {
    const auto known = committed.find(partition);
    if (known == committed.end())
      (contains(facts.added, partition) ? added : others).push_back(partition);
    else if (contains(facts.begun_at_end, partition))
      at_end.push_back({partition, known->second});
    else
      by_commit.push_back({partition, known->second});
  }
  log_offsets("committed", by_commit);
  log_offsets("reset to the end, and committed", at_end);
  log_without_offset("none committed, added to the topic: its beginning", added);
  log_without_offset("none committed: auto.offset.reset", others);
}

}  // namespace turnstile::actors
