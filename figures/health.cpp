#include "figures/health.hpp"

#include <algorithm>

namespace turnstile::figures {

namespace {

template <typename Phase>
Phase phase_in(const core::figure& figure) {
  return static_cast<Phase>(figure.get());
}

std::string state_of(const core::figure& figure, const std::vector<std::string_view>& names) {
  return std::string{names.at(static_cast<std::size_t>(figure.get()))};
}

std::string named(const sign_of_life& sign) {
  return sign.instance.empty() ? std::string{sign.actor}
                               : std::string{sign.actor} + " " + sign.instance;
}

bool is_late(const sign_of_life& sign, const moment& at) {
  const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(life_max).count();
  return sign.seen_ms > 0 && at.steady_ms - sign.seen_ms > most;
}

}  // namespace

std::vector<health_check> liveness(const registry& figures, const moment& at) {
  std::vector<health_check> checks;
  // The actors of an ended worker have nothing to say any more.
  const bool ended =
      phase_in<core::worker_phase>(figures.worker->phase) == core::worker_phase::ended;
  for (const auto& sign : figures.signs_of_life()) {
    if (checks.empty() || checks.back().name != sign.actor)
      checks.push_back({std::string{sign.actor}, true, "moves"});
    auto& check = checks.back();
    if (ended || !check.holds || !is_late(sign, at)) continue;
    check.holds = false;
    check.why = named(sign) + " has not moved for " +
                std::to_string((at.steady_ms - sign.seen_ms) / 1000) + " s";
  }
  return checks;
}

std::vector<health_check> readiness(const registry& figures) {
  std::vector<health_check> checks;
  const auto name = [](const table& of) -> const std::vector<std::string_view>& {
    return *std::ranges::find_if(of.rows, [](const row& r) { return r.states != nullptr; })->states;
  };
  checks.push_back(
      {"worker", phase_in<core::worker_phase>(figures.worker->phase) == core::worker_phase::running,
       state_of(figures.worker->phase, name(worker_table()))});
  checks.push_back({"group",
                    phase_in<core::group_membership>(figures.group->membership) ==
                        core::group_membership::joined,
                    state_of(figures.group->membership, name(group_table())) + ", " +
                        std::to_string(figures.group->partitions.get()) + " partitions"});
  for (std::size_t i = 0; i < figures.producers.size(); ++i) {
    const auto& figure = figures.producers[i]->phase;
    const auto phase = phase_in<core::producer_phase>(figure);
    checks.push_back(
        {"producer " + std::to_string(i),
         phase == core::producer_phase::sending || phase == core::producer_phase::waiting,
         state_of(figure, name(producer_table()))});
  }
  return checks;
}

bool all_hold(const std::vector<health_check>& checks) {
  return std::ranges::all_of(checks, &health_check::holds);
}

std::string checks_text(const std::vector<health_check>& checks) {
  std::string text;
  for (const auto& check : checks)
    text += std::string{check.holds ? "ok " : "not "} + check.name + ": " + check.why + "\n";
  return text;
}

}  // namespace turnstile::figures
