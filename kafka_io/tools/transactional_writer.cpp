#include "kafka_io/tools/transactional_writer.hpp"

#include <chrono>
#include <cstring>
#include <span>
#include <thread>
#include <utility>

#include "kafka_io/ask/committed.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/worker/rd_delivery_client.hpp"
#include "kafka_io/worker/worker_clients.hpp"

namespace turnstile::kafka_io {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int init_timeout_ms = 1000;
constexpr int call_timeout_ms = 5000;
constexpr milliseconds repetition_pause{100};
constexpr milliseconds delivery_pause{1};
/// For what is repeated while a coordinator moves.
constexpr milliseconds patience{60'000};
constexpr milliseconds positions_timeout{30'000};

io_error text_of(const rd_kafka_error_t* error, const std::string& doing) {
  return {rd_kafka_error_code(error), doing + ": " + rd_kafka_error_string(error)};
}

/// Repeats what may be repeated.
template <typename Call>
std::optional<io_error> carry_out(const std::string& doing, const Call& call) {
  const auto begin = clock::now();
  while (true) {
    const error_ptr error{call()};
    if (!error) return {};
    if (rd_kafka_error_is_retriable(error.get()) == 0 || clock::now() - begin > patience)
      return text_of(error.get(), doing);
    std::this_thread::sleep_for(repetition_pause);
  }
}

}  // namespace

transactional_writer::transactional_writer(shared_client client,
                                           std::unique_ptr<rd_delivery_client> records,
                                           std::string group, std::string positions_topic)
  : client_(std::move(client)),
    records_(std::move(records)),
    group_(rd_kafka_consumer_group_metadata_new(group.c_str())),
    positions_topic_(std::move(positions_topic)) {}

transactional_writer::transactional_writer(transactional_writer&&) noexcept = default;

transactional_writer::~transactional_writer() {
  // As rd_transaction_client does: librdkafka frees what its transaction needs first.
  if (records_) records_->purge();
}

result<transactional_writer> transactional_writer::open(const core::settings& settings,
                                                        const core::topic_layout& layout,
                                                        const std::string& group,
                                                        const std::string& positions_topic) {
  auto made = make_transactional_records(settings, layout, group);
  if (!made) return made.error();
  return transactional_writer{std::move(made->client), std::move(made->records), group,
                              positions_topic};
}

bool transactional_writer::is_fenced(const io_error& error) {
  return error.code.kind() == error_kind::producer_fenced ||
         error.code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         error.code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

transactional_writer::failure transactional_writer::take_over(const stop_check& stopped) {
  while (true) {
    const error_ptr error{rd_kafka_init_transactions(client_.get(), init_timeout_ms)};
    if (!error) return {};
    if (rd_kafka_error_is_retriable(error.get()) == 0 || stopped())
      return text_of(error.get(), "cannot begin transactions");
    std::this_thread::sleep_for(repetition_pause);
  }
}

transactional_writer::failure transactional_writer::begin() {
  if (open_) return {};
  open_ = true;
  return carry_out("begin of a transaction",
                   [this] { return rd_kafka_begin_transaction(client_.get()); });
}

transactional_writer::failure transactional_writer::take_deliveries() {
  bool more = true;
  while (more) {
    deliveries_.clear();
    more = records_->poll(deliveries_);
    under_way_ -= deliveries_.size();
    for (const auto& one : deliveries_) {
      if (one.status == delivery_status::delivered) continue;
      if (auto fatal = records_->fatal_error()) return fatal;
      return io_error{one.code, "an output was not delivered: " + records_->error_text(one.code)};
    }
  }
  return records_->fatal_error();
}

transactional_writer::failure transactional_writer::send(const core::output_record& record,
                                                         std::int32_t source_partition,
                                                         std::int32_t partition) {
  if (auto error = begin()) return error;
  while (true) {
    const auto sent = records_->send(record, source_partition, partition, nullptr);
    if (sent.status == send_status::queued) break;
    if (sent.status != send_status::queue_full)
      return io_error{sent.code, "an output was refused: " + records_->error_text(sent.code)};
    if (auto error = take_deliveries()) return error;
    std::this_thread::sleep_for(delivery_pause);
  }
  ++under_way_;
  return {};
}

/// librdkafka gives each record up after its `delivery.timeout.ms`, so this ends.
transactional_writer::failure transactional_writer::await_deliveries() {
  while (under_way_ > 0) {
    if (auto error = take_deliveries()) return error;
    if (under_way_ > 0) std::this_thread::sleep_for(delivery_pause);
  }
  return take_deliveries();
}

transactional_writer::failure transactional_writer::send_positions(
    const std::vector<noted_position>& positions) {
  if (positions.empty()) return {};
  const topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(positions.size()))};
  for (const auto& at : positions) {
    auto* const entry =
        rd_kafka_topic_partition_list_add(list.get(), positions_topic_.c_str(), at.partition);
    entry->offset = at.offset;
    if (at.note.empty()) continue;
    entry->metadata = rd_kafka_mem_malloc(client_.get(), at.note.size());
    entry->metadata_size = at.note.size();
    std::memcpy(entry->metadata, at.note.data(), at.note.size());
  }
  return carry_out("positions of the redrive", [&] {
    return rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), group_.get(),
                                                call_timeout_ms);
  });
}

transactional_writer::failure transactional_writer::commit(
    const std::vector<noted_position>& positions) {
  if (!open_ && positions.empty()) return {};
  if (auto error = begin()) return error;
  if (auto error = await_deliveries()) return error;
  if (auto error = send_positions(positions)) return error;
  auto error = carry_out("commit of a transaction", [this] {
    return rd_kafka_commit_transaction(client_.get(), call_timeout_ms);
  });
  open_ = error.has_value();
  return error;
}

result<std::vector<noted_position>> read_positions(const core::settings& settings,
                                                   const std::string& group,
                                                   const std::string& topic,
                                                   std::int32_t partitions) {
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  // With read_committed the coordinator does not answer while a transaction is pending.
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"group.id", group},
                                    {"isolation.level", "read_committed"}}) {
    if (auto error = set_property(conf->get(), name, value)) return std::move(*error);
  }
  const auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return client.error();
  const auto begin = clock::now();
  while (true) {
    const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(partitions)};
    for (std::int32_t p = 0; p < partitions; ++p)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p);
    const auto code = ask_committed(client->get(), list.get(), milliseconds{call_timeout_ms});
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (clock::now() - begin > positions_timeout)
        return error_of(code, "positions of group " + group);
      std::this_thread::sleep_for(repetition_pause);
      continue;
    }
    std::vector<noted_position> found(static_cast<std::size_t>(partitions));
    for (const auto& entry : std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
      auto& at = found[static_cast<std::size_t>(entry.partition)];
      at = {entry.partition, entry.offset < 0 ? -1 : entry.offset, {}};
      if (entry.metadata_size > 0)
        at.note.assign(static_cast<const char*>(entry.metadata), entry.metadata_size);
    }
    return found;
  }
}

}  // namespace turnstile::kafka_io
