#include "kafka_io/worker/batch_survey.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/unpack_limit.hpp"
#include "kafka_io/worker/fetched_records.hpp"

namespace turnstile::kafka_io {

namespace {

using clock = std::chrono::steady_clock;

/// For the first answer to a Fetch; a batch of 100 MB must get through.
constexpr std::chrono::milliseconds look_timeout{10'000};
constexpr std::chrono::milliseconds end_timeout{5000};
constexpr int poll_ms = 100;

enum class sight : std::uint8_t { record, damaged_batch, end_of_log, nothing };

/// What comes first of a partition that is read from some offset on.
struct first_sight {
  sight what = sight::nothing;
  std::int64_t offset = -1;  ///< The record's, or the damaged batch's first.
  std::string error;
};

first_sight sight_of(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return {sight::record, message.offset, {}};
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
    return {sight::end_of_log, message.offset, {}};
  if (loses_position(message.err))
    return {sight::damaged_batch, message.offset, rd_kafka_err2str(message.err)};
  return {};  // Passes by itself, or nothing comes before the time is over.
}

class batch_search {
public:
  batch_search(const shared_client& client, const std::string& topic, std::int32_t partition,
               const std::function<bool()>& stopped)
    : client_(client),
      topic_(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr)),
      name_(topic),
      partition_(partition),
      stopped_(stopped) {}

  std::optional<unreadable_batch> run(std::int64_t offset) {
    if (offset < 0) {
      const auto begin = ask(log_end::first);
      if (!begin) return {};
      offset = *begin;
    }
    const auto first = look(offset);
    if (first.what != sight::damaged_batch) return {};
    base_ = first.offset;
    const std::int64_t begin = std::max(offset, base_);
    const auto end = ask(log_end::next);
    if (!end || *end <= begin) return {};
    const auto next = end_of_batch(begin, *end);
    if (!next) return {};
    return unreadable_batch{begin, *next, first.error};
  }

private:
  std::optional<std::int64_t> ask(log_end which) const {
    const auto offset = ask_log_end(client_.get(), name_, partition_, which, end_timeout);
    return offset ? std::optional{*offset} : std::nullopt;
  }

  /// `inside` is in the batch. Doubling steps, then halving ones: behind the batch comes another
  /// one, damaged or not, whose offsets tell the two apart.
  std::optional<std::int64_t> end_of_batch(std::int64_t inside, std::int64_t end) {
    std::int64_t outside = end;
    for (std::int64_t step = 1; inside + step < outside; step *= 2) {
      const auto same = in_batch(inside + step);
      if (!same) return {};
      if (*same) {
        inside += step;
      } else {
        outside = inside + step;
      }
    }
    while (outside - inside > 1) {
      const std::int64_t middle = inside + (outside - inside) / 2;
      const auto same = in_batch(middle);
      if (!same) return {};
      (*same ? inside : outside) = middle;
    }
    return outside;
  }

  std::optional<bool> in_batch(std::int64_t offset) {
    const auto seen = look(offset);
    switch (seen.what) {
      case sight::damaged_batch:
        return seen.offset == base_;
      case sight::record:
        // From below: librdkafka began anew, as the log was cut back.
        return seen.offset >= offset ? std::optional{false} : std::nullopt;
      case sight::end_of_log:
        return false;
      case sight::nothing:
        break;
    }
    return {};
  }

  first_sight look(std::int64_t offset) {
    if (!topic_) return {};
    const queue_ptr queue{rd_kafka_queue_new(client_.get())};
    if (rd_kafka_consume_start_queue(topic_.get(), partition_, offset, queue.get()) != 0) return {};
    first_sight seen;
    const std::uint64_t refused_before = refused_for_memory();
    const auto deadline = clock::now() + look_timeout;
    while (seen.what == sight::nothing && clock::now() < deadline && !stopped_()) {
      const message_ptr message{rd_kafka_consume_queue(queue.get(), poll_ms)};
      if (message) seen = sight_of(*message);
    }
    rd_kafka_consume_stop(topic_.get(), partition_);
    // One that can be read once there is memory is not damaged.
    if (seen.what == sight::damaged_batch && refused_for_memory() != refused_before) return {};
    return seen;
  }

  shared_client client_;
  topic_ptr topic_;
  std::string name_;
  std::int32_t partition_;
  const std::function<bool()>& stopped_;
  std::int64_t base_ = -1;
};

}  // namespace

std::optional<unreadable_batch> find_unreadable(const shared_client& client,
                                                const std::string& topic, std::int32_t partition,
                                                std::int64_t offset,
                                                const std::function<bool()>& stopped) {
  return batch_search{client, topic, partition, stopped}.run(offset);
}

rd_batch_survey::rd_batch_survey(survey_client_factory make_client, std::string topic)
  : make_client_(std::move(make_client)), topic_(std::move(topic)), thread_([this] { serve(); }) {}

rd_batch_survey::~rd_batch_survey() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void rd_batch_survey::ask(std::int32_t partition, std::int64_t offset,
                          std::function<void(std::optional<unreadable_batch>)> answer) {
  {
    const std::lock_guard lock{mutex_};
    questions_.push_back({partition, offset, std::move(answer)});
  }
  changed_.notify_one();
}

bool rd_batch_survey::stopping() {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

void rd_batch_survey::serve() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
    if (stopping_) return;
    const question asked = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    auto found = answer_to(asked);
    if (!stopping()) asked.answer(std::move(found));
    lock.lock();
  }
}

std::optional<unreadable_batch> rd_batch_survey::answer_to(const question& asked) {
  const auto client = make_client_();
  if (!client) return {};
  return find_unreadable(*client, topic_, asked.partition, asked.offset,
                         [this] { return stopping(); });
}

}  // namespace turnstile::kafka_io
