#include "app/shadow/shadow_report.hpp"

#include <algorithm>
#include <utility>

#include "app/shadow/difference.hpp"
#include "audit/report.hpp"
#include "core/own_headers.hpp"
#include "core/quoting.hpp"

namespace turnstile::shadow {

namespace {

using audit::grouped;

void add_examples(std::vector<input_place>& to, const std::vector<input_place>& more) {
  to.insert(to.end(), more.begin(), more.end());
  std::ranges::sort(to);
  if (to.size() > tally::examples_max) to.resize(tally::examples_max);
}

std::string key_name() { return std::string(header_part) + std::string(core::key_id_header); }

/// With what an ending of an error is.
std::string long_name(ending end) {
  return end > some_error ? "error " + std::string(name_of(end)) : std::string(name_of(end));
}

std::string place_text(const shadow_report& report, input_place at) {
  return report.input_topic + "/" + std::to_string(at.partition) + "/" + std::to_string(at.offset);
}

void add_line(std::string& to, std::string_view name, std::int64_t count, bool always = false) {
  constexpr std::size_t width = 44;
  if (count == 0 && !always) return;
  std::string number = grouped(count);
  std::string line(name);
  const std::size_t used = line.size() + number.size();
  line.append(used < width ? width - used : 1, ' ');
  to += line + number;
}

void add_example_of(std::string& to, const shadow_report& report, bool expected,
                    const std::vector<input_place>& examples) {
  to += expected ? "  expected" : "";
  if (!examples.empty()) to += "  " + place_text(report, examples.front());
  to += '\n';
}

std::string outcomes_text(const shadow_report& report) {
  std::string out;
  for (const auto& one : report.outcomes) {
    add_line(out, "  " + long_name(one.from) + " -> " + long_name(one.to), one.count);
    add_example_of(out, report, one.expected, one.examples);
  }
  return out;
}

std::string parts_text(const shadow_report& report) {
  std::string out;
  for (const auto& one : report.parts) {
    add_line(out, "  " + core::printable(one.name), one.count);
    add_example_of(out, report, one.expected, one.examples);
    for (const auto& values : one.values)
      out += "    " + place_text(report, values.at) + ": " +
             (values.before.empty() ? "nothing" : core::printable(values.before)) + " -> " +
             (values.after.empty() ? "nothing" : core::printable(values.after)) + "\n";
  }
  return out;
}

std::string notes_text(const shadow_report& report) {
  std::string out;
  const auto note = [&out](std::int64_t count, std::string_view text) {
    if (count > 0) out += grouped(count) + " " + std::string(text) + "\n";
  };
  note(report.outputs.redriven, "of the inputs were redriven, and count as what they became");
  note(report.outputs.repeated, "outputs are repeats and were not compared");
  note(report.outputs.earlier, "outputs are of an earlier topic of the same name");
  note(report.outputs.inputless, "outputs have an input that is no longer there");
  note(report.foreign, "outputs have an origin that is no input");
  note(report.unreadable, "offsets of the input cannot be read");
  for (const auto& topic : report.missing_topics) out += "there is no topic " + topic + "\n";
  if (report.has_other_key()) {
    std::string names;
    for (const auto& name : report.keyed) core::append_item(names, name);
    out +=
        "the outputs were made with another key, so what depends on it was not compared: " + names +
        "\n";
  }
  return out;
}

}  // namespace

bool shadow_report::has_other_key() const {
  return std::ranges::any_of(parts, [](const changed_part& one) { return one.name == key_name(); });
}

void add_counts(shadow_report& to, const tally& counts, const expectations& expected) {
  std::map<std::uint32_t, changed_part> parts;
  counts.for_each([&](const verdict& what, const tally::entry& found) {
    switch (what.kind) {
      case verdict_kind::same:
        to.same += found.count;
        return;
      case verdict_kind::by_broker:
        to.by_broker += found.count;
        return;
      case verdict_kind::no_outcome:
        to.no_outcome += found.count;
        to.would_be[std::string(name_of(what.to))] += found.count;
        return;
      case verdict_kind::unknown:
        to.unknown += found.count;
        return;
      case verdict_kind::other_outcome: {
        const bool is_expected = expected.expects(what.from, what.to);
        to.other_outcome += found.count;
        to.expected += is_expected ? found.count : 0;
        to.outcomes.push_back({what.from, what.to, found.count, is_expected, found.examples});
        return;
      }
      case verdict_kind::other_bytes:
        break;
    }
    to.other_bytes += found.count;
    bool all_expected = true;
    for (const auto name : what.names) {
      auto& part = parts[name];
      part.name = counts.name(name);
      part.expected = expected.expects(part.name);
      part.count += found.count;
      add_examples(part.examples, found.examples);
      all_expected = all_expected && part.expected;
    }
    to.expected += all_expected ? found.count : 0;
  });
  for (auto& [name, part] : parts) {
    const auto values = counts.values_of(name);
    part.values.assign(values.begin(), values.end());
    to.parts.push_back(std::move(part));
  }
  std::ranges::stable_sort(to.outcomes, std::ranges::greater{}, &changed_outcome::count);
  std::ranges::stable_sort(to.parts, std::ranges::greater{}, &changed_part::count);
}

std::string to_text(const shadow_report& report) {
  std::string out;
  const auto line = [&out](std::string_view name, std::int64_t count, bool always = false) {
    const auto before = out.size();
    add_line(out, name, count, always);
    if (out.size() != before) out += '\n';
  };
  line("inputs", report.inputs(), true);
  line("same", report.same, true);
  line("other outcome", report.other_outcome);
  out += outcomes_text(report);
  line("other bytes", report.other_bytes);
  out += parts_text(report);
  line("no outcome yet", report.no_outcome);
  for (const auto& [name, count] : report.would_be) line("  would be " + name, count);
  line("outcome no longer known", report.unknown);
  line("outcome decided by a broker, not compared", report.by_broker);
  const auto notes = notes_text(report);
  return notes.empty() ? out : out + "\n" + notes;
}

std::string to_sentence(const shadow_report& report) {
  if (report.stopped_early) return "stopped before all was read";
  if (report.incomplete) return "a partition could not be read to its end";
  if (report.compared() == 0) return "nothing could be compared";
  if (report.unexpected() > 0)
    return grouped(report.unexpected()) + " of " + grouped(report.compared()) +
           " inputs would end otherwise";
  if (!report.missing_topics.empty())
    return "there is no topic " + report.missing_topics.front() + ", whose outcomes are not known";
  if (report.expected > 0)
    return grouped(report.expected) + " of " + grouped(report.compared()) +
           " inputs would end otherwise, all as expected";
  return "each of " + grouped(report.compared()) + " inputs would end the same";
}

}  // namespace turnstile::shadow
