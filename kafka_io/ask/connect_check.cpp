#include "kafka_io/ask/connect_check.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <unistd.h>

#include "core/quoting.hpp"
#include "kafka_io/ask/broker_facts.hpp"
#include "kafka_io/ask/topics.hpp"
#include "kafka_io/client/client_config.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::chrono::milliseconds timeout{5000};

std::optional<std::string> client_fault(rd_kafka_type_t type, result<conf_ptr> conf) {
  if (!conf) return conf.error().text;
  // It would warn that it knows no broker; of all else the worker's own will warn.
  if (auto error = set_property(conf->get(), "log_level", "0")) return error->text;
  const auto client = make_client(type, std::move(*conf));
  if (client) return {};
  return "kafka: " + client.error().text;
}

/// A file that is named and cannot be read, for which OpenSSL has no word; empty: none.
std::string unreadable_file(const core::settings& settings) {
  for (const auto& [table, properties] : {std::pair{"kafka.", &settings.kafka.common},
                                          std::pair{"kafka.consumer.", &settings.kafka.consumer},
                                          std::pair{"kafka.producer.", &settings.kafka.producer}}) {
    for (const auto& [name, value] : *properties) {
      if (!name.starts_with("ssl.") || !name.ends_with(".location") || value == "probe") continue;
      if (::access(value.c_str(), R_OK) != 0)
        return table + name + ": cannot read " + value + ": " + std::strerror(errno);
    }
  }
  return {};
}

/// One question after the other, as far as each makes sense after those before.
class connection_check {
public:
  connection_check(const core::settings& settings, const std::function<void(std::string_view)>& to)
    : settings_(settings), asking_(to) {}

  broker_report run() {
    const auto brokers = admin::open(settings_);
    if (!brokers) return {.problems = {brokers.error().text}};
    client_ = brokers->client();
    asking_("brokers");
    if (const auto error = brokers->wait_for_broker(timeout))
      return {.problems = {"kafka.brokers " + broker_list(settings_) + ": " + error->text}};
    if (const auto fault = broken_promise(*brokers, settings_); !fault.empty())
      report_.problems.push_back("delivery.guarantee: " + fault);
    check_topics();
    if (topics_.front().partitions > 0) {
      check_reading();
      check_group(*brokers);
    }
    check_writing();
    check_broker();
    return std::move(report_);
  }

private:
  void check_topics() {
    asking_("topics");
    broker_ = some_broker(client_.get(), timeout);
    std::string unknown;
    std::string unknown_why;
    for (const auto& name : topic_list(settings_)) {
      auto shape = read_shape(client_.get(), name, timeout);
      topics_.push_back(shape ? *shape : topic_shape{.name = name});
      if (!shape) {
        report_.problems.push_back("topic " + name + ": " + shape.error().text);
      } else if (shape->partitions == 0) {
        if (!settings_.topics.create)
          report_.problems.push_back("topic " + name +
                                     " does not exist (create it, or set topics.create)");
      } else if (auto config =
                     read_config(client_.get(), RD_KAFKA_RESOURCE_TOPIC, name, broker_, timeout)) {
        topics_.back().config = std::move(*config);
      } else {
        core::append_item(unknown, name);
        unknown_why = config.error().text;
      }
    }
    if (!unknown.empty())
      report_.unchecked.push_back("limits, compaction and replication of " + unknown + ": " +
                                  unknown_why);
    judge_topics(settings_, topics_, report_);
  }

  void check_reading() {
    asking_("the right to read");
    auto conf = plain_config(settings_);
    if (!conf) return;
    for (const auto& [name, value] :
         {std::pair{"enable.partition.eof", "true"}, std::pair{"fetch.wait.max.ms", "20"}})
      static_cast<void>(set_property(conf->get(), name, value));
    const auto consumer = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
    if (!consumer) return;
    const auto error = reading_refused(consumer->get(), settings_.topics.input, timeout);
    if (!error) return;
    const bool refused = error->code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    auto& to = refused ? report_.problems : report_.unchecked;
    to.push_back("reading topic " + settings_.topics.input + ": " + error->text);
  }

  void check_group(const admin& brokers) {
    asking_("the group");
    const auto offsets = brokers.committed_offsets(settings_.kafka.group, settings_.topics.input,
                                                   topics_.front().partitions, timeout);
    if (!offsets) report_.problems.push_back(offsets.error().text);
  }

  void check_writing() {
    asking_("the right to write");
    std::vector<std::string> outputs;
    for (std::size_t i = 1; i < topics_.size(); ++i)
      if (topics_[i].partitions > 0) outputs.push_back(topics_[i].name);
    if (outputs.empty()) return;
    const auto without = not_writable(client_.get(), outputs, timeout);
    if (!without) {
      report_.unchecked.push_back("the right to write to the output topics: " +
                                  without.error().text);
    } else {
      for (const auto& name : *without)
        report_.problems.push_back("topic " + name + ": no right to write");
    }
    if (core::exactly_once(settings_))
      report_.unchecked.emplace_back(
          "the right to the transactional id: to ask for it would fence a worker that runs");
  }

  void check_broker() {
    asking_("limits of the brokers");
    const auto config = read_config(client_.get(), RD_KAFKA_RESOURCE_BROKER,
                                    std::to_string(broker_), broker_, timeout);
    if (config)
      judge_broker(settings_, *config, report_);
    else
      report_.unchecked.push_back("the brokers' limits of sessions and transactions: " +
                                  config.error().text);
  }

  const core::settings& settings_;
  const std::function<void(std::string_view)>& asking_;
  shared_client client_;
  std::int32_t broker_ = -1;
  std::vector<topic_shape> topics_;
  broker_report report_;
};

}  // namespace

std::vector<std::string> client_faults(const core::settings& settings) {
  if (auto fault = unreadable_file(settings); !fault.empty()) return {std::move(fault)};
  core::settings offline = settings;
  offline.kafka.brokers.clear();
  const auto shares = divide_budget(settings.memory.budget_mib, 1, settings.delivery.guarantee);
  auto producer = core::exactly_once(settings)
                      ? transactional_config(offline, shares.producer_bytes, "checked")
                      : producer_config(offline, shares.producer_bytes);
  std::vector<std::string> faults;
  for (auto& fault : {client_fault(RD_KAFKA_CONSUMER, consumer_config(offline, shares.prefetch)),
                      client_fault(RD_KAFKA_PRODUCER, std::move(producer))}) {
    if (fault && (faults.empty() || faults.back() != *fault)) faults.push_back(*fault);
  }
  return faults;
}

std::string broken_promise(const admin& brokers, const core::settings& settings) {
  if (!core::exactly_once(settings) || settings.delivery.allow_unenforced ||
      !brokers.is_embedded_broker(timeout))
    return {};
  return "the embedded broker accepts transactions and does not enforce them; set "
         "delivery.allow_unenforced to try it all the same";
}

broker_report check_connection(const core::settings& settings,
                               const std::function<void(std::string_view)>& asking) {
  return connection_check{settings, asking}.run();
}

}  // namespace turnstile::kafka_io
