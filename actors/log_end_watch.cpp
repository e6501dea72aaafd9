#include "actors/log_end_watch.hpp"

#include "core/log.hpp"

namespace turnstile::actors {

namespace {

std::int64_t ms(std::chrono::steady_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

bool log_end_watch::ask(time_point now) {
  if (asked_ || now < next_) return false;
  asked_ = true;
  next_ = now + interval;
  return true;
}

void log_end_watch::begin_answer() {
  asked_ = false;
  held_ = released_ = 0;
}

void log_end_watch::note(const kafka_io::log_end_fact& fact, core::partition_figures& of,
                         time_point now) {
  of.end.set(fact.readable);
  of.end_told_ms.set(ms(now.time_since_epoch()));
  of.held_back.set(fact.written - fact.readable);
  const auto known = holds_.find(fact.partition);
  // Where it has moved, that transaction is over, and another may be open behind it.
  if (known != holds_.end() &&
      (fact.written == fact.readable || fact.readable != known->second.at)) {
    if (known->second.told) end_hold(fact.partition, known->second, now);
    holds_.erase(known);
  }
  if (fact.written == fact.readable) return;
  auto& by = holds_.try_emplace(fact.partition, hold{fact.readable, now, false}).first->second;
  if (!by.told && now - by.since >= told_after) begin_hold(fact, by, now);
}

void log_end_watch::begin_hold(const kafka_io::log_end_fact& fact, hold& by, time_point now) {
  by.told = true;
  if (++held_ > lines_max) return;
  core::log_warning("an open transaction holds a partition back",
                    {{"partition", fact.partition},
                     {"offset", fact.readable},
                     {"held_back", fact.written - fact.readable},
                     {"since_ms", ms(now - by.since)}});
}

void log_end_watch::end_hold(std::int32_t partition, const hold& over, time_point now) {
  if (++released_ > lines_max) return;
  core::log_info(
      "the open transaction is over, the partition goes on",
      {{"partition", partition}, {"offset", over.at}, {"after_ms", ms(now - over.since)}});
}

void log_end_watch::end_answer() {
  if (held_ > lines_max)
    core::log_warning("open transactions hold more partitions back",
                      {{"partitions", held_ - lines_max}});
  if (released_ > lines_max)
    core::log_info("open transactions are over, more partitions go on",
                   {{"partitions", released_ - lines_max}});
}

}  // namespace turnstile::actors
