// How a redrive_session reads: the outputs, for what ended well already, and the inputs that are
// left.
#include <algorithm>
#include <tuple>

#include "app/redrive/redrive_session.hpp"
#include "audit/origin.hpp"
#include "core/own_headers.hpp"

namespace turnstile::app {

namespace {

using kafka_io::io_error;
using kafka_io::read_range;

constexpr std::chrono::milliseconds stalled{15'000};

/// Longer than a transaction may be open, by the brokers' own limit where it is not ours.
constexpr std::chrono::milliseconds transaction_margin{10'000};
constexpr std::chrono::milliseconds foreign_transaction{60'000};

/// By which brokers' clocks may differ.
constexpr std::int64_t clock_margin_ms = 60'000;

constexpr std::size_t ranges_per_partition_max = 32;
constexpr std::int64_t gap_first = 1000;

/// Ranges of one partition that hold all offsets, each but the last with a gap behind it.
std::vector<read_range> few_ranges(const std::string& topic, std::int32_t partition,
                                   const std::vector<std::int64_t>& offsets) {
  for (std::int64_t gap = gap_first;; gap *= 4) {
    std::vector<read_range> found;
    for (const auto offset : offsets) {
      if (!found.empty() && offset - found.back().to <= gap) {
        found.back().to = offset + 1;
      } else {
        found.push_back({topic, partition, offset, offset + 1});
      }
    }
    if (found.size() <= ranges_per_partition_max) return found;
  }
}

}  // namespace

/// Outputs have their inputs' timestamps, so that none that is looked for lies before the first
/// record of the earliest of them.
kafka_io::result<redrive_session::ranges> redrive_session::outcome_ranges() const {
  std::int64_t since_ms = std::numeric_limits<std::int64_t>::max();
  for (const auto& letter : letters_)
    if (!letter.settled) since_ms = std::min(since_ms, letter.origin_ms);
  since_ms = since_ms < clock_margin_ms ? 0 : since_ms - clock_margin_ms;
  std::vector<core::output_topic> where{core::output_topic::processed, core::output_topic::cleaned};
  if (args_.missing) where.push_back(core::output_topic::errors);
  ranges all;
  for (const auto topic : where) {
    const auto count = topics_.layout()->count(topic);
    const auto& name = topics_.name_of(topic);
    const auto marks = topics_.written(name, count);
    if (!marks) return marks.error();
    const auto since = since_ms == 0 ? std::vector<std::int64_t>(marks->size(), 0)
                                     : topics_.offsets_at(name, count, since_ms);
    if (!since) return since.error();
    for (std::size_t q = 0; q < marks->size(); ++q) {
      const std::int64_t from = (*since)[q] < 0 ? (*marks)[q].high : (*since)[q];
      all.push_back(
          {name, static_cast<std::int32_t>(q), std::max(from, (*marks)[q].low), (*marks)[q].high});
    }
  }
  return all;
}

/// Up to what is written by now: what an earlier redrive has committed may lie behind a transaction
/// of others that is still open, and is waited for.
redrive_session::failure redrive_session::find_outcomes(const watcher& watch) {
  if (std::ranges::all_of(letters_, &dead_letter::settled)) return {};
  const auto from = outcome_ranges();
  if (!from) return from.error();
  const auto patience =
      transaction_margin +
      std::max(foreign_transaction, std::chrono::milliseconds{settings_.transaction.timeout_ms});
  const auto reached =
      read("outcomes", *from,
           {.record = [this](std::size_t /*range*/,
                             const core::record_view& output) { note_outcome(output); },
            .unreadable = {},
            .stopped = {}},
           patience, watch);
  if (!reached) return reached.error();
  for (std::size_t r = 0; r < from->size() && !tally_.stopped; ++r) {
    const auto& range = (*from)[r];
    if ((*reached)[r] >= range.to) continue;
    return io_error{0, "what lies behind " +
                           place_text(range.topic, range.partition, (*reached)[r]) +
                           " cannot be read yet, behind an open transaction: nothing is "
                           "redriven; try again"};
  }
  return {};
}

void redrive_session::note_outcome(const core::record_view& output) {
  const auto header = audit::only_header(output.headers, core::origin_header);
  const auto origin = header ? audit::parse_origin(*header) : std::nullopt;
  if (!origin || origin->topic != settings_.topics.input) return;
  const auto input_of = [](const dead_letter& letter) {
    return std::tuple{letter.partition, letter.offset};
  };
  const auto same = std::ranges::equal_range(
      letters_, std::tuple{origin->partition, origin->offset}, {}, input_of);
  if (same.empty()) return;
  const auto time = audit::origin_time(output.headers);
  for (auto& letter : same) {
    // Of another time it is of an earlier topic of that name.
    const bool differs =
        time && letter.origin_ms != dead_letter::not_told && *time != letter.origin_ms;
    if (letter.settled || differs) continue;
    ++tally_.has_outcome;
    settle(letter);
  }
}

redrive_session::failure redrive_session::read_inputs(const watcher& watch) {
  std::vector<std::vector<std::int64_t>> wanted(inputs_.size());
  for (const auto& letter : letters_)
    if (!letter.settled)
      wanted[static_cast<std::size_t>(letter.partition)].push_back(letter.offset);
  std::vector<ranges> by_partition;
  std::size_t waves = 0;
  for (std::size_t p = 0; p < wanted.size(); ++p) {
    by_partition.push_back(
        few_ranges(settings_.topics.input, static_cast<std::int32_t>(p), wanted[p]));
    waves = std::max(waves, by_partition.back().size());
  }
  for (std::size_t w = 0; w < waves && !tally_.stopped; ++w) {
    ranges wave;
    for (const auto& of : by_partition)
      if (w < of.size()) wave.push_back(of[w]);
    if (auto error = read_wave(wave, watch)) return error;
  }
  return redriver_->commit(false);
}

redrive_session::failure redrive_session::read_wave(const ranges& wave, const watcher& watch) {
  failure error;
  std::vector<std::vector<dead_letter>::iterator> at;
  for (const auto& range : wave)
    at.push_back(std::ranges::lower_bound(letters_, std::tuple{range.partition, range.from}, {},
                                          [](const dead_letter& letter) {
                                            return std::tuple{letter.partition, letter.offset};
                                          }));
  /// Calls `each` for the letters of a range below `offset` that are to be settled.
  const auto settle_below = [&](std::size_t r, std::int64_t offset, const auto& each) {
    for (auto& next = at[r]; next != letters_.end() && next->partition == wave[r].partition &&
                             next->offset < offset && !error;
         ++next) {
      if (next->settled) continue;
      each(*next);
      next->settled = true;
    }
  };
  const auto leave_as = [&](left_why why) {
    return [this, why](dead_letter& letter) {
      leave(why, letter.error_partition, letter.error_offset, &letter);
      settle(letter);
    };
  };
  const auto reached = read("inputs", wave,
                            {.record =
                                 [&](std::size_t r, const core::record_view& input) {
                                   settle_below(r, input.offset, leave_as(left_why::no_record));
                                   settle_below(r, input.offset + 1, [&](dead_letter& letter) {
                                     error = take_input(letter, input);
                                   });
                                 },
                             .unreadable =
                                 [&](std::size_t r, std::int64_t first, std::int64_t next) {
                                   settle_below(r, first, leave_as(left_why::no_record));
                                   settle_below(r, next, [&](dead_letter& letter) {
                                     error = redriver_->take_unreadable(letter);
                                   });
                                 },
                             .stopped =
                                 [&] {
                                   if (!error) error = redriver_->commit_if_old();
                                   return error.has_value();
                                 }},
                            stalled, watch);
  if (error) return error;
  if (!reached) return reached.error();
  for (std::size_t r = 0; r < wave.size(); ++r) {
    settle_below(r, (*reached)[r], leave_as(left_why::no_record));
    if (!tally_.stopped) settle_below(r, wave[r].to, leave_as(left_why::unread));
  }
  return {};
}

/// The audit knows no end of a time range, and does not tell times.
redrive_session::failure redrive_session::take_input(dead_letter& letter,
                                                     const core::record_view& input) {
  if (letter.error_partition < 0 && !selects(args_, reason_name(letter.reason), input.timestamp_ms,
                                             letter.partition, letter.offset)) {
    --tally_.selected;
    return {};
  }
  return redriver_->take(letter, input);
}

}  // namespace turnstile::app
