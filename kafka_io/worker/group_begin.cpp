#include "kafka_io/worker/group_begin.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "core/log.hpp"
#include "kafka_io/ask/committed.hpp"
#include "kafka_io/ask/partition_ends.hpp"

namespace turnstile::kafka_io {

namespace {

/// Behind it the number of partitions that the topic had.
constexpr std::string_view begin_mark = "turnstile-begin/";

/// What is known of how the group began.
struct group_beginning {
  bool has_begun = false;                    ///< Something is committed.
  std::optional<std::int32_t> partitions{};  ///< The topic's then.

  /// Whether it was added since then.
  [[nodiscard]] bool without(std::int32_t partition) const {
    return has_begun && (!partitions || partition >= *partitions);
  }
};

std::optional<group_beginning> ask_beginning(rd_kafka_t* consumer, const topic_partitions& of,
                                             std::chrono::milliseconds timeout) {
  const topic_partition_list_ptr all{rd_kafka_topic_partition_list_new(of.count)};
  for (std::int32_t partition = 0; partition < of.count; ++partition)
    rd_kafka_topic_partition_list_add(all.get(), of.topic.c_str(), partition);
  if (ask_committed(consumer, all.get(), timeout) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  group_beginning known;
  for (const auto& one : std::span{all->elems, static_cast<std::size_t>(all->cnt)}) {
    if (one.offset < 0) continue;
    known.has_begun = true;
    std::string_view mark{static_cast<const char*>(one.metadata), one.metadata_size};
    if (!mark.starts_with(begin_mark)) continue;
    mark.remove_prefix(begin_mark.size());
    std::int32_t count = 0;
    std::from_chars(mark.data(), mark.data() + mark.size(), count);
    known.partitions = std::max(known.partitions.value_or(0), count);
  }
  return known;
}

/// rd_kafka_commit_queue, waited for.
rd_kafka_resp_err_t commit_begins(rd_kafka_t* consumer, const topic_partitions& of,
                                  const std::vector<partition_offset>& begins,
                                  std::chrono::milliseconds timeout) {
  const std::string mark = std::string(begin_mark) + std::to_string(of.count);
  const topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(begins.size()))};
  for (const auto& [partition, offset] : begins) {
    auto& one = *rd_kafka_topic_partition_list_add(list.get(), of.topic.c_str(), partition);
    one.offset = offset;
    one.metadata = strdup(mark.c_str());  // Freed with the list.
    one.metadata_size = mark.size();
  }
  const queue_ptr queue{rd_kafka_queue_new(consumer)};
  const auto refused = rd_kafka_commit_queue(consumer, list.get(), queue.get(), nullptr, nullptr);
  if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) return refused;
  const event_ptr done{rd_kafka_queue_poll(queue.get(), static_cast<int>(timeout.count()))};
  if (!done) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (const auto code = rd_kafka_event_error(done.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return code;
  return error_in(rd_kafka_event_topic_partition_list(done.get()));
}

}  // namespace

bool begin_at_end(rd_kafka_t* consumer, const topic_partitions& of,
                  const std::vector<std::int32_t>& partitions, std::chrono::milliseconds timeout,
                  assignment_facts& facts) {
  std::vector<std::int32_t> open;
  std::ranges::copy_if(partitions, std::back_inserter(open), [&](std::int32_t partition) {
    return std::ranges::find(facts.committed, partition, &partition_offset::partition) ==
           facts.committed.end();
  });
  if (open.empty()) return true;
  const auto beginning = ask_beginning(consumer, of, timeout);
  if (!beginning) return false;
  for (const auto partition : open)
    (beginning->without(partition) ? facts.added : facts.begun_at_end).push_back(partition);
  if (facts.begun_at_end.empty()) return true;
  const auto ends = ask_log_ends(consumer, of.topic, facts.begun_at_end, log_end::next, timeout);
  if (ends.size() < facts.begun_at_end.size()) return false;
  std::vector<partition_offset> begins;
  for (const auto& [partition, end] : ends) begins.push_back({partition, end});
  if (const auto code = commit_begins(consumer, of, begins, timeout);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    core::log_warning("the group's begin cannot be committed, it is tried again",
                      {{"error", rd_kafka_err2str(code)}});
    return false;
  }
  facts.committed.insert(facts.committed.end(), begins.begin(), begins.end());
  return true;
}

}  // namespace turnstile::kafka_io
