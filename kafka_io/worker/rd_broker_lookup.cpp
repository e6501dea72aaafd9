#include "kafka_io/worker/rd_broker_lookup.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/log.hpp"
#include "kafka_io/ask/committed.hpp"
#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/librdkafka.hpp"
#include "kafka_io/worker/fetched_records.hpp"
#include "kafka_io/worker/group_begin.hpp"

namespace turnstile::kafka_io {

namespace {

/// How often a starving partition's leader is asked something. Measured: with a prefetch of 1,000
/// records, 20 ms gave nine times the throughput of never asking, 50 ms seven times.
constexpr std::chrono::milliseconds stir_interval{20};
constexpr std::chrono::milliseconds stir_timeout{1000};
constexpr std::chrono::milliseconds committed_timeout{5000};
/// Short: an assignment's question may wait behind it.
constexpr std::chrono::milliseconds ends_timeout{1000};
constexpr std::chrono::milliseconds no_answer_pause{100};

void log_layout(const core::topic_layout& layout, bool changed) {
  core::log_info(changed ? "topic partitions changed" : "topic partitions",
                 {{"input", layout.input_partitions},
                  {"processed", layout.count(core::output_topic::processed)},
                  {"errors", layout.count(core::output_topic::errors)},
                  {"cleaned", layout.count(core::output_topic::cleaned)},
                  {"summary", layout.count(core::output_topic::summary)}});
  using core::output_topic;
  for (const auto topic : {output_topic::processed, output_topic::errors, output_topic::cleaned}) {
    const bool same = layout.partitioner == core::partitioner::source &&
                      layout.count(topic) >= layout.input_partitions;
    core::log_info("output partition", {{"topic", core::name_of(topic)},
                                        {"by", same ? "source partition" : "key (murmur2)"}});
  }
}

}  // namespace

rd_broker_lookup::rd_broker_lookup(shared_client consumer, std::string topic,
                                   layout_reader read_layout, bool at_end)
  : consumer_(std::move(consumer)),
    topic_(std::move(topic)),
    read_layout_(std::move(read_layout)),
    at_end_(at_end),
    thread_([this] { serve(); }) {}

rd_broker_lookup::~rd_broker_lookup() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void rd_broker_lookup::describe(std::vector<std::int32_t> partitions,
                                std::function<void(std::optional<assignment_facts>)> answer) {
  {
    const std::lock_guard lock{mutex_};
    questions_.push_back({std::move(partitions), std::move(answer)});
  }
  changed_.notify_one();
}

void rd_broker_lookup::ask_ends(std::vector<std::int32_t> partitions,
                                std::function<void(std::vector<log_end_fact>)> answer) {
  {
    const std::lock_guard lock{mutex_};
    ends_question_ = {std::move(partitions), std::move(answer)};
  }
  changed_.notify_one();
}

void rd_broker_lookup::set_starving(std::int32_t partition, bool starving) {
  if (!fetch_sleeps()) return;
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    first = starving && starving_.empty();
    if (starving)
      starving_.insert(partition);
    else
      starving_.erase(partition);
  }
  if (first) changed_.notify_one();
}

void rd_broker_lookup::serve() {
  const auto is_asked = [this] { return stopping_ || !questions_.empty() || ends_question_; };
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [&] { return is_asked() || !starving_.empty(); });
    if (stopping_) return;
    if (!questions_.empty()) {
      const question asked = std::move(questions_.front());
      questions_.pop_front();
      lock.unlock();
      auto facts = describe_now(asked.partitions);
      lock.lock();
      if (!facts) pause(lock);
      lock.unlock();
      asked.answer(std::move(facts));
      lock.lock();
      continue;
    }
    if (ends_question_) {
      const ends_question asked = std::move(*ends_question_);
      ends_question_.reset();
      lock.unlock();
      asked.answer(ends_now(asked.partitions));
      lock.lock();
      continue;
    }
    stir_next(lock);
    changed_.wait_for(lock, stir_interval, is_asked);
  }
}

/// Any request wakes the broker's thread. One after the other: their leaders differ.
void rd_broker_lookup::stir_next(std::unique_lock<std::mutex>& lock) {
  auto next = starving_.upper_bound(last_stirred_);
  if (next == starving_.end()) next = starving_.begin();
  last_stirred_ = *next;
  lock.unlock();
  static_cast<void>(
      ask_log_end(consumer_.get(), topic_, last_stirred_, log_end::next, stir_timeout));
  lock.lock();
}

/// Whoever asked asks again, at once.
void rd_broker_lookup::pause(std::unique_lock<std::mutex>& lock) {
  if (no_answer_log_.admit(std::chrono::steady_clock::now()))
    core::log_warning("topics or committed offsets cannot be read, they are asked for again",
                      {{"suppressed", no_answer_log_.suppressed}});
  changed_.wait_for(lock, no_answer_pause, [this] { return stopping_; });
}

/// What was written is known by the last Fetch, that is not asked for: before the question, so that
/// what came meanwhile does not pass for held back.
std::vector<log_end_fact> rd_broker_lookup::ends_now(const std::vector<std::int32_t>& partitions) {
  std::vector<log_end_fact> facts;
  for (const auto partition : partitions)
    facts.push_back({partition, -1, known_bounds(consumer_.get(), topic_, partition).end});
  const auto ends = ask_log_ends(consumer_.get(), topic_, partitions, log_end::next, ends_timeout);
  for (auto& fact : facts) {
    const auto told = ends.find(fact.partition);
    if (told == ends.end()) continue;
    fact.readable = told->second;
    fact.written = std::max(fact.written, fact.readable);
  }
  std::erase_if(facts, [](const auto& fact) { return fact.readable < 0; });
  return facts;
}

std::optional<assignment_facts> rd_broker_lookup::describe_now(
    const std::vector<std::int32_t>& partitions) {
  const auto layout = read_layout_();
  if (!layout) return std::nullopt;
  if (!last_layout_ || *last_layout_ != *layout) {
    log_layout(*layout, last_layout_ != nullptr);
    last_layout_ = std::make_shared<const core::topic_layout>(*layout);
  }
  auto offsets = committed(partitions);
  if (!offsets) return std::nullopt;
  assignment_facts facts{last_layout_, std::move(*offsets)};
  if (at_end_ && !begin_at_end(consumer_.get(), {topic_, last_layout_->input_partitions},
                               partitions, committed_timeout, facts))
    return std::nullopt;
  return facts;
}

std::optional<std::vector<partition_offset>> rd_broker_lookup::committed(
    const std::vector<std::int32_t>& partitions) {
  const topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  if (ask_committed(consumer_.get(), list.get(), committed_timeout) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  return offsets_in(list.get());
}

}  // namespace turnstile::kafka_io
