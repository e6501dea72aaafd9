#include "generate/event_sender.hpp"

#include <algorithm>
#include <chrono>

namespace turnstile::generate {

namespace {

using std::chrono::milliseconds;

// Between two looks at deliveries and the watcher.
constexpr std::uint64_t burst = 1000;
constexpr milliseconds slice{1};
constexpr milliseconds flush_step{100};
// After a stop, for what is on its way.
constexpr std::chrono::seconds flush_max{10};

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

/// How many events may have been sent by now. One that could not keep up does not catch up more
/// than a second's worth: a rate is not a debt.
std::uint64_t event_sender::due(std::uint64_t sent) {
  if (rate_ <= 0) return sent + burst;
  const double now = now_s();
  const double behind_max = std::max(rate_, 1.0);
  const double should = (now - begin_s_) * rate_;
  const double behind = should - static_cast<double>(sent);
  if (behind > behind_max) begin_s_ += (behind - behind_max) / rate_;
  return static_cast<std::uint64_t>((now - begin_s_) * rate_);
}

void event_sender::run(std::uint64_t count, const watcher& watch) {
  begin_s_ = now_s();
  while (made_ < count && !watch.stopped()) {
    const std::uint64_t until = std::min({due(made_), count, made_ + burst});
    // An event that is due and cannot wait is sent a slice late at most.
    if (until == made_) writer_.poll(slice);
    while (made_ < until) {
      const auto event = next_();
      const bool queued = writer_.send({.key = event.key,
                                        .value = event.value,
                                        .headers = event.headers,
                                        .tag = static_cast<std::uint8_t>(event.kind)},
                                       watch.stopped);
      if (!queued && watch.stopped()) return await_deliveries(watch);
      ++made_;
      if (!queued) return await_deliveries(watch);
    }
    writer_.poll(milliseconds{0});
    watch.delivered(writer_.delivered());
  }
  await_deliveries(watch);
}

void event_sender::await_deliveries(const watcher& watch) {
  const double begin = now_s();
  const double max = std::chrono::duration<double>(flush_max).count();
  while (!writer_.flush(flush_step)) {
    watch.delivered(writer_.delivered());
    if (watch.stopped() && now_s() - begin > max) break;
  }
  watch.delivered(writer_.delivered());
}

by_kind<std::uint64_t> event_sender::delivered() const {
  by_kind<std::uint64_t> counts{};
  for (std::size_t kind = 0; kind < event_kind_count; ++kind) {
    counts[kind] = writer_.delivered(static_cast<std::uint8_t>(kind));
  }
  return counts;
}

std::optional<std::string> event_sender::failure() const {
  const std::uint64_t missing = made_ - writer_.delivered();
  if (missing == 0) return {};
  const auto& error = writer_.error();
  return std::to_string(missing) + " events were not acknowledged" +
         (error ? ": " + error->text : std::string{});
}

}  // namespace turnstile::generate
