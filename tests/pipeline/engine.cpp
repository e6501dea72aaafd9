#include "tests/pipeline/engine.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "actors/worker.hpp"
#include "app/worker/worker_host.hpp"
#include "event/methods/pseudonymiser.hpp"
#include "kafka_io/ask/admin.hpp"
#include "kafka_io/ask/topics.hpp"
#include "kafka_io/worker/worker_clients.hpp"
#include "tests/support/login_transform.hpp"

namespace turnstile::tests {

namespace {

constexpr std::chrono::milliseconds request_timeout{10000};

template <class Value>
Value need(kafka_io::result<Value> found) {
  if (!found) throw std::runtime_error(found.error().text);
  return std::move(*found);
}

core::topic_layout read_layout(const core::settings& settings) {
  const auto brokers = need(kafka_io::admin::open(settings));
  return need(kafka_io::read_topics(brokers, settings, request_timeout)).layout;
}

class host_engine final : public worker_engine {
public:
  explicit host_engine(const core::settings& settings) : host_(settings) { host_.start(); }
  void request_stop() override { host_.request_stop("test ends"); }
  int wait() override { return host_.wait(); }
  [[nodiscard]] worker_counts counts() const override { return {}; }

private:
  app::worker_host host_;
};

class actor_engine final : public worker_engine {
public:
  actor_engine(const core::settings& settings, const engine_plan& plan)
    : figures_(std::make_shared<figures::registry>(
          static_cast<std::size_t>(std::max(1, settings.workers.transformers)),
          static_cast<std::size_t>(settings.workers.producers))) {
    constexpr std::size_t threads = 3;
    messages::register_messages();
    messages::configure_scheduler(config_, threads);
    system_ = std::make_unique<caf::actor_system>(config_);
    worker_ = system_->spawn(actors::worker, arguments(settings, plan));
    messages::call_when_ended(worker_, [this] { end_with(-1); });
  }

  void request_stop() override { messages::tell(worker_, messages::request_stop{"test ends"}); }

  int wait() override {
    if (!system_) return exit_code_;
    exit_code_ = ended_.get_future().get();
    worker_ = messages::worker_actor{};
    system_->await_all_actors_done();
    system_.reset();
    return exit_code_;
  }

  [[nodiscard]] worker_counts counts() const override {
    worker_counts sum;
    for (const auto& f : figures_->transformers) sum.transformed += f->records.get();
    for (const auto& f : figures_->producers) {
      sum.delivery_failures += f->failed.get();
      sum.refusals += f->refused.get();
      sum.repetitions += f->retries.get();
      sum.rebuilds += f->rebuilds.get();
      sum.queued += f->queued.get();
      sum.transactions += f->commits.get();
      sum.aborts += f->aborts.get();
    }
    sum.finished = figures_->summary->received.get();
    sum.commits = figures_->group->commits.get();
    sum.commit_failures = figures_->group->commit_failures.get();
    sum.losses = figures_->group->losses.get();
    return sum;
  }

private:
  actors::worker_args arguments(core::settings given, const engine_plan& plan) {
    if (plan.one_request_in_flight)
      given.kafka.producer["max.in.flight.requests.per.connection"] = "1";
    const auto settings = std::make_shared<const core::settings>(given);
    const auto layout = read_layout(given);
    auto clients = need(kafka_io::make_worker_clients(given, layout, given.workers.id));
    actors::worker_args args;
    args.settings = settings;
    args.worker_id = given.workers.id + "-test";
    args.group_client = std::move(clients.group);
    args.lookup = std::move(clients.lookup);
    args.make_delivery_client = std::move(clients.make_delivery_client);
    args.make_transaction_client = std::move(clients.make_transaction_client);
    args.versions = core::one_version([settings, make = plan.make_transform] {
      return make ? make(*settings) : make_login_transform(*settings);
    });
    args.layout = std::make_shared<const core::topic_layout>(layout);
    args.credit_total = {plan.credit_records, clients.credit.bytes};
    args.credit_is_pooled = clients.credit_is_pooled;
    args.figures = figures_;
    args.now_s = [] { return static_cast<std::int64_t>(std::time(nullptr)); };
    args.ended = [this](int exit_code) { end_with(exit_code); };
    return args;
  }

  static std::unique_ptr<core::record_transform> make_login_transform(
      const core::settings& settings) {
    return std::make_unique<tests::login_transform>(settings,
                                                    std::make_shared<event::pseudonymiser>());
  }

  void end_with(int exit_code) {
    std::call_once(once_, [&] { ended_.set_value(exit_code); });
  }

  std::shared_ptr<figures::registry> figures_;
  std::promise<int> ended_;
  std::once_flag once_;
  int exit_code_ = -1;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  messages::worker_actor worker_;
};

}  // namespace

std::unique_ptr<worker_engine> start_host(const core::settings& settings) {
  return std::make_unique<host_engine>(settings);
}

std::unique_ptr<worker_engine> start_actors(const core::settings& settings,
                                            const engine_plan& plan) {
  return std::make_unique<actor_engine>(settings, plan);
}

}  // namespace turnstile::tests
