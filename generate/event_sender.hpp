// Sends generated events to a topic at a rate and counts those that the broker has acknowledged.
//
// Owned and used by one thread, which `run` keeps until everything is sent. For generate and demo.
// GUARANTEES: the counts hold delivered events only, each once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "generate/event_factory.hpp"
#include "kafka_io/tools/topic_writer.hpp"

namespace turnstile::generate {

/// What makes the events of a factory.
template <typename Factory>
[[nodiscard]] std::function<generated_event()> makes(Factory factory) {
  const auto kept = std::make_shared<Factory>(std::move(factory));
  return [kept] { return kept->next(); };
}

class event_sender {
public:
  /// `rate` in events per second; 0: as fast as possible.
  /// `next`: makes the events, each good until the next one is made.
  event_sender(kafka_io::topic_writer writer, std::function<generated_event()> next, double rate)
    : writer_(std::move(writer)), next_(std::move(next)), rate_(rate) {}

  /// Asked again and again while sending and waiting.
  struct watcher {
    std::function<bool()> stopped;                 ///< True: send no more.
    std::function<void(std::uint64_t)> delivered;  ///< Acknowledged so far.
  };

  /// Sends `count` events and waits for their deliveries.
  void run(std::uint64_t count, const watcher& watch);

  [[nodiscard]] by_kind<std::uint64_t> delivered() const;

  /// Events that were made and not acknowledged, and why; nothing where there are none.
  [[nodiscard]] std::optional<std::string> failure() const;

private:
  [[nodiscard]] std::uint64_t due(std::uint64_t sent);
  void await_deliveries(const watcher& watch);

  kafka_io::topic_writer writer_;
  std::function<generated_event()> next_;
  double rate_;
  double begin_s_ = 0;
  std::uint64_t made_ = 0;
};

}  // namespace turnstile::generate
