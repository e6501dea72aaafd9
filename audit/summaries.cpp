#include "audit/summaries.hpp"

#include <charconv>

#include <rapidjson/document.h>

#include "core/quoting.hpp"

namespace turnstile::audit {

namespace {

struct outcome_name {
  std::string_view name;
  fate where;
};
constexpr std::array<outcome_name, 3> outcomes{{{"processed_count", fate::processed},
                                                {"filtered_record_count", fate::cleaned},
                                                {"error_count", fate::error}}};
constexpr std::string_view received = "received_count";
constexpr std::string_view counts_end = "_counts";

constexpr std::size_t summary_bytes_max = std::size_t{16} * 1024 * 1024;

using rapidjson::Value;

const Value* member(const Value& object, std::string_view name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(
      Value(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool add_count(const Value* value, std::string name, flat_counts& to) {
  if (value == nullptr || !value->IsInt64() || value->GetInt64() < 0) return false;
  if (value->GetInt64() > 0) to[std::move(name)] += value->GetInt64();
  return true;
}

bool read_counts(const Value& from, flat_counts& to) {
  for (const auto& outcome : outcomes) {
    if (!add_count(member(from, outcome.name), std::string{outcome.name}, to)) return false;
  }
  if (!add_count(member(from, received), std::string{received}, to)) return false;
  for (const auto& group : from.GetObject()) {
    if (!group.value.IsObject() || !text_of(group.name).ends_with(counts_end)) continue;
    for (const auto& entry : group.value.GetObject()) {
      const std::string name =
          std::string{text_of(group.name)} + "/" + std::string{text_of(entry.name)};
      if (!add_count(&entry.value, name, to)) return false;
    }
  }
  return true;
}

bool read_ranges(const Value& pairs, std::vector<offset_range>& to) {
  if (!pairs.IsArray()) return false;
  for (const auto& pair : pairs.GetArray()) {
    if (!pair.IsArray() || pair.Size() != 2 || !pair[0].IsInt64() || !pair[1].IsInt64()) {
      return false;
    }
    to.push_back({pair[0].GetInt64(), pair[1].GetInt64()});
  }
  return true;
}

bool read_covers(const Value* covers, std::string_view topic, parsed_summary& to) {
  if (covers == nullptr || !covers->IsObject()) return false;
  const Value* partitions = member(*covers, topic);
  if (partitions == nullptr) return true;
  if (!partitions->IsObject()) return false;
  for (const auto& entry : partitions->GetObject()) {
    const auto name = text_of(entry.name);
    std::int32_t partition = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), partition);
    if (error != std::errc{} || end != name.data() + name.size() || partition < 0) return false;
    if (!read_ranges(entry.value, to.covers[partition])) return false;
  }
  return true;
}

std::int64_t count_of(const flat_counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

/// Of all values of one field.
std::int64_t sum_of(const flat_counts& counts, std::string_view group) {
  std::int64_t sum = 0;
  for (auto at = counts.lower_bound(group); at != counts.end(); ++at) {
    if (!std::string_view{at->first}.starts_with(group)) break;
    sum += at->second;
  }
  return sum;
}

}  // namespace

std::optional<parsed_summary> parse_summary(std::string_view value, std::string_view input_topic) {
  if (value.size() > summary_bytes_max) return {};
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(value.data(), value.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  parsed_summary summary;
  const Value* worker = member(document, "worker");
  const Value* sequence = member(document, "sequence");
  const Value* window = member(document, "window");
  if (worker == nullptr || !worker->IsString() || sequence == nullptr || !sequence->IsInt64() ||
      window == nullptr) {
    return {};
  }
  summary.worker = text_of(*worker);
  summary.sequence = sequence->GetInt64();
  if (const Value* multiples = member(document, "multiples"); multiples != nullptr) {
    if (!multiples->IsInt64() || multiples->GetInt64() < 2) return {};
    summary.multiples = multiples->GetInt64();
  }
  if (!read_counts(document, summary.total) || !read_counts(*window, summary.window) ||
      !read_covers(member(document, "covers"), input_topic, summary)) {
    return {};
  }
  return summary;
}

void summary_audit::add(std::int32_t partition, std::int64_t offset, const core::maybe_bytes& key,
                        const core::maybe_bytes& value) {
  const auto summary = parse_summary(value.value_or(""), audited_.scope().input_topic);
  if (!summary || !key || *key != summary->worker) {
    audited_.faults().add(fault::summary_total, [&] {
      return "summary " + std::to_string(partition) + "/" + std::to_string(offset) +
             " is no summary";
    });
    return;
  }
  ++figures_.summaries;
  const std::string where =
      core::quoted_short(summary->worker, 40) + " #" + std::to_string(summary->sequence);
  check_worker(*summary, where);
  check_window(*summary, where);
}

void summary_audit::check_worker(const parsed_summary& summary, const std::string& where) {
  auto& faults = audited_.faults();
  const auto say = [&where](std::string what) {
    return [text = where + std::move(what)] { return text; };
  };
  auto& known = workers_[summary.worker];
  const bool seen = known.sequence > 0;
  if (!seen && begins_late_) {
    // What came before is taken on trust.
    known.sequence = summary.sequence - 1;
    known.total = summary.total;
    for (const auto& [name, count] : summary.window) known.total[name] -= count;
  }
  const bool follows = summary.sequence == known.sequence + 1;
  if (!follows) {
    faults.add(fault::summary_sequence, say(" follows #" + std::to_string(known.sequence)));
  }
  if (follows && known.ended) {
    faults.add(fault::summary_moment, say(" follows one that was at no multiple"));
  }
  const std::int64_t processed = count_of(summary.total, "processed_count");
  const std::int64_t every = audited_.scope().summary_every;
  const std::int64_t due =
      follows ? count_of(known.total, "processed_count") + summary.multiples * every
              : summary.sequence * every;
  known.ended = every > 0 && processed != due;
  if (every > 0 && (processed > due || processed < due - summary.multiples * every)) {
    faults.add(fault::summary_moment, say(": " + std::to_string(processed) + " processed"));
  }
  for (const auto& [name, count] : summary.window) known.total[name] += count;
  std::erase_if(known.total, [](const auto& entry) { return entry.second == 0; });
  if (follows && known.total != summary.total) {
    faults.add(fault::summary_total, say(": totals differ from the windows' sum"));
  }
  known.total = summary.total;
  known.sequence = summary.sequence;
}

void summary_audit::check_sums(const flat_counts& window, const std::string& where) {
  std::int64_t sum = 0;
  for (const auto& outcome : outcomes) sum += count_of(window, outcome.name);
  if (count_of(window, received) != sum) {
    audited_.faults().add(fault::summary_window, [&] { return where + ": received_count"; });
  }
  const std::int64_t processed = count_of(window, "processed_count");
  for (const auto& [name, in_each] : audited_.scope().counted) {
    const std::int64_t counted = sum_of(window, name + "/");
    if (in_each ? counted == processed : counted <= processed) continue;
    audited_.faults().add(fault::summary_window,
                          [&] { return where + ": " + name + " do not add up"; });
  }
}

void summary_audit::check_window(const parsed_summary& summary, const std::string& where) {
  check_sums(summary.window, where);
  auto& ledgers = audited_.ledgers();
  ledger_counts found;
  bool within = true;
  bool real = true;
  for (const auto& [partition, ranges] : summary.covers) {
    const auto p = static_cast<std::size_t>(partition);
    if (p >= ledgers.size()) {
      real = false;
      continue;
    }
    if (audited_.is_remade(partition)) {
      within = false;
      continue;
    }
    for (const auto& range : ranges) {
      real =
          real && 0 <= range.low && range.low < range.high && range.high <= ledgers[p].known_end();
      if (!real) break;
      within = within && range.low >= ledgers[p].map().low();
      ledgers[p].cover(range);
      if (within) found.add(ledgers[p].written_counts(range));
    }
  }
  if (!real) {
    audited_.faults().add(fault::summary_window,
                          [&] { return where + " covers what is no input"; });
    return;
  }
  if (!within || found.unknown > 0) {
    ++figures_.windows_not_compared;
    return;
  }
  ++figures_.windows_compared;
  for (const auto& outcome : outcomes) {
    const std::int64_t says = count_of(summary.window, outcome.name);
    if (says == found.of(outcome.where)) continue;
    audited_.faults().add(fault::summary_window, [&] {
      return where + ": " + std::string{outcome.name} + " " + std::to_string(says) + ", covers " +
             std::to_string(found.of(outcome.where));
    });
  }
}

void summary_audit::note(std::int32_t partition, const partition_ledger::coverage& said) {
  figures_.uncovered += said.uncovered;
  figures_.covered_again += said.again;
  add_overlaps(audited_.faults(), partition, said);
}

void summary_audit::add_overlaps_now(fault_list& to) const {
  for (const auto& ledger : audited_.ledgers()) {
    add_overlaps(to, ledger.partition(), ledger.judge_covers());
  }
}

void summary_audit::add_overlaps(fault_list& to, std::int32_t partition,
                                 const partition_ledger::coverage& said) {
  for (const auto& range : said.overlaps) {
    to.add(fault::summary_overlap, [&] {
      return "partition " + std::to_string(partition) + ": " + std::to_string(range.low) + " to " +
             std::to_string(range.high);
    });
  }
}

summary_audit::figures summary_audit::finish() {
  for (const auto& ledger : audited_.ledgers()) note(ledger.partition(), ledger.judge_covers());
  figures_.workers = static_cast<std::int64_t>(workers_.size());
  if (figures_.uncovered > 0 && audited_.scope().stopped && !begins_late_) {
    audited_.faults().add(
        fault::uncovered, [&] { return std::to_string(figures_.uncovered) + " inputs"; },
        figures_.uncovered);
  }
  return figures_;
}

summary_audit::figures summary_audit::figures_now() const {
  figures now = figures_;
  now.workers = static_cast<std::int64_t>(workers_.size());
  for (const auto& ledger : audited_.ledgers()) {
    const auto said = ledger.judge_covers();
    now.uncovered += said.uncovered;
    now.covered_again += said.again;
  }
  return now;
}

}  // namespace turnstile::audit
