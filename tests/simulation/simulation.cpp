#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace turnstile::simulation {

namespace {

constexpr std::int32_t input_partitions = 4;
constexpr std::int32_t output_partitions = 2;  // Fewer: lanes share them. Later there is one.
constexpr std::size_t worker_count = 3;
constexpr int steps = 1500;
constexpr std::int64_t inputs_max = 400;
constexpr int settling_rounds_max = 20'000;

/// Most go on, some are filtered, some fail; which ones, the offset says.
class copying_transform final : public core::record_transform {
public:
  void apply(const core::record_view& in, core::record_batch& batch, std::int64_t) override {
    auto out = carry(in, batch.memory);
    out.value = batch.memory.copy(*in.value);
    out.user_id = "\"u\"";
    if (in.offset % 5 == 1) {
      out.topic = core::output_topic::cleaned;
      out.result = core::outcome::filtered;
    } else if (in.offset % 4 == 2) {
      batch.failures.push_back({.slot = batch.outputs.size()});
    }
    batch.outputs.push_back(out);
  }
};

}  // namespace

simulation::simulation(std::uint64_t seed, core::guarantee guarantee, weather weather)
  : guarantee_(guarantee),
    weather_(weather),
    random_(seed),
    kafka_(input_partitions, guarantee == core::guarantee::exactly_once),
    brokers_(kafka_, random_, now_ms_, output_partitions, weather != weather::calm),
    system_(config_) {
  workers_.resize(worker_count);
  for (std::size_t index = 0; index < worker_count; ++index) start(index);
}

simulation::~simulation() {
  for (const auto& worker : workers_) messages::end(worker.actor);
  scheduler().run();
}

std::shared_ptr<core::settings> simulation::settings() const {
  auto settings = std::make_shared<core::settings>();
  settings->delivery.guarantee = guarantee_;
  settings->transaction = {100, 30, 1'000'000, transaction_timeout_ms};
  settings->topics.input = "user-login";
  settings->summary.every = 20;
  settings->summary.distinct_values_max = 100;
  settings->producer.retry_backoff_ms = 10;
  settings->producer.retry_backoff_max_ms = 100;
  settings->metrics.interval_ms = 1'000'000'000;
  settings->commit.interval_ms = 50;
  settings->drain.timeout_ms = weather_ == weather::calm ? 1'000'000 : 200;
  settings->shutdown.timeout_ms = 10'000'000;
  settings->batch.records_max = 10;
  return settings;
}

void simulation::start(std::size_t index) {
  auto& worker = workers_[index];
  worker = {};
  worker.process = std::make_shared<process>(process{index});
  worker.group = std::make_shared<sim_group>(kafka_, worker.process);
  worker.lookup = std::make_shared<sim_lookup>();
  worker.figures = std::make_shared<figures::registry>(2, 2);
  all_figures_.push_back(worker.figures);
  const std::string id = "w" + std::to_string(index);
  actors::worker_args args;
  args.settings = settings();
  args.worker_id = id;
  args.group_client = worker.group;
  args.lookup = worker.lookup;
  args.make_delivery_client = [this, process = worker.process](kafka_io::sending how) {
    return std::make_unique<sim_producer>(brokers_.accept(process, "", how));
  };
  args.make_transaction_client = [this, id, process = worker.process](std::size_t n) {
    return std::make_unique<sim_producer>(brokers_.accept(process, id + "-" + std::to_string(n)));
  };
  args.versions = core::one_version([] { return std::make_unique<copying_transform>(); });
  auto layout = std::make_shared<core::topic_layout>();
  layout->input_partitions = input_partitions;
  layout->partitions.fill(output_partitions);
  args.layout = std::move(layout);
  args.credit_total = {100, 100'000'000};
  args.figures = worker.figures;
  args.now_s = [] { return std::int64_t{1729894460}; };
  args.ended = [codes = worker.exit_codes](int code) { codes->push_back(code); };
  worker.actor = system_.spawn(actors::worker, std::move(args));
  rebalance_wanted_ = true;
}

void simulation::kill(sim_worker& worker) {
  worker.process->alive = false;
  messages::end(worker.actor);
  worker.owned.clear();
  rebalance_wanted_ = true;
}

void simulation::take_messages(std::size_t count) {
  auto& jobs = scheduler().jobs;
  for (; count > 0 && !jobs.empty(); --count) {
    const auto drawn = jobs.begin() + static_cast<long>(random_.below(jobs.size()));
    std::rotate(jobs.begin(), drawn, drawn + 1);
    scheduler().run_once();
  }
}

void simulation::pass(std::int64_t milliseconds_max) {
  const std::int64_t milliseconds = random_.between(1, milliseconds_max);
  now_ms_ += milliseconds;
  scheduler().advance_time(std::chrono::milliseconds{milliseconds});
}

void simulation::step() {
  take_messages(random_.below(20));
  serve_brokers();
  if (random_.one_in(8)) pass(30);
  if (random_.one_in(12)) {
    const auto partition = static_cast<std::int32_t>(random_.below(input_partitions));
    if (kafka_.end(partition) < inputs_max) kafka_.append_inputs(partition, random_.between(1, 20));
  }
  if (random_.one_in(100)) rebalance_wanted_ = true;
  if (weather_ != weather::calm && random_.one_in(40)) disturb();
  if (weather_ != weather::calm && random_.one_in(steps)) brokers_.shrink_outputs();
  go_on_with_rebalance();
}

void simulation::serve_brokers() {
  for (std::size_t n = random_.below(4); n > 0; --n) brokers_.take_produce_request();
  if (random_.one_in(2)) brokers_.answer_transaction_call();
  auto& worker = workers_[random_.below(workers_.size())];
  if (!worker.process->alive) return;
  if (random_.one_in(3)) brokers_.answer_commit(*worker.process, *worker.group);
  if (random_.one_in(2)) brokers_.answer_lookup(*worker.lookup);
  for (const auto& [partition, source] : worker.group->sources)
    if (random_.one_in(3)) source->fetch();
}

void simulation::disturb() {
  // Transactions of the dead end by this, or by their successor.
  if (random_.one_in(3)) brokers_.expire_transactions();
  auto& worker = workers_[random_.below(workers_.size())];
  auto& process = *worker.process;
  if (!process.alive) return start(process.worker);
  if (!process.connected) return bring_back(worker);
  if (weather_ == weather::deadly && random_.one_in(2)) return kill(worker);
  process.connected = false;
  rebalance_wanted_ = true;
}

// The group.

bool simulation::is_member(const sim_worker& worker) const {
  return worker.process->alive && worker.process->connected && !worker.is_returning;
}

/// A member joins the next generation on the connection that its commits go by.
bool simulation::all_have_answered() const {
  return std::all_of(workers_.begin(), workers_.end(), [this](const sim_worker& worker) {
    return !is_member(worker) || (worker.group->unanswered == 0 && worker.group->commits.empty());
  });
}

void simulation::begin_rebalance() {
  rebalance_wanted_ = false;
  target_.assign(workers_.size(), {});
  for (std::int32_t partition = 0; partition < input_partitions; ++partition) {
    const auto drawn = random_.below(workers_.size());
    for (std::size_t n = 0; n < workers_.size(); ++n) {
      const auto index = (drawn + n) % workers_.size();
      if (!is_member(workers_[index]) || workers_[index].group->closing) continue;
      target_[index].insert(partition);
      break;
    }
  }
  for (std::size_t index = 0; index < workers_.size(); ++index) {
    auto& worker = workers_[index];
    if (!is_member(worker)) continue;
    std::vector<std::int32_t> leaving;
    std::set_difference(worker.owned.begin(), worker.owned.end(), target_[index].begin(),
                        target_[index].end(), std::back_inserter(leaving));
    for (const auto partition : leaving) worker.owned.erase(partition);
    if (!leaving.empty()) worker.group->revoked(std::move(leaving), false);
  }
  phase_ = rebalance_phase::revoking;
}

void simulation::go_on_with_rebalance() {
  for (auto& worker : workers_) {
    if (!worker.is_returning || worker.group->unanswered > 0) continue;
    worker.is_returning = false;
    worker.process->connected = true;
    rebalance_wanted_ = true;
  }
  if (!all_have_answered()) return;
  if (phase_ == rebalance_phase::assigning) phase_ = rebalance_phase::idle;
  if (phase_ == rebalance_phase::idle) {
    if (rebalance_wanted_) begin_rebalance();
    return;
  }
  kafka_.begin_generation();
  for (std::size_t index = 0; index < workers_.size(); ++index) {
    auto& worker = workers_[index];
    if (!is_member(worker)) continue;
    std::vector<std::int32_t> coming;
    std::set_difference(target_[index].begin(), target_[index].end(), worker.owned.begin(),
                        worker.owned.end(), std::back_inserter(coming));
    worker.owned.insert(coming.begin(), coming.end());
    worker.group->assigned(std::move(coming), kafka_.generation());
  }
  phase_ = rebalance_phase::assigning;
}

/// It learns what the group decided without it.
void simulation::bring_back(sim_worker& worker) {
  if (worker.is_returning || worker.group->unanswered > 0) return;
  worker.is_returning = true;
  worker.group->revoked({worker.owned.begin(), worker.owned.end()}, true);
  worker.owned.clear();
}

// The end.

bool simulation::settle_down() {
  brokers_.end_faults();
  for (int round = 0; round < settling_rounds_max; ++round) {
    for (auto& worker : workers_) {
      if (!worker.process->alive) start(worker.process->worker);
      if (!worker.process->connected) bring_back(worker);
    }
    take_messages(50);
    serve_brokers();
    go_on_with_rebalance();
    if (scheduler().jobs.empty()) pass(5);
    const bool at_rest = phase_ == rebalance_phase::idle && !rebalance_wanted_;
    if (at_rest && kafka_.all_committed()) return true;
  }
  return false;
}

bool simulation::stop_all() {
  for (const auto& worker : workers_) messages::tell(worker.actor, messages::request_stop{"end"});
  for (int round = 0; round < settling_rounds_max; ++round) {
    take_messages(50);
    serve_brokers();
    if (scheduler().jobs.empty()) pass(5);
    for (auto& worker : workers_) {
      if (!worker.group->closing || worker.group->is_closed || worker.group->unanswered > 0)
        continue;
      if (worker.owned.empty()) {
        worker.group->is_closed = true;
        continue;
      }
      worker.group->revoked({worker.owned.begin(), worker.owned.end()}, false);
      worker.owned.clear();
    }
    if (std::all_of(workers_.begin(), workers_.end(),
                    [](const sim_worker& worker) { return !worker.exit_codes->empty(); }))
      break;
  }
  return std::all_of(workers_.begin(), workers_.end(), [](const sim_worker& worker) {
    return *worker.exit_codes == std::vector<int>{0};
  });
}

std::int64_t simulation::possible_repeats() const {
  std::int64_t total = 0;
  for (const auto& figures : all_figures_) {
    total += figures->group->possible_repeats.get();
    for (const auto& producer : figures->producers) total += producer->possible_repeats.get();
  }
  return total;
}

std::string simulation::run() {
  for (int n = 0; n < steps && kafka_.broken().empty(); ++n) step();
  if (kafka_.broken().empty() && !settle_down()) return "it does not come to an end";
  if (kafka_.broken().empty() && !stop_all()) return "not all workers stop with code 0";
  kafka_.judge();
  if (!kafka_.broken().empty()) return kafka_.broken();
  const auto repeats = static_cast<std::int64_t>(kafka_.repeats());
  if (weather_ == weather::calm && repeats > 0) return "repeats without any fault";
  // What a killed worker knew of is gone with it.
  if (weather_ == weather::rough && repeats > possible_repeats())
    return std::to_string(repeats) + " repeats, " + std::to_string(possible_repeats()) +
           " counted as possible";
  return {};
}

}  // namespace turnstile::simulation
