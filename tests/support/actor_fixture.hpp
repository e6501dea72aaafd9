// An actor system without threads and with a clock that only moves when told to.
//
// Base of every actor test. Owned by the test case; everything runs on its thread, inside `run` and
// `advance`. GUARANTEES: nothing happens between those calls; actors spawned through it have ended
// when it is gone.
#pragma once

#include <chrono>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include <caf/scheduler/test_coordinator.hpp>

#include "messages/messages.hpp"

namespace turnstile::tests {

/// Remembers the messages it gets, but for show_life. `actor()` is what the actor under test takes
/// for the real one.
template <class... Messages>
class probe {
public:
  using handle = messages::accepts<Messages..., messages::show_life>;
  using received = std::tuple<std::vector<Messages>...>;

  probe(handle actor, std::shared_ptr<received> got)
    : actor_(std::move(actor)), got_(std::move(got)) {}

  template <class Message>
  [[nodiscard]] std::vector<Message>& got() {
    return std::get<std::vector<Message>>(*got_);
  }
  template <class Message>
  [[nodiscard]] std::size_t count() {
    return got<Message>().size();
  }
  /// Takes the oldest message out.
  template <class Message>
  Message take() {
    auto& all = got<Message>();
    Message first = all.at(0);
    all.erase(all.begin());
    return first;
  }
  [[nodiscard]] const handle& actor() const { return actor_; }

  /// The behaviour of a probe.
  static typename handle::behavior_type remember(typename handle::pointer,
                                                 std::shared_ptr<received> got) {
    return {recorder<Messages>(got)..., [](const messages::show_life&) {}};
  }

private:
  template <class Message>
  static auto recorder(std::shared_ptr<received> got) {
    return [got](const Message& m) { std::get<std::vector<Message>>(*got).push_back(m); };
  }

  handle actor_;
  std::shared_ptr<received> got_;
};

class actor_fixture {
public:
  using milliseconds = std::chrono::milliseconds;

  actor_fixture() : system_(config_) {}
  ~actor_fixture() {
    for (const auto& actor : spawned_) messages::end(actor);
    run();
  }
  actor_fixture(const actor_fixture&) = delete;
  actor_fixture& operator=(const actor_fixture&) = delete;

  template <class Function, class... Args>
  auto spawn(Function function, Args&&... args) {
    auto actor = system_.spawn(function, std::forward<Args>(args)...);
    spawned_.push_back(caf::actor_cast<caf::actor>(actor));
    return actor;
  }

  template <class... Messages>
  probe<Messages...> spawn_probe() {
    auto got = std::make_shared<typename probe<Messages...>::received>();
    auto actor = spawn(&probe<Messages...>::remember, got);
    return {std::move(actor), std::move(got)};
  }

  /// Until no actor has anything to do.
  void run() { scheduler().run(); }

  /// Lets time pass in small steps, so that timers which arm each other fire when they should.
  void advance(milliseconds time) {
    constexpr milliseconds step{5};
    run();
    for (; time > milliseconds{0}; time -= step) {
      scheduler().advance_time(std::min(step, time));
      run();
    }
  }

  [[nodiscard]] std::chrono::steady_clock::time_point now() { return scheduler().clock().now(); }

  /// Messages to come by `tell_after`, of all actors.
  [[nodiscard]] std::size_t timers() { return scheduler().clock().schedule().size(); }

  template <class Handle, class Message>
  void send(const Handle& to, Message&& message) {
    messages::tell(to, std::forward<Message>(message));
    run();
  }

  /// Becomes true once the actor has ended.
  template <class Handle>
  [[nodiscard]] std::shared_ptr<bool> watch_end(const Handle& actor) {
    auto ended = std::make_shared<bool>(false);
    messages::call_when_ended(actor, [ended] { *ended = true; });
    return ended;
  }

private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  config config_;
  caf::actor_system system_;
  std::vector<caf::actor> spawned_;
};

}  // namespace turnstile::tests
