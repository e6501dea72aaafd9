#include "tests/pipeline/fleet.hpp"

#include <memory>
#include <stdexcept>
#include <utility>

namespace turnstile::tests {

namespace {

constexpr int brokers_each = 2;

kafka_io::embedded_broker started() {
  auto broker = kafka_io::embedded_broker::start(brokers_each);
  if (!broker) throw std::runtime_error(broker.error().text);
  return std::move(*broker);
}

std::vector<worker_plan>& plans() {
  static std::vector<worker_plan> all;
  return all;
}

/// Members in this order: workers end before their brokers, the log is there throughout.
struct fleet {
  shared_log log;
  std::vector<std::unique_ptr<kafka_io::embedded_broker>> brokers;
  std::vector<std::unique_ptr<running_worker>> workers;

  fleet() {
    const auto add_broker = [this] {
      brokers.push_back(std::make_unique<kafka_io::embedded_broker>(started()));
    };
    add_broker();
    for (const auto& plan : plans()) {
      if (plan.own_broker) add_broker();
      auto& broker = plan.own_broker ? brokers.back() : brokers.front();
      workers.push_back(std::make_unique<running_worker>(plan, *broker));
    }
  }
};

std::unique_ptr<fleet>& the_fleet() {
  static std::unique_ptr<fleet> one;
  return one;
}

fleet& started_fleet() {
  auto& one = the_fleet();
  if (!one) one = std::make_unique<fleet>();
  return *one;
}

}  // namespace

prepared_worker::prepared_worker(worker_plan plan) : index_(plans().size()) {
  plans().push_back(std::move(plan));
}

running_worker& prepared_worker::operator*() const { return *started_fleet().workers[index_]; }

shared_log& fleet_log() { return started_fleet().log; }

std::vector<std::string> stop_fleet() {
  std::vector<std::string> unclean;
  auto& one = the_fleet();
  if (!one) return unclean;
  for (const auto& worker : one->workers) worker->request_stop();
  for (const auto& worker : one->workers) {
    if (worker->stopped()) continue;
    if (worker->stop() != worker->ends_with()) unclean.push_back(worker->name());
  }
  one.reset();
  return unclean;
}

}  // namespace turnstile::tests
