#include "audit/auditor.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "audit/origin.hpp"
#include "core/own_headers.hpp"

namespace turnstile::audit {

namespace {

std::string number(std::int64_t n) { return std::to_string(n); }

/// One number for each partition of an output topic.
std::size_t place_of(const output_view& output) {
  return output_fates.size() * static_cast<std::size_t>(output.partition) + index_of(output.where);
}

std::string text_of(const output_view& output) {
  return std::string{name_of(output.where)} + "/" + number(output.partition) + "/" +
         number(output.offset);
}

std::string text_of(const auditor::place& origin) {
  return "input " + number(origin.partition) + "/" + number(origin.offset);
}

}  // namespace

std::string_view name_of(fate where) {
  constexpr std::array<std::string_view, fate_count> names{"none", "processed", "error", "cleaned"};
  return names[static_cast<std::size_t>(where)];
}

core::output_topic topic_of(fate where) {
  switch (where) {
    case fate::error:
      return core::output_topic::errors;
    case fate::cleaned:
      return core::output_topic::cleaned;
    default:
      return core::output_topic::processed;
  }
}

auditor::auditor(audit_scope scope, const std::vector<std::int64_t>& starts)
  : scope_(std::move(scope)),
    due_ends_(starts.size(), std::numeric_limits<std::int64_t>::max()),
    beyond_(starts.size()),
    times_(starts.size()),
    commits_told_(starts.size(), -1),
    order_breaks_(starts.size(), 0) {
  for (std::size_t p = 0; p < starts.size(); ++p) {
    ledgers_.emplace_back(static_cast<std::int32_t>(p), starts[p]);
  }
  for (const fate where : output_fates) {
    const auto count = static_cast<std::size_t>(scope_.layout.count(topic_of(where)));
    topic(where).partitions.resize(count);
    topic(where).lines.assign(starts.size(), std::vector<output_line>(count));
  }
  if (scope_.keys) keys_.emplace(starts.size());
}

void auditor::extend(std::int32_t partition, std::int64_t end, std::int64_t known_end) {
  ledgers_[static_cast<std::size_t>(partition)].extend(end, known_end);
}

void auditor::set_begins_late(fate where, std::int32_t partition) {
  topic(where).partitions[static_cast<std::size_t>(partition)].begins_late = true;
}

void auditor::set_ends_early(fate where, std::int32_t partition, bool early) {
  topic(where).partitions[static_cast<std::size_t>(partition)].ends_early = early;
}

void auditor::set_compacted(fate where) { topic(where).compacted = true; }

partition_ledger* auditor::ledger_of(std::int32_t partition) {
  const auto p = static_cast<std::size_t>(partition);
  return p < ledgers_.size() ? &ledgers_[p] : nullptr;
}

std::optional<auditor::place> auditor::add_output(const output_view& output) {
  ++outputs_;
  const auto header = only_header(output.headers, core::origin_header);
  const auto origin = header ? parse_origin(*header) : std::nullopt;
  if (!origin) {
    faults_.add(fault::no_origin, [&] { return text_of(output); });
    return {};
  }
  const auto says_no_input = [&] {
    faults_.add(fault::foreign, [&] {
      return text_of(output) + " says partition " + number(origin->partition) + ", offset " +
             number(origin->offset) +
             (origin->topic == scope_.input_topic ? "" : ", another topic");
    });
  };
  partition_ledger* ledger = ledger_of(origin->partition);
  if (ledger == nullptr || origin->topic != scope_.input_topic) {
    says_no_input();
    return {};
  }
  const place from{origin->partition, origin->offset};
  const auto timestamp_ms = origin_time(output.headers);
  if (is_earlier(from, timestamp_ms)) {
    ++earlier_;
    return {};
  }
  auto& line = topic(output.where)
                   .lines[static_cast<std::size_t>(from.partition)]
                         [static_cast<std::size_t>(output.partition)];
  const bool redriven = is_redriven(output.headers);
  const auto result = redriven ? ledger->write_redriven(from.offset, output.where)
                               : ledger->write(from.offset, output.where);
  take_sample(from, timestamp_ms, result, line.sample);
  if (keys_ && result != partition_ledger::write_result::no_input &&
      result != partition_ledger::write_result::before_start)
    keys_->add(static_cast<std::size_t>(from.partition), place_of(output), from.offset,
               output.headers);
  switch (result) {
    case partition_ledger::write_result::no_input:
      says_no_input();
      return {};
    case partition_ledger::write_result::before_start:
      ++outside_;
      break;
    case partition_ledger::write_result::first:
      if (output.where == fate::error) count_reason(output);
      if (!redriven) note_first(output, from, line);
      break;
    case partition_ledger::write_result::elsewhere:
    case partition_ledger::write_result::again:
      note_again(output, from, result == partition_ledger::write_result::elsewhere);
      break;
  }
  // What a redrive wrote is in no order, and tells nothing of what was removed before it.
  if (!redriven && line.first < 0) line.first = from.offset;
  if (!redriven) line.last = std::max(line.last, from.offset);
  check_partition(output, from);
  return from;
}

void auditor::note_again(const output_view& output, place origin, bool elsewhere) {
  if (elsewhere)
    faults_.add(fault::two_fates, [&] { return text_of(origin) + " is also " + text_of(output); });
  ++repeats_;
  faults_.add(fault::repeated, [&] { return text_of(origin) + " again as " + text_of(output); });
}

void auditor::take_sample(place origin, std::optional<std::int64_t> timestamp_ms,
                          partition_ledger::write_result result, origin_sample& of_line) {
  using enum partition_ledger::write_result;
  if (!timestamp_ms || result == before_start || (only_repeats_sampled_ && result == first)) return;
  const auto p = static_cast<std::size_t>(origin.partition);
  auto& sample = origin.offset < ledgers_[p].known_end() ? of_line : beyond_[p];
  if (sample.offset < 0) sample = {origin.offset, *timestamp_ms};
}

std::vector<origin_sample> auditor::samples(std::int32_t partition) const {
  std::vector<origin_sample> all;
  for (const auto& topic : topics_) {
    for (const auto& line : topic.lines[static_cast<std::size_t>(partition)]) {
      if (line.sample.offset >= 0) all.push_back(line.sample);
    }
  }
  return all;
}

void auditor::sample_repeats() {
  only_repeats_sampled_ = true;
  std::ranges::fill(beyond_, origin_sample{});
  for (auto& topic : topics_) {
    for (auto& lines : topic.lines) {
      for (auto& line : lines) line.sample = {};
    }
  }
}

void auditor::set_remade(std::int32_t partition, input_times times) {
  const auto p = static_cast<std::size_t>(partition);
  times_[p] = std::move(times);
  ledgers_[p].ignore_covers();
}

/// Where there is no input to compare with, only what is older than all of them is told apart.
bool auditor::is_earlier(place origin, std::optional<std::int64_t> timestamp_ms) const {
  const auto& times = times_[static_cast<std::size_t>(origin.partition)];
  if (!times || !timestamp_ms) return false;
  const auto input = times->at(origin.offset);
  return input ? *timestamp_ms != *input : *timestamp_ms < times->earliest();
}

void auditor::note_first(const output_view& output, place origin, output_line& line) {
  if (origin.offset < line.ordered) {
    ++order_breaks_[static_cast<std::size_t>(origin.partition)];
    faults_.add(fault::order, [&] {
      return text_of(origin) + " behind " + number(line.ordered) + " as " + text_of(output);
    });
  } else {
    line.ordered = origin.offset;
  }
}

void auditor::count_reason(const output_view& output) {
  const auto reason = only_header(output.headers, core::reason_header);
  const auto known = reason ? std::ranges::find(core::reason_names, *reason) : nullptr;
  if (!reason) {
    faults_.add(fault::no_reason, [&] { return text_of(output); });
    ++reasons_.back();
  } else if (known == core::reason_names.end()) {
    faults_.add(fault::unknown_reason, [&] { return text_of(output); });
    ++reasons_.back();
  } else {
    ++reasons_[static_cast<std::size_t>(known - core::reason_names.begin())];
  }
}

void auditor::check_partition(const output_view& output, place origin) {
  const auto expected =
      core::output_partition(scope_.layout, topic_of(output.where), origin.partition, output.key);
  if (output.partition == expected) return;
  faults_.add(fault::wrong_partition, [&] {
    return text_of(origin) + " as " + text_of(output) + ", not in partition " + number(expected);
  });
}

void auditor::set_due_end(std::int32_t partition, std::int64_t due_end) {
  due_ends_[static_cast<std::size_t>(partition)] = due_end;
}

std::vector<offset_range> auditor::open_ranges(std::int32_t partition, std::int64_t upto,
                                               std::int64_t gap_max) const {
  const auto& ledger = ledgers_[static_cast<std::size_t>(partition)];
  return ledger.open_ranges(std::min(upto, ledger.end()), gap_max);
}

void auditor::settle_removed(std::int32_t partition, std::int64_t low) {
  auto& ledger = ledgers_[static_cast<std::size_t>(partition)];
  ledger.settle({ledger.map().low(), std::min(low, ledger.end())}, absence::unknown);
}

void auditor::settle_record(std::int32_t partition, std::int64_t offset) {
  auto& ledger = ledgers_[static_cast<std::size_t>(partition)];
  if (!ledger.is_open(offset)) return;
  if (!can_be_known(partition, offset)) {
    ledger.settle(offset, absence::unknown);
  } else if (offset < due_ends_[static_cast<std::size_t>(partition)]) {
    ledger.settle(offset, absence::missing);
    faults_.add(fault::missing, [&] { return text_of(place{partition, offset}); });
  }
}

void auditor::settle_gap(std::int32_t partition, offset_range range) {
  ledgers_[static_cast<std::size_t>(partition)].settle(range, absence::no_record);
}

template <typename Each>
void auditor::for_each_place(std::int32_t partition, const Each& each) const {
  for (const fate where : output_fates) {
    const auto& outputs = topic(where);
    const bool same_number = scope_.layout.partitioner == core::partitioner::source &&
                             scope_.layout.count(topic_of(where)) >= scope_.layout.input_partitions;
    const auto& lines = outputs.lines[static_cast<std::size_t>(partition)];
    for (std::size_t q = 0; q < lines.size(); ++q) {
      if (same_number && q != static_cast<std::size_t>(partition)) continue;
      each(outputs.partitions[q], lines[q]);
    }
  }
}

/// Outputs of a partition are in the order of their inputs, so that what was removed at the
/// beginning of an output partition came from before the first one seen there.
bool auditor::can_be_known(std::int32_t partition, std::int64_t offset) const {
  bool known = std::ranges::none_of(topics_, &output_topic::compacted);
  for_each_place(partition, [&](const output_partition& at, const output_line& line) {
    const bool seen = line.first >= 0;
    if (at.begins_late && (!seen || offset < line.first)) known = false;
    if (at.ends_early && (!seen || offset > line.last)) known = false;
  });
  return known;
}

/// From where on every output that there ever was is still there.
std::int64_t auditor::told_from(std::int32_t partition) const {
  constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max();
  if (std::ranges::any_of(topics_, &output_topic::compacted)) return nowhere;
  std::int64_t from = 0;
  for_each_place(partition, [&](const output_partition& at, const output_line& line) {
    if (at.begins_late) from = std::max(from, line.first < 0 ? nowhere : line.first);
  });
  return from;
}

void auditor::settle_before_start(std::int32_t partition, std::optional<std::int64_t> committed) {
  auto& ledger = ledgers_[static_cast<std::size_t>(partition)];
  const std::int64_t start = ledger.start();
  std::int64_t from = std::min(told_from(partition), start);
  if (committed) from = std::clamp<std::int64_t>(*committed, 0, from);
  // A window that is still open is in no summary, so that behind the last cover nothing is told.
  const offset_range covered = ledger.before_start().covered();
  if (covered.low < covered.high) {
    ledger.settle_before_start({covered.low, std::min(covered.high, from)});
  }
  ledger.settle_before_start({from, start});
}

void auditor::check_commit(std::int32_t partition, std::optional<std::int64_t> committed) {
  const auto& ledger = ledgers_[static_cast<std::size_t>(partition)];
  const auto where = [&](std::string_view what, std::int64_t offset) {
    return "partition " + number(partition) + ": " +
           (committed ? number(*committed) : std::string{"nothing"}) + " committed, " +
           std::string{what} + " " + number(offset);
  };
  const std::int64_t accounted = ledger.accounted_end();
  const std::int64_t limit = accounted < ledger.end() ? accounted : ledger.known_end();
  std::int64_t& told = commits_told_[static_cast<std::size_t>(partition)];
  if (committed && *committed > limit && std::exchange(told, limit) != limit) {
    faults_.add(fault::commit_ahead, [&] { return where("not written:", limit); });
  }
  const std::int64_t next = committed.value_or(ledger.start());
  if (scope_.stopped && next < ledger.end() &&
      !ledger.nothing_from(std::max(next, ledger.start()))) {
    faults_.add(fault::commit_behind, [&] { return where("the end is", ledger.end()); });
  }
}

std::size_t auditor::bytes() const {
  std::size_t sum = 0;
  for (const auto& ledger : ledgers_) sum += ledger.bytes();
  return sum;
}

}  // namespace turnstile::audit
