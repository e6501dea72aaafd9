#include "audit/saved/saved_audit.hpp"

#include <algorithm>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "audit/saved/saved_keys.hpp"
#include "audit/saved/saved_values.hpp"

namespace turnstile::audit {

using namespace saved;

namespace {

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr int version = 3;

void write(json_writer& to, std::string_view text) {
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_key(json_writer& to, std::string_view name) {
  to.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

template <typename Numbers>
void write_numbers(json_writer& to, const Numbers& numbers) {
  to.StartArray();
  for (const std::int64_t n : numbers) to.Int64(n);
  to.EndArray();
}

std::vector<std::int64_t> flat(const ledger_counts& c) {
  return {c.by_fate[1], c.by_fate[2], c.by_fate[3], c.missing,
          c.unknown,    c.no_record,  c.repeated,   c.redriven};
}

ledger_counts counts_of(const Value& from) {
  const auto n = numbers(from, 8, count);
  ledger_counts counts{
      .missing = n[3], .unknown = n[4], .no_record = n[5], .repeated = n[6], .redriven = n[7]};
  std::copy_n(n.begin(), 3, counts.by_fate.begin() + 1);
  return counts;
}

/// What must be looked at again: open offsets, and those that a summary may still cover.
std::int64_t window_begin(const partition_ledger& ledger) {
  const auto open = ledger.open_ranges(ledger.end(), 0);
  const auto uncovered = ledger.judge_covers().uncovered_ranges;
  std::int64_t begin = ledger.end();
  if (!open.empty()) begin = std::min(begin, open.front().low);
  if (!uncovered.empty()) begin = std::min(begin, uncovered.front().low);
  return begin;
}

void write_ranges(json_writer& to, std::string_view name, const std::vector<offset_range>& ranges) {
  write_key(to, name);
  to.StartArray();
  for (const auto& range : ranges) write_numbers(to, std::array{range.low, range.high});
  to.EndArray();
}

void write_ledger(json_writer& to, const partition_ledger& ledger) {
  to.StartObject();
  to.Key("low");
  to.Int64(ledger.map().low());
  to.Key("dropped");
  write_numbers(to, flat(ledger.dropped()));
  write_ranges(to, "missing", ledger.dropped_missing());
  write_ranges(to, "redriven", ledger.dropped_redriven());
  to.Key("runs");
  to.StartArray();
  const offset_range window{ledger.map().low(), ledger.map().high()};
  ledger.map().for_each_run(window, [&to](offset_range run, offset_state state) {
    write_numbers(to, std::array{run.size(), static_cast<std::int64_t>(state.bits())});
  });
  to.EndArray();
  to.Key("redone");
  to.StartArray();
  ledger.redriven().for_each_run(window, [&to](offset_range run, offset_state state) {
    if (state.copies() == 0) return;
    write_numbers(to, std::array{run.low, run.high, static_cast<std::int64_t>(state.bits())});
  });
  to.EndArray();
  to.Key("covers");
  to.StartArray();
  ledger.covers().for_each(window, [&to](offset_range part, std::int64_t times) {
    write_numbers(to, std::array{part.low, part.high, times});
  });
  to.EndArray();
  to.EndObject();
}

void read_runs(const Value& from, partition_ledger& to, std::int64_t at, std::int64_t& room) {
  for (const auto& run : array(from)) {
    if (array(run).Size() != 2) throw not_saved{};
    const std::int64_t size = number(item(run, 0), 1, room);
    const std::int64_t bits = number(item(run, 1), 0, 15);
    room -= size;
    to.restore({at, at + size}, offset_state::of_bits(static_cast<unsigned>(bits)));
    at += size;
  }
}

void read_redone(const Value& from, partition_ledger& to) {
  for (const auto& run : array(from)) {
    if (array(run).Size() != 3) throw not_saved{};
    const offset_range range{number(item(run, 0), to.map().low(), to.map().high()),
                             number(item(run, 1), 0, to.map().high())};
    if (range.size() <= 0) throw not_saved{};
    const auto bits = static_cast<unsigned>(number(item(run, 2), 4, 15));
    to.restore_redriven(range, offset_state::of_bits(bits));
  }
}

/// At most so many.
std::vector<offset_range> read_ranges(const Value& from) {
  std::vector<offset_range> ranges;
  for (const auto& range : array(from)) ranges.push_back(range_of(range));
  if (ranges.size() > partition_ledger::missing_ranges_max) throw not_saved{};
  return ranges;
}

/// As they were written: ascending, none within another.
void read_covers(const Value& from, partition_ledger& to) {
  std::int64_t next = 0;
  for (const auto& part : array(from)) {
    if (array(part).Size() != 3) throw not_saved{};
    const offset_range range{number(item(part, 0), next, offset_max),
                             number(item(part, 1), 0, offset_max)};
    if (range.size() <= 0) throw not_saved{};
    to.cover(range, number(item(part, 2), 1, times_max));
    next = range.high;
  }
}

/// `room`: how many offsets more the windows may hold.
void read_ledger(const Value& from, partition_ledger& to, std::int64_t& room) {
  auto missing = read_ranges(member(from, "missing"));
  auto redriven = read_ranges(member(from, "redriven"));
  if (!std::ranges::is_sorted(redriven, {}, &offset_range::low)) throw not_saved{};
  const std::int64_t low = number(member(from, "low"), to.start(), offset_max);
  to.restore(counts_of(member(from, "dropped")), std::move(missing), std::move(redriven), low);
  read_runs(member(from, "runs"), to, low, room);
  read_redone(member(from, "redone"), to);
  read_covers(member(from, "covers"), to);
}

void write_counts(json_writer& to, const flat_counts& counts) {
  to.StartObject();
  for (const auto& [name, count] : counts) {
    write_key(to, name);
    to.Int64(count);
  }
  to.EndObject();
}

void write_faults(json_writer& to, const fault_list& faults) {
  to.StartObject();
  for (std::size_t k = 0; k < fault_count; ++k) {
    const auto kind = static_cast<fault>(k);
    if (faults.count(kind) == 0) continue;
    write_key(to, name_of(kind));
    to.StartArray();
    to.Int64(faults.count(kind));
    for (const auto& example : faults.examples(kind)) write(to, example);
    to.EndArray();
  }
  to.EndObject();
}

void read_faults(const Value& from, fault_list& to) {
  if (!from.IsObject()) throw not_saved{};
  for (std::size_t k = 0; k < fault_count; ++k) {
    const auto kind = static_cast<fault>(k);
    const std::string name{name_of(kind)};
    if (!from.HasMember(name.c_str())) continue;
    const Value& entry = from[name.c_str()];
    const std::int64_t found = count(item(entry, 0));
    if (entry.Size() > 1 + fault_list::examples_max) throw not_saved{};
    std::vector<std::string> examples;
    for (std::size_t e = 1; e < entry.Size(); ++e) examples.push_back(text_of(item(entry, e)));
    to.restore(kind, found, std::move(examples));
  }
}

}  // namespace

namespace {

/// The ledgers as they are once what needs no second look is dropped; `figures` gets what the
/// summaries say of that.
void write_ledgers(json_writer& to, const auditor& audited, summary_audit::figures& figures) {
  to.Key("starts");
  to.StartArray();
  for (const auto& ledger : audited.ledgers()) to.Int64(ledger.start());
  to.EndArray();
  to.Key("ledgers");
  to.StartArray();
  for (const auto& ledger : audited.ledgers()) {
    auto window = ledger;
    const auto said = window.drop_below(window_begin(ledger));
    figures.uncovered += said.uncovered;
    figures.covered_again += said.again;
    write_ledger(to, window);
  }
  to.EndArray();
}

void write_positions(json_writer& to, const read_positions& positions) {
  to.Key("outputs");
  to.StartArray();
  for (const auto& of_topic : positions.outputs) write_numbers(to, of_topic);
  to.EndArray();
  to.Key("summary_positions");
  write_numbers(to, positions.summaries);
}

void write_marks(json_writer& to, const lag_clock& clock) {
  to.Key("marks");
  to.StartArray();
  for (const auto& mark : clock.marks()) {
    to.StartArray();
    to.Int64(mark.at_ms);
    write_numbers(to, mark.ends);
    to.EndArray();
  }
  to.EndArray();
}

void write_topics(json_writer& to, const auto& topics) {
  to.Key("topics");
  to.StartArray();
  for (const auto& topic : topics) {
    to.StartArray();
    for (const auto& of_input : topic.lines) {
      for (const auto& line : of_input) {
        write_numbers(to, std::array{line.first, line.ordered, line.last});
      }
    }
    to.EndArray();
    to.StartArray();
    for (const auto& partition : topic.partitions) to.Bool(partition.begins_late);
    to.EndArray();
  }
  to.EndArray();
}

void write_workers(json_writer& to, const auto& workers) {
  to.Key("workers");
  to.StartArray();
  for (const auto& [name, worker] : workers) {
    to.StartArray();
    write(to, name);
    to.Int64(worker.sequence);
    to.Bool(worker.ended);
    write_counts(to, worker.total);
    to.EndArray();
  }
  to.EndArray();
}

}  // namespace

std::string saved_audit::save(const auditor& audited, const summary_audit& summaries,
                              const lag_clock& clock, const read_positions& positions) {
  rapidjson::StringBuffer buffer;
  json_writer to{buffer};
  to.StartObject();
  to.Key("version");
  to.Int(version);
  to.Key("input_topic");
  write(to, audited.scope().input_topic);
  write_positions(to, positions);
  auto figures = summaries.figures_;
  write_ledgers(to, audited, figures);
  write_topics(to, audited.topics_);
  to.Key("counts");
  write_numbers(to, std::array{audited.repeats_, audited.outside_, audited.outputs_});
  to.Key("order_breaks");
  write_numbers(to, audited.order_breaks_);
  to.Key("reasons");
  write_numbers(to, audited.reasons_);
  to.Key("faults");
  write_faults(to, audited.faults_);
  to.Key("summaries_begin_late");
  to.Bool(summaries.begins_late_);
  to.Key("figures");
  write_numbers(
      to, std::array{figures.summaries, figures.windows_compared, figures.windows_not_compared,
                     figures.uncovered, figures.covered_again});
  write_workers(to, summaries.workers_);
  write_marks(to, clock);
  if (audited.keys_) write_keys(to, *audited.keys_, audited.ledgers_.size());
  to.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::optional<std::vector<std::int64_t>> saved_audit::starts_in(std::string_view text) {
  if (text.size() > bytes_max) return {};
  rapidjson::Document document;
  parse(document, text);
  try {
    if (document.HasParseError()) return {};
    return numbers(member(document, "starts"),
                   [](const Value& start) { return number(start, 0, offset_max); });
  } catch (const not_saved&) {
    return {};
  }
}

namespace {

void read_workers(const Value& from, auto& to) {
  for (const auto& entry : array(from)) {
    auto& worker = to[text_of(item(entry, 0))];
    worker.sequence = count(item(entry, 1));
    worker.ended = truth(item(entry, 2));
    const Value& total = item(entry, 3);
    if (!total.IsObject()) throw not_saved{};
    for (const auto& [name, value] : total.GetObject()) {
      worker.total[text_of(name)] = number(value, -count_max, count_max);
    }
  }
}

void read_topic(const Value& lines, const Value& late, auto& to) {
  std::size_t n = 0;
  for (auto& of_input : to.lines) {
    for (auto& line : of_input) {
      const auto saved = numbers(item(lines, n++), 3, offset);
      line = {.first = saved[0], .ordered = saved[1], .last = saved[2]};
    }
  }
  for (std::size_t q = 0; q < to.partitions.size(); ++q) {
    to.partitions[q].begins_late = truth(item(late, q));
  }
}

}  // namespace

std::optional<std::string> saved_audit::restore(std::string_view text, auditor& audited,
                                                summary_audit& summaries, lag_clock& clock,
                                                read_positions& positions) {
  if (text.size() > bytes_max) return "it is larger than any that is saved";
  rapidjson::Document from;
  parse(from, text);
  if (from.HasParseError()) return "it is no JSON";
  try {
    if (number(member(from, "version"), 0, count_max) != version) return "it is of another version";
    if (text_of(member(from, "input_topic")) != audited.scope().input_topic) {
      return "it is of another input topic";
    }
    for (std::size_t t = 0; t < positions.outputs.size(); ++t) {
      positions.outputs[t] =
          numbers(item(member(from, "outputs"), t), positions.outputs[t].size(), offset);
      read_topic(item(member(from, "topics"), 2 * t), item(member(from, "topics"), 2 * t + 1),
                 audited.topics_[t]);
    }
    positions.summaries =
        numbers(member(from, "summary_positions"), positions.summaries.size(), offset);
    std::int64_t room = offsets_max;
    for (std::size_t p = 0; p < audited.ledgers_.size(); ++p) {
      read_ledger(item(member(from, "ledgers"), p), audited.ledgers_[p], room);
    }
    const auto counts = numbers(member(from, "counts"), 3, count);
    audited.repeats_ = counts[0];
    audited.outside_ = counts[1];
    audited.outputs_ = counts[2];
    audited.order_breaks_ =
        numbers(member(from, "order_breaks"), audited.order_breaks_.size(), count);
    const auto reasons = numbers(member(from, "reasons"), audited.reasons_.size(), count);
    std::ranges::copy(reasons, audited.reasons_.begin());
    read_faults(member(from, "faults"), audited.faults_);
    summaries.begins_late_ = truth(member(from, "summaries_begin_late"));
    const auto figures = numbers(member(from, "figures"), 5, count);
    summaries.figures_ = {.summaries = figures[0],
                          .windows_compared = figures[1],
                          .windows_not_compared = figures[2],
                          .uncovered = figures[3],
                          .covered_again = figures[4]};
    read_workers(member(from, "workers"), summaries.workers_);
    if (audited.keys_ && !from.HasMember("keys")) return "it was begun without --keys";
    if (audited.keys_) read_keys(member(from, "keys"), *audited.keys_, audited.ledgers_.size());
    for (const auto& mark : array(member(from, "marks"))) {
      clock.add(count(item(mark, 0)), numbers(item(mark, 1), audited.ledgers_.size(), offset));
    }
  } catch (const not_saved&) {
    return "it is damaged, or of other numbers of partitions";
  }
  return {};
}

}  // namespace turnstile::audit
