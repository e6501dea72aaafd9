#include "actors/delivery/standstill_log.hpp"

#include <algorithm>

namespace turnstile::actors {

namespace {

constexpr std::chrono::seconds told_again_first{1};
constexpr std::chrono::seconds told_again_max{60};

std::string partition_text(const core::batch_source& source) {
  return source.is_summary() ? "summary" : std::to_string(source.assignment().partition);
}

const std::string& name_in(const topic_names& topics, core::output_topic topic) {
  return topics[static_cast<std::size_t>(topic)];
}

}  // namespace

void log_left_out(delivery_lane& lane, const topic_names& topics) {
  if (const std::size_t count = lane.take_left_out(); count > 0)
    core::log_warning("summary left out, its topic takes none so large",
                      {{"topic", name_in(topics, core::output_topic::summary)}, {"count", count}});
}

std::string seconds_text(std::chrono::steady_clock::duration passed) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(passed).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

void standstill_log::waits(const delivery_lane& lane, const std::string& error, steady_time now) {
  const auto [at, is_new] = standing_.try_emplace(lane.source());
  auto& here = at->second;
  if (is_new) here.since = here.told_next = now;
  here.seq = lane.failed_at().seq;
  here.topic = lane.failed_at().topic;
  if (now < here.told_next || !limiter_.admit(now)) return;
  const auto stood = now - here.since;
  here.told = true;
  here.told_next = now + std::clamp<steady_time::duration>(stood, told_again_first, told_again_max);
  core::log_warning("delivery failed, the partition waits and sends again",
                    {{"partition", partition_text(lane.source())},
                     {"topic", name_in(topics_, here.topic)},
                     {"error", error},
                     {"advice", kafka_io::delivery_advice(lane.last_error())},
                     {"stands_s", seconds_text(stood)},
                     {"repetition", lane.attempts()},
                     {"suppressed", limiter_.suppressed}});
}

void standstill_log::finished(core::batch_source source, std::uint64_t seq, steady_time now) {
  if (standing_.empty()) return;
  const auto at = standing_.find(source);
  if (at != standing_.end() && seq >= at->second.seq) end(source, "the partition goes on", now);
}

void standstill_log::closed(core::partition_epoch source, steady_time now) {
  end(source, "the partition was given back while it waited", now);
}

void standstill_log::end(core::batch_source source, const char* event, steady_time now) {
  const auto at = standing_.find(source);
  if (at == standing_.end()) return;
  if (at->second.told)
    core::log_info(event, {{"partition", partition_text(source)},
                           {"topic", name_in(topics_, at->second.topic)},
                           {"stood_s", seconds_text(now - at->second.since)}});
  standing_.erase(at);
}

void failure_log::note(const delivery_lane& lane, kafka_io::error_code code, std::string error) {
  cause_ = {};
  if (code.kind() == kafka_io::error_kind::secondary) return;
  cause_ = {std::move(error), name_in(topics_, lane.failed_at().topic),
            kafka_io::delivery_advice(code)};
}

void failure_log::aborted(const std::string& reason, std::uint32_t attempts, steady_time now) {
  if (!since_) since_ = now;
  if (!limiter_.admit(now)) return;
  told_ = true;
  core::log_warning("transaction aborted, its batches are sent again",
                    {{"producer", producer_},
                     {"topic", cause_.topic},
                     {"error", cause_.error.empty() ? reason : cause_.error},
                     {"advice", cause_.advice},
                     {"stands_s", seconds_text(now - *since_)},
                     {"repetition", attempts},
                     {"suppressed", limiter_.suppressed}});
}

void failure_log::committed(steady_time now) {
  if (std::exchange(told_, false))
    core::log_info("transactions are committed again",
                   {{"producer", producer_}, {"stood_s", seconds_text(now - *since_)}});
  since_.reset();
}

}  // namespace turnstile::actors
