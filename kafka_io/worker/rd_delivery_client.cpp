#include "kafka_io/worker/rd_delivery_client.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <ranges>
#include <span>
#include <utility>

#include "core/log.hpp"
#include "core/own_headers.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/client_log.hpp"
#include "kafka_io/client/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr error_kind kind_of(rd_kafka_resp_err_t code) { return error_code(code).kind(); }

static_assert(kind_of(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) == error_kind::message_too_large);
static_assert(kind_of(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP) == error_kind::invalid_timestamp);
static_assert(kind_of(RD_KAFKA_RESP_ERR_INVALID_RECORD) == error_kind::invalid_record);
static_assert(kind_of(RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE) == error_kind::refused_in_stream);
static_assert(kind_of(RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) == error_kind::secondary);
static_assert(kind_of(RD_KAFKA_RESP_ERR__PURGE_QUEUE) == error_kind::secondary);
static_assert(kind_of(RD_KAFKA_RESP_ERR__STATE) == error_kind::secondary);

constexpr std::size_t deliveries_per_poll = 4096;

/// RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD of librdkafka 2.4: another record of the request is
/// to blame.
constexpr int another_record = -138;

/// What a record costs in a request beside key and value, where its headers are ours alone.
constexpr std::size_t record_frame_bytes = 80;

/// After each refusal librdkafka goes on as its next epoch, and behind the 32,767th it would begin
/// anew: the brokers take that for a producer of long ago.
constexpr std::size_t refused_requests_max = 10'000;

bool is_for_its_size(error_code code) {
  return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
         code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
}

/// Whether the broker will answer the same whenever the record is sent again.
bool is_the_records_fault(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return true;
    default:
      return false;
  }
}

/// An idempotent librdkafka also reports a record as written when only a later one of its partition
/// is known to be. A broker that has no state of this producer yet takes that later one without the
/// earlier, so this guess has lost records. A true acknowledgement has an offset.
delivery delivery_of(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message.offset >= 0) return {message._private, delivery_status::delivered, 0};
    return {message._private, delivery_status::failed, RD_KAFKA_RESP_ERR__INCONSISTENT};
  }
  // Purged after a fatal error, say, and never sent.
  const bool unwritten = message.err == another_record ||
                         (message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE &&
                          rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
  return {message._private,
          unwritten                           ? delivery_status::unwritten
          : is_the_records_fault(message.err) ? delivery_status::refused
                                              : delivery_status::failed,
          message.err};
}

}  // namespace

void enable_delivery_events(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
}

rd_delivery_client::rd_delivery_client(shared_client client, const topic_names& names,
                                       std::shared_ptr<request_size> requests, std::size_t bytes)
  : client_(std::move(client)),
    input_topic_(names.input),
    queue_(rd_kafka_queue_get_main(client_.get())),
    requests_(std::move(requests)),
    bytes_(bytes) {
  for (std::size_t i = 0; i < topics_.size(); ++i)
    if (!names.outputs[i].empty())
      topics_[i].reset(rd_kafka_topic_new(client_.get(), names.outputs[i].c_str(), nullptr));
}

rd_delivery_client::~rd_delivery_client() { rd_delivery_client::wake_with(nullptr); }

void rd_delivery_client::wake_with(wake_fn wake) {
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  wake_ = wake ? std::make_unique<wake_fn>(std::move(wake)) : nullptr;
  if (!wake_) return;
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* fn) { (*static_cast<wake_fn*>(fn))(); }, wake_.get());
}

const std::string& rd_delivery_client::origin_prefix(std::int32_t partition) {
  const auto i = static_cast<std::size_t>(partition);
  if (i >= origin_prefixes_.size()) origin_prefixes_.resize(i + 1);
  if (origin_prefixes_[i].empty())
    origin_prefixes_[i] = input_topic_ + "/" + std::to_string(partition) + "/";
  return origin_prefixes_[i];
}

headers_ptr rd_delivery_client::headers_of(const core::output_record& record,
                                           std::optional<std::int32_t> input_partition) {
  headers_ptr headers{rd_kafka_headers_new(record.headers.size() + 3)};
  if (input_partition) {
    const std::string& prefix = origin_prefix(*input_partition);
    std::array<char, core::origin_bytes_max> text;
    const std::size_t size = prefix.copy(text.data(), text.size());
    const char* const end =
        std::to_chars(text.data() + size, text.data() + text.size(), record.source_offset).ptr;
    add_header(headers.get(), core::origin_header, std::string_view{text.data(), end});
    if (record.timestamp_ms >= 0) {
      const char* const time_end =
          std::to_chars(text.data(), text.data() + text.size(), record.timestamp_ms).ptr;
      add_header(headers.get(), core::origin_timestamp_header, {{text.data(), time_end}});
    }
  }
  if (!record.key_id.empty()) add_header(headers.get(), core::key_id_header, record.key_id);
  for (const auto& header : record.headers) add_header(headers.get(), header.name, header.value);
  return headers;
}

rd_delivery_client::target_state& rd_delivery_client::target_of(core::output_topic topic,
                                                                std::int32_t partition) {
  auto& targets = targets_[static_cast<std::size_t>(topic)];
  const auto i = static_cast<std::size_t>(partition);
  if (i >= targets.size()) targets.resize(i + 1);
  return targets[i];
}

/// A broker without state of this producer takes any of its requests for the first. Were several
/// under way and the first turned away, as happens on topics just created, a later one would be
/// written before it, and librdkafka would guess that the first was.
void rd_delivery_client::note_delivery(const rd_kafka_message_t& message, delivery_status status) {
  const auto topic = std::find_if(topics_.begin(), topics_.end(),
                                  [&](const topic_ptr& one) { return one.get() == message.rkt; });
  if (topic == topics_.end()) return;
  auto& target =
      target_of(static_cast<core::output_topic>(topic - topics_.begin()), message.partition);
  target.proven |= status == delivery_status::delivered;
  target.tried = false;
}

send_result rd_delivery_client::send(const core::output_record& record,
                                     std::optional<std::int32_t> input_partition,
                                     std::int32_t partition, void* slot) {
  auto& target = target_of(record.topic, partition);
  if (!target.proven && target.tried) return {send_status::queue_full, 0};
  auto headers = headers_of(record, input_partition);
  const std::int64_t timestamp =
      record.timestamp_ms < 0 || record.timestamp_refused ? 0 : record.timestamp_ms;  // 0: now
  const core::maybe_bytes value = record.is_tombstone ? std::nullopt : std::optional(record.value);
  const auto code = rd_kafka_producev(
      client_.get(),                                                              //
      RD_KAFKA_VTYPE_RKT, topics_[static_cast<std::size_t>(record.topic)].get(),  //
      RD_KAFKA_VTYPE_PARTITION, partition,                                        //
      RD_KAFKA_VTYPE_MSGFLAGS, 0,                                                 //
      RD_KAFKA_VTYPE_VALUE, data_of(value), size_of(value),                       //
      RD_KAFKA_VTYPE_KEY, data_of(record.key), size_of(record.key),               //
      RD_KAFKA_VTYPE_TIMESTAMP, timestamp,                                        //
      RD_KAFKA_VTYPE_HEADERS, headers.get(),                                      //
      RD_KAFKA_VTYPE_OPAQUE, slot,                                                //
      RD_KAFKA_VTYPE_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    static_cast<void>(headers.release());
    target.tried = true;
    return {};
  }
  // After a fatal error nothing is taken; who polls hears of it.
  const bool waits = code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR__FATAL;
  const auto status = waits                        ? send_status::queue_full
                      : is_the_records_fault(code) ? send_status::refused
                                                   : send_status::failed;
  return {status, code};
}

bool rd_delivery_client::poll(std::vector<delivery>& deliveries) {
  while (deliveries.size() < deliveries_per_poll) {
    const event_ptr event{rd_kafka_queue_poll(queue_.get(), 0)};
    if (!event) return false;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      log_client_error(client_.get(), rd_kafka_event_error_string(event.get()));
    else
      take_request(event.get(), deliveries);
  }
  return true;
}

/// librdkafka reports the records of a request as one event.
void rd_delivery_client::take_request(rd_kafka_event_t* event, std::vector<delivery>& deliveries) {
  const std::size_t first = deliveries.size();
  std::size_t bytes = 0;
  std::string topic;  // Of a request that was refused.
  bool another = false;
  while (const auto* message = rd_kafka_event_message_next(event)) {
    deliveries.push_back(delivery_of(*message));
    note_delivery(*message, deliveries.back().status);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    another |= message->err == another_record;
    bytes += message->len + message->key_len + record_frame_bytes;
    if (topic.empty()) topic = rd_kafka_topic_name(message->rkt);
  }
  if (topic.empty()) return;
  const std::span request{deliveries.begin() + static_cast<std::ptrdiff_t>(first),
                          deliveries.end()};
  const auto is_refused = [](const delivery& one) {
    return one.status == delivery_status::refused;
  };
  if (std::ranges::none_of(request, is_refused)) return;
  ++refused_requests_;
  const bool shrinks =
      is_for_its_size(request.front().code) && learn_size(topic, request.size(), bytes);
  for (auto& one : request | std::views::filter(is_refused)) {
    if (shrinks)
      one.status = delivery_status::unwritten;
    else if (another)
      one.status = delivery_status::singled_out;
  }
}

/// True: smaller requests may pass, so that no record is to blame yet.
bool rd_delivery_client::learn_size(const std::string& topic, std::size_t records,
                                    std::size_t bytes) {
  if (records == 1) return false;
  const std::size_t refused = std::min(bytes, bytes_);
  const std::size_t before = requests_->bytes();
  requests_->learn(refused);
  const std::size_t now = requests_->bytes();
  if (now < before && requests_->admit_warning(std::chrono::steady_clock::now()))
    core::log_warning("a topic refuses requests of this size, they are smaller from now on",
                      {{"topic", topic}, {"refused_bytes", refused}, {"request_bytes", now}});
  else if (now < before)
    core::log_info("requests are made smaller again",
                   {{"topic", topic}, {"refused_bytes", refused}, {"request_bytes", now}});
  too_large_ |= now < bytes_;
  return now < bytes_;
}

std::optional<io_error> rd_delivery_client::fatal_error() const {
  if (too_large_)
    return io_error{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "its requests are too large", false};
  if (refused_requests_ > refused_requests_max)
    return io_error{RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, "many requests were refused", false};
  std::array<char, 512> text{};
  const auto code = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return io_error{code, text.data(), false};
}

void rd_delivery_client::purge_queued() {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

void rd_delivery_client::purge() {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

std::string rd_delivery_client::error_text(error_code code) const {
  return rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code.number()));
}

}  // namespace turnstile::kafka_io
