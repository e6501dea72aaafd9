#include "kafka_io/tools/range_reader.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/librdkafka.hpp"
#include "kafka_io/client/message_views.hpp"
#include "kafka_io/worker/batch_survey.hpp"
#include "kafka_io/worker/fetched_records.hpp"

namespace turnstile::kafka_io {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t records_per_read_max = 10'000;

// How long to wait for the next record before a resting client is woken, and how often.
constexpr int wait_ms = 40;
constexpr std::chrono::milliseconds stir_timeout{1000};

/// What passes by itself, or shows as a range that is not read to its end.
bool is_passing(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
         code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

/// One call of `range_reader::read`.
class range_read {
public:
  range_read(shared_client client, const std::vector<read_range>& ranges,
             const range_reader::handlers& to)
    : client_(std::move(client)),
      ranges_(ranges),
      to_(to),
      next_(ranges.size()),
      queue_(rd_kafka_queue_new(client_.get())),
      messages_(records_per_read_max) {
    for (std::size_t r = 0; r < ranges.size(); ++r) next_[r] = ranges[r].from;
  }
  ~range_read() {
    for (const auto r : active_) stop(r);
  }
  range_read(const range_read&) = delete;
  range_read& operator=(const range_read&) = delete;

  std::optional<io_error> run(range_reader::duration stalled) {
    auto last_progress = clock::now();
    while (true) {
      if (auto error = start_more()) return error;
      if (active_.empty() || (to_.stopped && to_.stopped())) return {};
      progress_ = false;
      read_some();
      if (!error_) pass_damaged();
      if (error_) return error_;
      finish_done();
      if (progress_) {
        last_progress = clock::now();
      } else if (clock::now() - last_progress > stalled) {
        return {};
      }
    }
  }

  [[nodiscard]] std::vector<std::int64_t> reached() && {
    for (std::size_t r = 0; r < ranges_.size(); ++r) next_[r] = std::min(next_[r], ranges_[r].to);
    return std::move(next_);
  }

private:
  /// A topic as librdkafka hands it out with messages, and which range each partition is.
  struct topic_ranges {
    topic_ptr handle;
    std::vector<std::size_t> by_partition;
  };
  static constexpr std::size_t no_range = static_cast<std::size_t>(-1);

  std::optional<io_error> start_more() {
    for (; begun_ < ranges_.size() && active_.size() < range_reader::partitions_at_once; ++begun_) {
      if (ranges_[begun_].from >= ranges_[begun_].to) continue;
      if (auto error = start(begun_)) return error;
      active_.push_back(begun_);
    }
    return {};
  }

  std::optional<io_error> start(std::size_t r) {
    const auto& range = ranges_[r];
    auto known = std::ranges::find_if(topics_, [&](const topic_ranges& topic) {
      return range.topic == rd_kafka_topic_name(topic.handle.get());
    });
    if (known == topics_.end()) {
      topics_.push_back(
          {topic_ptr{rd_kafka_topic_new(client_.get(), range.topic.c_str(), nullptr)}, {}});
      known = std::prev(topics_.end());
      if (!known->handle) return error_of(rd_kafka_last_error(), "topic " + range.topic);
    }
    const auto p = static_cast<std::size_t>(range.partition);
    if (known->by_partition.size() <= p) known->by_partition.resize(p + 1, no_range);
    known->by_partition[p] = r;
    if (rd_kafka_consume_start_queue(known->handle.get(), range.partition, next_[r],
                                     queue_.get()) == 0) {
      return {};
    }
    return error_of(rd_kafka_last_error(), "topic " + range.topic);
  }

  void stop(std::size_t r) {
    for (const auto& topic : topics_) {
      if (ranges_[r].topic != rd_kafka_topic_name(topic.handle.get())) continue;
      rd_kafka_consume_stop(topic.handle.get(), ranges_[r].partition);
    }
  }

  void read_some() {
    // With a timeout librdkafka waits until the whole array is full, so only the first is waited
    // for.
    messages_[0] = rd_kafka_consume_queue(queue_.get(), wait_ms);
    if (messages_[0] == nullptr) return stir();
    const auto more =
        rd_kafka_consume_batch_queue(queue_.get(), 0, &messages_[1], messages_.size() - 1);
    const auto count = 1 + static_cast<std::size_t>(std::max<ssize_t>(more, 0));
    for (auto* message : std::span{messages_.data(), count}) take(message_ptr{message});
  }

  /// One partition after the other: their leaders differ.
  void stir() {
    if (!fetch_sleeps() || active_.empty()) return;
    const auto& range = ranges_[active_[++stirred_ % active_.size()]];
    static_cast<void>(
        ask_log_end(client_.get(), range.topic, range.partition, log_end::next, stir_timeout));
  }

  std::size_t range_of(const rd_kafka_message_t& message) {
    if (message.rkt == nullptr) return no_range;
    if (message.rkt != last_handle_) {
      const std::string_view name = rd_kafka_topic_name(message.rkt);
      const auto known = std::ranges::find_if(topics_, [&](const topic_ranges& topic) {
        return name == rd_kafka_topic_name(topic.handle.get());
      });
      if (known == topics_.end()) return no_range;
      last_handle_ = message.rkt;
      last_topic_ = static_cast<std::size_t>(known - topics_.begin());
    }
    const auto& by_partition = topics_[last_topic_].by_partition;
    const auto p = static_cast<std::size_t>(message.partition);
    return p < by_partition.size() ? by_partition[p] : no_range;
  }

  /// Behind a batch that cannot be read anything may come: begun anew where the batch ends.
  void pass_damaged() {
    for (const auto& [r, error] : std::exchange(damaged_, {})) {
      const auto& range = ranges_[r];
      stop(r);
      const auto found = find_unreadable(client_, range.topic, range.partition, next_[r],
                                         [this] { return to_.stopped && to_.stopped(); });
      if (!found && !(to_.stopped && to_.stopped())) {
        error_ = error;
        return;
      }
      if (found) {
        const std::int64_t next = std::min(found->next, range.to);
        if (to_.unreadable && found->first < next) to_.unreadable(r, found->first, next);
        advance(r, found->next);
      }
      if (next_[r] < range.to) error_ = start(r);
    }
  }

  void take(const message_ptr message) {
    const std::size_t r = range_of(*message);
    if (damaged_.contains(r)) return;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      // Its offset is beyond control records at the end, which are not handed out.
      if (r != no_range && message->offset > next_[r]) advance(r, message->offset);
      return;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* text = rd_kafka_message_errstr(message.get());
      if (is_passing(message->err)) return;
      if (r != no_range && loses_position(message->err)) {
        if (next_[r] < ranges_[r].to) damaged_.emplace(r, error_of(message->err));
        return;
      }
      error_ = io_error{message->err, text == nullptr ? rd_kafka_err2str(message->err) : text};
      return;
    }
    if (r == no_range || message->offset < next_[r]) return;
    if (message->offset < ranges_[r].to) hand_out(r, *message);
    advance(r, message->offset + 1);
  }

  void advance(std::size_t r, std::int64_t next) {
    const bool was_done = next_[r] >= ranges_[r].to;
    next_[r] = std::max(next_[r], next);
    any_done_ = any_done_ || (!was_done && next_[r] >= ranges_[r].to);
    progress_ = progress_ || !was_done;
  }

  void hand_out(std::size_t r, const rd_kafka_message_t& message) {
    headers_.clear();
    append_headers(message, headers_);
    to_.record(r, {.offset = message.offset,
                   .timestamp_ms = timestamp_of(message),
                   .key = view_of(message.key, message.key_len),
                   .value = view_of(message.payload, message.len),
                   .headers = headers_});
  }

  void finish_done() {
    if (!std::exchange(any_done_, false)) return;
    std::erase_if(active_, [this](std::size_t r) {
      if (next_[r] < ranges_[r].to) return false;
      stop(r);
      return true;
    });
  }

  shared_client client_;
  const std::vector<read_range>& ranges_;
  const range_reader::handlers& to_;
  std::vector<std::int64_t> next_;  ///< By range: the offset to come.
  queue_ptr queue_;
  std::vector<topic_ranges> topics_;
  std::vector<std::size_t> active_;
  std::size_t begun_ = 0;
  std::size_t stirred_ = 0;
  std::vector<rd_kafka_message_t*> messages_;
  std::vector<core::header_view> headers_;
  const rd_kafka_topic_t* last_handle_ = nullptr;
  std::size_t last_topic_ = 0;
  std::map<std::size_t, io_error> damaged_;  ///< By range: what was read of its batch last.
  bool progress_ = false;
  bool any_done_ = false;
  std::optional<io_error> error_;
};

std::optional<io_error> set_reader_properties(rd_kafka_conf_t* conf, isolation level) {
  constexpr auto kbytes =
      range_reader::prefetch_bytes_max / 1024 / std::int64_t{range_reader::partitions_at_once};
  const std::vector<std::pair<std::string, std::string>> properties{
      {"isolation.level",
       level == isolation::read_committed ? "read_committed" : "read_uncommitted"},
      {"enable.partition.eof", "true"},
      // A range that begins below what is there begins with what is there.
      {"auto.offset.reset", "earliest"},
      // Bytes bound the prefetch, not records: librdkafka before 2.2 rests for up to a second
      // whenever a bound is reached.
      {"queued.min.messages", "10000000"},
      {"queued.max.messages.kbytes", std::to_string(kbytes)},
      {"fetch.wait.max.ms", "50"},
  };
  for (const auto& [name, value] : properties) {
    if (auto error = set_property(conf, name, value)) return error;
  }
  return set_full_queue_pause(conf);
}

}  // namespace

result<range_reader> range_reader::open(const core::settings& settings, isolation level) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  if (auto error = set_reader_properties(conf->get(), level)) return std::move(*error);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return client.error();
  return range_reader{std::move(*client)};
}

result<std::vector<std::int64_t>> range_reader::read(const std::vector<read_range>& ranges,
                                                     const handlers& to, duration stalled) {
  range_read reading{client_, ranges, to};
  if (auto error = reading.run(stalled)) return std::move(*error);
  return std::move(reading).reached();
}

}  // namespace turnstile::kafka_io
