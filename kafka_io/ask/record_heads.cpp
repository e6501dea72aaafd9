#include "kafka_io/ask/record_heads.hpp"

#include <algorithm>
#include <vector>

#include "kafka_io/ask/admin_request.hpp"
#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

/// The partitions that are read, and the one queue of them.
class open_heads {
public:
  explicit open_heads(shared_client reader)
    : reader_(std::move(reader)), queue_(rd_kafka_queue_new(reader_.get())) {}
  open_heads(const open_heads&) = delete;
  open_heads& operator=(const open_heads&) = delete;
  ~open_heads() {
    for (const auto& [name, topic] : open_) rd_kafka_consume_stop(topic, name.second);
  }

  void open(const partition_name& name, std::int64_t offset) {
    auto& topic = topics_[name.first];
    if (!topic) topic.reset(rd_kafka_topic_new(reader_.get(), name.first.c_str(), nullptr));
    if (topic && rd_kafka_consume_start_queue(topic.get(), name.second, offset, queue_.get()) == 0)
      open_.emplace(name, topic.get());
  }

  [[nodiscard]] bool empty() const { return open_.empty(); }

  /// The first answer of a partition, which is closed then: nothing more of it shall be fetched.
  /// False: none came.
  bool take_one(std::chrono::milliseconds timeout, std::map<partition_name, record_head>& answers) {
    const message_ptr told{rd_kafka_consume_queue(queue_.get(), static_cast<int>(timeout.count()))};
    if (!told || told->rkt == nullptr) return false;
    const auto found = open_.find({rd_kafka_topic_name(told->rkt), told->partition});
    if (found == open_.end()) return true;
    const bool is_record = told->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (is_record || told->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      answers[found->first] = {.found = is_record,
                               .offset = told->offset,
                               .timestamp_ms = is_record ? timestamp_of(*told) : -1};
    rd_kafka_consume_stop(found->second, told->partition);
    open_.erase(found);
    return true;
  }

  /// librdkafka may sleep a second between two Fetches to a leader; what else is asked wakes it.
  void stir() const {
    std::map<std::string, std::vector<std::int32_t>> waiting;
    for (const auto& [name, topic] : open_) waiting[name.first].push_back(name.second);
    constexpr std::chrono::milliseconds short_time{1000};
    for (const auto& [topic, partitions] : waiting)
      static_cast<void>(ask_log_ends(reader_.get(), topic, partitions, log_end::next, short_time));
  }

private:
  shared_client reader_;
  queue_ptr queue_;
  std::map<std::string, topic_ptr> topics_;
  std::map<partition_name, rd_kafka_topic_t*> open_;
};

}  // namespace

std::optional<io_error> set_head_properties(rd_kafka_conf_t* conf) {
  for (const auto& [name, value] :
       {std::pair{"fetch.wait.max.ms", "20"}, std::pair{"auto.offset.reset", "earliest"},
        std::pair{"enable.partition.eof", "true"}, std::pair{"queued.min.messages", "1"},
        // Of each partition one record is looked at; a larger one comes all the same.
        std::pair{"fetch.message.max.bytes", "65536"}}) {
    if (auto error = set_property(conf, name, value)) return error;
  }
  return {};
}

std::map<partition_name, record_head> read_heads(const shared_client& reader,
                                                 const std::map<partition_name, std::int64_t>& from,
                                                 std::chrono::milliseconds timeout) {
  const deadline until{timeout};
  std::map<partition_name, record_head> answers;
  open_heads heads{reader};
  for (const auto& [name, offset] : from) heads.open(name, offset);
  constexpr std::chrono::milliseconds patience{20};
  while (!heads.empty() && until.left() > std::chrono::milliseconds{1})
    if (!heads.take_one(std::min(until.left(), patience), answers)) heads.stir();
  return answers;
}

}  // namespace turnstile::kafka_io
