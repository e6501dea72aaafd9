// Real actors of several workers on a model of Kafka, in an order and with faults drawn from a
// seed.
//
// One for each seed, owned by the test. Everything runs on the test's thread: a random actor takes
// its next message, a random request is carried out or fails, time passes, partitions move, workers
// are killed, lose their group or come back. The same seed does the same again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <caf/scheduler/test_coordinator.hpp>

#include "actors/worker.hpp"
#include "tests/simulation/brokers.hpp"
#include "tests/support/log_capture.hpp"

namespace turnstile::simulation {

enum class weather : std::uint8_t {
  calm,    ///< Partitions move, but gracefully, and nothing fails.
  rough,   ///< Requests fail or lose their answers; workers lose the group and come back.
  deadly,  ///< Workers are killed too.
};

class simulation {
public:
  simulation(std::uint64_t seed, core::guarantee guarantee, weather weather);
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  /// Empty where every promise was kept, else the first that was not.
  [[nodiscard]] std::string run();

private:
  struct sim_worker {
    process_ptr process;
    std::shared_ptr<sim_group> group;
    std::shared_ptr<sim_lookup> lookup;
    std::shared_ptr<figures::registry> figures;
    std::shared_ptr<std::vector<int>> exit_codes = std::make_shared<std::vector<int>>();
    messages::worker_actor actor;
    std::set<std::int32_t> owned;
    bool is_returning = false;  ///< It was told that it lost its partitions.
  };
  enum class rebalance_phase : std::uint8_t { idle, revoking, assigning };

  struct system_config : caf::actor_system_config {
    system_config() { set("scheduler.policy", caf::atom("testing")); }
  };

  [[nodiscard]] caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  [[nodiscard]] std::shared_ptr<core::settings> settings() const;
  void start(std::size_t index);
  void kill(sim_worker& worker);

  void take_messages(std::size_t count);
  void step();
  void disturb();
  void serve_brokers();
  void pass(std::int64_t milliseconds_max);

  [[nodiscard]] bool is_member(const sim_worker& worker) const;
  [[nodiscard]] bool all_have_answered() const;
  void begin_rebalance();
  void go_on_with_rebalance();
  void bring_back(sim_worker& worker);

  [[nodiscard]] bool settle_down();
  [[nodiscard]] bool stop_all();
  [[nodiscard]] std::int64_t possible_repeats() const;

  core::guarantee guarantee_;
  weather weather_;
  tests::seeded_random random_;
  tests::log_capture log_;
  std::int64_t now_ms_ = 0;
  model_kafka kafka_;
  brokers brokers_;
  system_config config_;
  caf::actor_system system_;

  std::vector<sim_worker> workers_;
  std::vector<std::shared_ptr<figures::registry>> all_figures_;
  rebalance_phase phase_ = rebalance_phase::idle;
  std::vector<std::set<std::int32_t>> target_;  ///< Of each worker, in the rebalance under way.
  bool rebalance_wanted_ = true;
};

}  // namespace turnstile::simulation
