#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>

#include "app/commands.hpp"
#include "app/stop_signals.hpp"
#include "app/terminal/record_text.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/terminal.hpp"
#include "app/watch_options.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds broker_timeout{10'000};
// How soon a signal is noticed.
constexpr milliseconds read_timeout{200};

std::size_t topic_width(const std::vector<std::string>& topics) {
  if (topics.size() < 2) return 0;
  return std::ranges::max_element(topics, {}, &std::string::size)->size();
}

/// On standard error: what is read, from where, and what ends it.
void announce(const kafka_io::topic_reader& reader, const watch_args& args) {
  std::string topics;
  for (const auto& topic : args.topics) core::append_item(topics, topic, " and ");
  std::string text = "watching " + topics + ", " + grouped(reader.partitions()) +
                     (reader.partitions() == 1 ? " partition, " : " partitions, ") +
                     watch_start_text(args.scope);
  if (args.scope.until_end) text += " to the end as it is now";
  if (args.count) text += "; ends after " + grouped(*args.count);
  complain(text + "; Ctrl-C ends");
}

/// Prints until `count` records were shown, all is read, a signal came, or nobody reads any more.
void print_records(kafka_io::topic_reader& reader, const watch_args& args) {
  std::atomic<bool> stopped{false};
  const stop_signals signals{[&stopped](const std::string&) { stopped = true; }};
  const bool json = args.json || !is_terminal(stdout);
  record_text text{painter{stdout}, topic_width(args.topics), terminal_width(stdout)};
  std::uint64_t shown = 0;
  const auto done = [&] {
    return stopped || reader.at_end() || (args.count && shown >= *args.count);
  };
  const auto print = [&](const kafka_io::topic_record& record) {
    if (stopped || (args.count && shown >= *args.count)) return;
    const std::string day = json ? "" : text.day_line(record);
    if (!day.empty()) std::printf("%s\n", day.c_str());
    const std::string line = json ? text.as_json(record) : text.for_people(record);
    std::printf("%s\n", line.c_str());
    ++shown;
  };
  announce(reader, args);
  while (!done()) {
    reader.read(read_timeout, print);
    if (!output_is_written()) return;
    for (const auto& error : reader.take_errors()) complain(error.text);
  }
  if (args.scope.until_end && shown == 0 && !stopped) complain("nothing is there");
}

}  // namespace

int watch_command(const watch_args& args, const core::settings& settings) {
  block_stop_signals();
  auto reader = kafka_io::topic_reader::open(settings, args.topics, args.scope, broker_timeout);
  if (!reader) {
    complain(reader.error().text);
    return exit_unavailable;
  }
  print_records(*reader, args);
  return exit_ok;
}

}  // namespace turnstile::app
