#include "app/demo/demo_report.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "app/terminal/event_table.hpp"
#include "app/terminal/text_width.hpp"
#include "core/quoting.hpp"
#include "event/json_event.hpp"

namespace turnstile::app {

namespace {

using core::output_topic;

void heading(const painter& paint, const std::string& text) {
  std::printf("\n%s\n", paint(colour::bold, text).c_str());
}

void print_example(const demo_outcome& outcome, output_topic topic, std::string_view reason,
                   const painter& paint) {
  const auto example = outcome.tally.example(topic, reason);
  if (!example) return;
  std::printf("%s", event_table({example->origin, example->input},
                                {example->place, example->output}, terminal_width(stdout), paint)
                        .c_str());
}

std::uint64_t sent_as(const demo_outcome& outcome, core::outcome result) {
  std::uint64_t count = 0;
  for (std::size_t k = 0; k < generate::event_kind_count; ++k) {
    if (generate::outcome_of(static_cast<generate::event_kind>(k)) == result)
      count += outcome.sent[k];
  }
  return count;
}

std::uint64_t found_by_reason(const demo_outcome& outcome, std::string_view reason) {
  const auto found = outcome.tally.errors_by_reason().find(std::string{reason});
  return found == outcome.tally.errors_by_reason().end() ? 0 : found->second;
}

void print_count(const painter& paint, const std::string& name, std::uint64_t found,
                 std::uint64_t sent) {
  const bool same = found == sent;
  std::printf("  %-22s %10s %10s%s\n", name.c_str(), grouped(found).c_str(), grouped(sent).c_str(),
              same ? "" : paint(colour::red, "  differs").c_str());
}

void print_counts(const demo_outcome& outcome, const painter& paint) {
  const auto& topics = outcome.settings.topics;
  std::printf("  %s\n", paint(colour::dim, "topic                       found       sent").c_str());
  print_count(paint, topics.processed, outcome.tally.outputs(output_topic::processed),
              sent_as(outcome, core::outcome::processed));
  print_count(paint, topics.cleaned, outcome.tally.outputs(output_topic::cleaned),
              sent_as(outcome, core::outcome::filtered));
  print_count(paint, topics.errors, outcome.tally.outputs(output_topic::errors),
              sent_as(outcome, core::outcome::failed));
  for (std::size_t k = 0; k < generate::event_kind_count; ++k) {
    const auto kind = static_cast<generate::event_kind>(k);
    if (!reason_of(kind)) continue;
    const auto found = found_by_reason(outcome, name_of(kind));
    if (found + outcome.sent[k] > 0) {
      print_count(paint, "  " + std::string{name_of(kind)}, found, outcome.sent[k]);
    }
  }
}

/// A number as in the counts above; anything else as it stands there.
std::string summary_value(const event::json_field& field) {
  constexpr std::size_t bytes_max = 1000;
  constexpr std::size_t digits_max = 18;
  const bool whole = field.kind == core::json_kind::number && field.raw.size() <= digits_max &&
                     field.raw.find_first_not_of("0123456789") == std::string_view::npos;
  return whole ? grouped(std::stoull(std::string{field.raw}))
               : core::printable(field.raw.substr(0, bytes_max));
}

/// A summary's fields below each other, each on one line.
void print_summary(const std::string& summary, const painter& paint) {
  event::json_event event;
  if (summary.empty() || event.parse(summary, event::json_bytes_max)) {
    std::printf("  none was published\n");
    return;
  }
  constexpr std::size_t name_width = 22;
  // "  name value"
  constexpr std::size_t taken = 2 + name_width + 1;
  const std::size_t width = std::max(terminal_width(stdout), taken + 10);
  for (const auto& field : event.fields()) {
    const std::string name = padded(fitted(core::printable(field.name), name_width), name_width);
    std::printf("  %s %s\n", paint(colour::dim, name).c_str(),
                fitted(summary_value(field), width - taken).c_str());
  }
}

bool as_sent(const demo_outcome& outcome) {
  const auto& tally = outcome.tally;
  if (tally.outputs(output_topic::processed) != sent_as(outcome, core::outcome::processed) ||
      tally.outputs(output_topic::cleaned) != sent_as(outcome, core::outcome::filtered)) {
    return false;
  }
  for (std::size_t k = 0; k < generate::event_kind_count; ++k) {
    const auto kind = static_cast<generate::event_kind>(k);
    if (reason_of(kind) && found_by_reason(outcome, name_of(kind)) != outcome.sent[k]) return false;
  }
  return true;
}

}  // namespace

void print_demo_report(const demo_outcome& outcome, const painter& paint) {
  heading(paint, "An event before and after");
  print_example(outcome, output_topic::processed, {}, paint);
  heading(paint, "And one that was refused");
  print_example(outcome, output_topic::errors, name_of(generate::event_kind::missing_fields),
                paint);
  heading(paint, "Where the events ended");
  print_counts(outcome, paint);
  heading(paint, "The last summary");
  print_summary(outcome.tally.last_summary(), paint);
  if (outcome.figures.empty()) return;
  heading(paint, "The actors");
  std::printf("%s%s", outcome.figures.c_str(), outcome.figures.back() == '\n' ? "" : "\n");
}

bool print_demo_verdict(const demo_outcome& outcome, const painter& paint) {
  const auto verdict = outcome.tally.verdict();
  const auto sent = std::accumulate(outcome.sent.begin(), outcome.sent.end(), std::uint64_t{0});
  const bool all_read = outcome.tally.inputs() == sent;
  const bool holds = verdict.holds() && all_read && as_sent(outcome);
  std::string text;
  if (holds) {
    text = "every one of " + grouped(sent) + " input offsets ended in exactly one output";
  } else if (!verdict.holds()) {
    text = "of " + grouped(sent) + " input offsets " + grouped(verdict.missing) +
           " ended nowhere; " + grouped(verdict.repeated) + " outputs are repeated, " +
           grouped(verdict.foreign) + " come from no input";
  } else if (!all_read) {
    text = grouped(sent) + " events were sent and " + grouped(outcome.tally.inputs()) +
           " found in the input topic";
  } else {
    text = "events ended otherwise than they were meant to";
  }
  std::printf("\n%s %s (%.1f s)\n",
              paint(holds ? colour::green : colour::red, holds ? "OK" : "FAILED").c_str(),
              text.c_str(), outcome.seconds);
  std::fflush(stdout);
  return holds;
}

}  // namespace turnstile::app
