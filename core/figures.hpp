// What the actors count about themselves.
//
// Each figure is written by one actor at a time and read by others on other threads without a
// message, so that an actor that hangs is still seen. Relaxed atomics: each figure is right by
// itself, figures read together may be a moment apart. What each is called, and of which kind it
// is: figures/catalogue.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <type_traits>

#include "core/batch.hpp"

namespace turnstile::core {

/// A number with a single writer.
class figure {
public:
  figure() = default;
  explicit figure(std::int64_t begin) : value_(begin) {}

  void add(std::int64_t n) { value_.store(get() + n, std::memory_order_relaxed); }
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  template <class Phase>
  requires std::is_enum_v<Phase>
  void set(Phase phase) { set(static_cast<std::int64_t>(phase)); }
  [[nodiscard]] std::int64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

/// Durations in microseconds, counted in buckets of four to each power of two: a quantile is right
/// to within 25 %. Single writer.
class latency_figure {
public:
  static constexpr std::size_t bucket_count = std::size_t{4} * 40;

  void record(std::int64_t us, std::int64_t times) {
    buckets_[bucket_of(us)].add(times);
    sum_us_.add(us * times);
  }
  [[nodiscard]] std::int64_t sum_us() const { return sum_us_.get(); }

  using counts = std::array<std::int64_t, bucket_count>;
  [[nodiscard]] counts read() const {
    counts all{};
    for (std::size_t i = 0; i < bucket_count; ++i) all[i] = buckets_[i].get();
    return all;
  }

  /// The upper bound in microseconds of the bucket that holds quantile `q` of `c`; 0 for none.
  [[nodiscard]] static std::int64_t quantile(const counts& c, double q) {
    std::int64_t total = 0;
    for (const auto n : c) total += n;
    const auto wanted = static_cast<std::int64_t>(q * static_cast<double>(total));
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < bucket_count; ++i) {
      seen += c[i];
      if (total > 0 && seen > wanted) return upper_bound(i);
    }
    return 0;
  }

  static std::int64_t upper_bound(std::size_t i) {
    return static_cast<std::int64_t>(4 + i % 4 + 1) << (i / 4);
  }

private:
  static std::size_t bucket_of(std::int64_t us) {
    const auto v = static_cast<std::uint64_t>(us < 4 ? 4 : us);
    const auto octave = static_cast<std::size_t>(std::bit_width(v)) - 3;
    const std::size_t i = octave * 4 + ((v >> octave) & 3U);
    return i < bucket_count ? i : bucket_count - 1;
  }
  std::array<figure, bucket_count> buckets_;
  figure sum_us_;
};

/// Milliseconds since the epoch.
inline std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Adds the time of its life to a figure of the actor that makes it.
class busy_time {
public:
  explicit busy_time(figure& us) : us_(us) {}
  ~busy_time() {
    const auto took = std::chrono::steady_clock::now() - began_;
    us_.add(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  }
  busy_time(const busy_time&) = delete;
  busy_time& operator=(const busy_time&) = delete;

private:
  figure& us_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// When an actor was last seen to work, by the steady clock: it answers `show_life`.
struct life_figure {
  figure seen_ms;
  void note() {
    seen_ms.set(std::chrono::duration_cast<std::chrono::milliseconds>(
                    std::chrono::steady_clock::now().time_since_epoch())
                    .count());
  }
};

/// After so long without an answer of the partition's leader nobody knows where its log ends.
inline constexpr std::int64_t log_end_stale_ms = 5000;

struct partition_figures {
  explicit partition_figures(partition_epoch s) : source(s) {
    for (auto* unknown : {&first_read, &position, &committed, &end, &empty_from, &empty_to,
                          &oldest_timestamp_ms, &moved_ms})
      unknown->set(-1);
  }
  const partition_epoch source;
  life_figure life;
  figure records, bytes, busy_us;
  figure in_flight;   ///< Records read whose batch is not finished.
  figure first_read;  ///< Offset of the first record read; -1: none was.
  figure position;    ///< Next offset to read; -1: nothing read or committed yet.
  figure committed;   ///< -1: none.
  figure blocked;     ///< Times there was no credit to read.
  figure removed;     ///< Offsets that were gone from the log before they were read.
  /// Of the oldest record in flight, or else of the last one read; -1: none.
  figure oldest_timestamp_ms;
  /// Between these offsets nothing is to be read: there are transactions' markers, aborted records.
  figure empty_from, empty_to;

  // By the group_consumer, as the partition's leader says.
  figure end;          ///< Where what can be read ends; -1: unknown.
  figure end_told_ms;  ///< When that was told, by the steady clock.
  figure held_back;    ///< Records behind `end`, which wait for the end of a transaction.
  figure moved_ms;     ///< When it was opened or committed last, by the steady clock.

  void note_move(std::chrono::steady_clock::time_point at) {
    moved_ms.set(
        std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count());
  }

  /// Records between what is committed and the end, as it was told less than log_end_stale_ms ago.
  /// Where nothing is committed: all since the first that was read.
  [[nodiscard]] std::optional<std::int64_t> lag(std::int64_t steady_now_ms) const {
    if (end.get() < 0 || steady_now_ms - end_told_ms.get() >= log_end_stale_ms) return {};
    std::int64_t from = committed.get() >= 0 ? committed.get() : first_read.get();
    if (from < 0 || from >= empty_from.get()) from = std::max(from, empty_to.get());
    if (from < 0) return {};
    return std::max<std::int64_t>(0, std::max(end.get(), position.get()) - from);
  }

  /// What was read and is not committed: so large is the lag at least.
  [[nodiscard]] std::int64_t lag_min() const {
    const std::int64_t from = committed.get() >= 0 ? committed.get() : first_read.get();
    return from < 0 ? 0 : std::max<std::int64_t>(0, position.get() - from);
  }
};

struct transformer_figures {
  life_figure life;
  figure batches, records, busy_us;
  figure processed, filtered, failed;
  figure unknown_fields;
};

/// What a producer does. Usable: sending or waiting.
enum class producer_phase : std::uint8_t { opening, sending, waiting, replacing, fenced };
inline constexpr std::array<std::string_view, 5> producer_phase_names{
    "opening", "sending", "waiting", "replacing", "fenced"};

struct producer_figures {
  life_figure life;
  figure phase;  ///< A producer_phase.
  figure busy_us;
  figure sent, acknowledged, failed, refused;
  figure queued;                   ///< Records held: waiting to be sent or for their delivery.
  figure retries;                  ///< Times a partition's unfinished batches were sent again.
  figure rebuilds;                 ///< Producers replaced after a fatal error.
  figure waiting;                  ///< Partitions that wait before they send again.
  figure possible_repeats;         ///< Records that may have been written more than once.
  latency_figure acknowledgement;  ///< From hand-over to librdkafka to acknowledgement, or commit.
  figure commits, aborts;          ///< Transactions.
  latency_figure transaction;      ///< From a transaction's first record to its commit.
  latency_figure commit;           ///< From its last record to its commit.
  figure last_commit_ms = figure{-1};  ///< Of a transaction, since the epoch; -1: none yet.
};

struct error_router_figures {
  life_figure life;
  figure busy_us;
  std::array<figure, reason_count> by_reason;
};

/// The last summary, for readers on other threads.
class kept_summary {
public:
  void keep(std::shared_ptr<const record_batch> summary) {
    const std::lock_guard lock{mutex_};
    batch_.swap(summary);
  }
  /// The batch of this one record; null: none yet.
  [[nodiscard]] std::shared_ptr<const record_batch> get() const {
    const std::lock_guard lock{mutex_};
    return batch_;
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const record_batch> batch_;
};

struct summary_figures {
  life_figure life;
  figure busy_us;
  figure received, processed, filtered, failed;
  figure bytes;               ///< Of keys and values written.
  latency_figure end_to_end;  ///< From an input's time to the acknowledgement of its output.
  figure published;           ///< Summary records acknowledged.
  figure last_sequence;       ///< Of the last one acknowledged.
  kept_summary last;          ///< The same.
};

enum class group_membership : std::uint8_t { joining, joined, left };
inline constexpr std::array<std::string_view, 3> group_membership_names{"joining", "joined",
                                                                        "left"};

struct group_figures {
  life_figure life;
  figure busy_us;
  figure membership;  ///< A group_membership.
  figure partitions;  ///< Owned now.
  figure assignments, revocations, losses;
  figure commits, commit_failures;
  latency_figure commit;               ///< From an offset commit to its answer.
  figure last_commit_ms = figure{-1};  ///< Since the epoch; -1: none yet.
  figure possible_repeats;  ///< Records that the next owner of a partition may read again.
};

/// starting ─▶ waiting ─▶ running ─▶ draining ─▶ publishing ─▶ leaving ─▶ ended
/// Or fenced: leaving, because another process has this one's place.
enum class worker_phase : std::uint8_t {
  starting,
  waiting_for_brokers,
  waiting_for_topics,
  running,
  draining,
  publishing,
  leaving,
  fenced,
  ended,
};
inline constexpr std::array<std::string_view, 9> worker_phase_names{"starting",
                                                                    "waiting_for_brokers",
                                                                    "waiting_for_topics",
                                                                    "running",
                                                                    "draining",
                                                                    "publishing",
                                                                    "leaving",
                                                                    "fenced",
                                                                    "ended"};

struct worker_figures {
  life_figure life;
  figure phase;                          ///< A worker_phase.
  figure reloads_done, reloads_refused;  ///< Of this process; those before a restart in place too.
  figure key_ring_faults;                ///< Looks at the key ring that found it unusable.
};

}  // namespace turnstile::core
