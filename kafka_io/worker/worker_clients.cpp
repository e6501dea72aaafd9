#include "kafka_io/worker/worker_clients.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "config/kafka_property.hpp"
#include "kafka_io/ask/topics.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/unpack_limit.hpp"
#include "kafka_io/worker/batch_survey.hpp"
#include "kafka_io/worker/rd_broker_lookup.hpp"
#include "kafka_io/worker/rd_delivery_client.hpp"
#include "kafka_io/worker/rd_group_client.hpp"
#include "kafka_io/worker/rd_transaction_client.hpp"
#include "kafka_io/worker/split_delivery_client.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::chrono::milliseconds layout_timeout{5000};

/// From so many partitions of the output topics on, a producer without transactions, which must
/// span all topics, has two clients.
constexpr std::int32_t split_partitions_min = 1000;

/// What a request holds beside its records.
constexpr std::size_t request_overhead_bytes = 512;

/// Milliseconds from the first record of a group on; handing over the others takes one or two.
constexpr const char* group_linger = "5";

/// Brokers compare a topic's limit with a whole request's batch; librdkafka knows one limit for all
/// topics.
std::size_t request_bytes_max(const core::topic_layout& layout) {
  const std::size_t smallest = *std::ranges::min_element(layout.record_bytes_max);
  return smallest > 2 * request_overhead_bytes ? smallest - request_overhead_bytes
                                               : request_overhead_bytes;
}

struct producer {
  shared_client client;
  std::size_t request_bytes = 0;
};

/// With the request size that the topics allow.
result<producer> make_producer(result<conf_ptr> conf, request_size& requests) {
  if (!conf) return conf.error();
  const std::string configured = property_of(conf->get(), "batch.size");
  std::size_t wanted = requests.bytes();
  std::from_chars(configured.data(), configured.data() + configured.size(), wanted);
  requests.lower_to(wanted);
  const std::size_t bytes = requests.bytes();
  if (auto error = set_property(conf->get(), "batch.size", std::to_string(bytes))) return *error;
  enable_delivery_events(conf->get());
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client) return client.error();
  return producer{std::move(*client), bytes};
}

template <typename Value>
Value need(result<Value> made) {
  if (!made) throw std::runtime_error(made.error().text);
  return std::move(*made);
}

topic_names names_of(const core::settings& settings) {
  return {settings.topics.input, core::output_topics(settings)};
}

/// Makes the producer clients of one worker. REQUIRES: the same settings made a client before.
struct producer_maker {
  core::settings settings;
  core::topic_layout layout;
  std::int64_t queue_bytes = 0;
  std::shared_ptr<request_size> requests;

  [[nodiscard]] result<conf_ptr> config(std::int64_t bytes, sending how) const {
    auto conf = producer_config(settings, bytes);
    if (!conf) return conf;
    // In a stream what is behind a refused request would be written before that is sent again.
    const bool in_stream = how == sending::in_stream;
    if (auto error =
            set_property(conf->get(), "enable.gapless.guarantee", in_stream ? "true" : "false"))
      return *error;
    // A group is handed over at once, and shall be one request.
    if (auto error =
            in_stream ? std::nullopt : set_property(conf->get(), "linger.ms", group_linger))
      return *error;
    return conf;
  }

  [[nodiscard]] std::unique_ptr<delivery_client> make(std::int64_t bytes, const topic_names& names,
                                                      sending how) const {
    auto made = need(make_producer(config(bytes, how), *requests));
    return std::make_unique<rd_delivery_client>(std::move(made.client), names, requests,
                                                made.request_bytes);
  }

  [[nodiscard]] std::unique_ptr<delivery_client> operator()(sending how) const {
    const topic_names names = names_of(settings);
    if (how == sending::carefully ||
        std::reduce(layout.partitions.begin(), layout.partitions.end()) < split_partitions_min)
      return make(queue_bytes, names, how);
    constexpr auto processed_at = static_cast<std::size_t>(core::output_topic::processed);
    topic_names processed{names.input, {}};
    topic_names others = names;
    std::swap(processed.outputs[processed_at], others.outputs[processed_at]);
    return std::make_unique<split_delivery_client>(make(queue_bytes / 2, processed, how),
                                                   make(queue_bytes / 2, others, how));
  }

  [[nodiscard]] result<transactional_records> records_by(const std::string& id) const {
    auto made = make_producer(transactional_config(settings, queue_bytes, id), *requests);
    if (!made) return made.error();
    auto records = std::make_unique<rd_delivery_client>(made->client, names_of(settings), requests,
                                                        made->request_bytes);
    return transactional_records{std::move(made->client), std::move(records)};
  }

  [[nodiscard]] std::unique_ptr<transaction_client> transactional(const std::string& id) const {
    auto made = need(records_by(id));
    return std::make_unique<rd_transaction_client>(
        std::move(made.client), std::move(made.records), settings.topics.input, id,
        std::chrono::milliseconds{settings.transaction.timeout_ms});
  }
};

/// One batch may come on top of the budget, however large its unpacked records are.
void limit_unpacking_to(const core::settings& settings, const rd_kafka_conf_t* consumer) {
  const std::string received = property_of(consumer, "receive.message.max.bytes");
  unpack_limits limits;
  std::from_chars(received.data(), received.data() + received.size(), limits.batch_bytes);
  limits.resident_bytes =
      std::int64_t{settings.memory.budget_mib} * 1024 * 1024 + limits.batch_bytes;
  limit_unpacking(limits);
}

/// What decides whether a batch can be read is as for the worker's own consumer.
result<shared_client> make_survey_client(const core::settings& settings,
                                         const prefetch_shares& shares) {
  const auto reads_as = consumer_config(settings, shares);
  if (!reads_as) return reads_as.error();
  auto conf = plain_config(settings);
  if (!conf) return conf.error();
  std::vector<std::pair<std::string, std::string>> properties{
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "earliest"},
      // Whatever the transactions: an aborted batch is read before it is left out.
      {"isolation.level", "read_uncommitted"},
      // A broker gives the first batch whole, however large, and only that one is looked at.
      {"fetch.message.max.bytes", "1000"},
      {"fetch.wait.max.ms", "10"},
      {"fetch.error.backoff.ms", "10"},
  };
  for (const char* name : {"check.crcs", "receive.message.max.bytes"})
    properties.emplace_back(name, property_of(reads_as->get(), name));
  for (const auto& [name, value] : properties)
    if (auto error = set_property(conf->get(), name, value)) return *error;
  return make_client(RD_KAFKA_CONSUMER, std::move(*conf));
}

batch_survey make_survey(const core::settings& settings, const prefetch_shares& shares) {
  if (settings.input.unreadable != core::unreadable_input::skip) return nullptr;
  auto survey = std::make_shared<rd_batch_survey>(
      [settings, shares] { return make_survey_client(settings, shares); }, settings.topics.input);
  return [survey](std::int32_t partition, std::int64_t offset, auto answer) {
    survey->ask(partition, offset, std::move(answer));
  };
}

}  // namespace

std::string transactional_id(const core::settings& settings, const std::string& worker_id,
                             std::size_t index) {
  const auto& worker = settings.workers.id.empty() ? worker_id : settings.workers.id;
  return settings.kafka.group + "-" + worker + "-" + std::to_string(index);
}

result<transactional_records> make_transactional_records(core::settings settings,
                                                         const core::topic_layout& layout,
                                                         const std::string& transactional_id) {
  settings.delivery.guarantee = core::guarantee::exactly_once;
  const auto shares = divide_budget(settings.memory.budget_mib, layout.input_partitions,
                                    settings.delivery.guarantee);
  const producer_maker maker{std::move(settings), layout, shares.producer_bytes,
                             std::make_shared<request_size>()};
  maker.requests->lower_to(request_bytes_max(layout));
  return maker.records_by(transactional_id);
}

result<worker_clients> make_worker_clients(const core::settings& settings,
                                           const core::topic_layout& layout,
                                           const std::string& worker_id) {
  const auto shares = divide_budget(settings.memory.budget_mib, layout.input_partitions,
                                    settings.delivery.guarantee);
  const std::int64_t queue_bytes = shares.producer_bytes / settings.workers.producers;
  // Tried here, since the producer actors, who make theirs anew after a fatal error, can only die.
  const producer_maker maker{settings, layout, queue_bytes, std::make_shared<request_size>()};
  maker.requests->lower_to(request_bytes_max(layout));
  const auto tried = make_producer(
      core::exactly_once(settings)
          ? transactional_config(settings, queue_bytes, transactional_id(settings, worker_id, 0))
          : maker.config(queue_bytes, sending::in_stream),
      *maker.requests);
  if (!tried) return tried.error();

  auto conf = consumer_config(settings, shares.prefetch);
  if (!conf) return conf.error();
  limit_unpacking_to(settings, conf->get());
  enable_group_events(conf->get());
  auto consumer = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!consumer) return consumer.error();
  const auto brokers = admin::open(settings);
  if (!brokers) return brokers.error();

  worker_clients clients;
  const in_flight credit{static_cast<std::size_t>(shares.credit_records),
                         static_cast<std::size_t>(shares.credit_bytes)};
  clients.group = std::make_shared<rd_group_client>(
      *consumer, settings.topics.input,
      shares.prefetch.one_queue ? std::optional{credit} : std::nullopt,
      core::exactly_once(settings) && core::consumer_protocol(settings));
  clients.lookup = std::make_shared<rd_broker_lookup>(
      *consumer, settings.topics.input,
      [settings, brokers = *brokers, memory = layout_memory{layout},
       requests = maker.requests]() mutable -> std::optional<core::topic_layout> {
        const auto state = read_topics(brokers, settings, layout_timeout);
        auto filled = state ? memory.fill(*state) : std::nullopt;
        if (filled) requests->lower_to(request_bytes_max(*filled));
        return filled;
      },
      core::begins_at_end(settings));
  clients.survey = make_survey(settings, shares.prefetch);
  clients.make_delivery_client = maker;
  clients.make_transaction_client = [maker, worker_id](std::size_t index) {
    return maker.transactional(transactional_id(maker.settings, worker_id, index));
  };
  clients.credit = credit;
  clients.credit_is_pooled = shares.prefetch.one_queue;
  return clients;
}

}  // namespace turnstile::kafka_io
