#include "app/commands/watch_command.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/commands/watch_options.hpp"
#include "app/terminal/record_text.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds broker_timeout{10'000};
// How soon a signal is noticed.
constexpr milliseconds read_timeout{200};

constexpr const char* help_end =
    "Needs no consumer group and changes nothing.\n"
    "\n"
    "Examples:\n"
    "  turnstile watch processed-output processed-errors --brokers localhost:9092\n"
    "  turnstile watch processed-errors --from 10m --until-end | jq -r .reason | sort | uniq "
    "-c\n"
    "  turnstile watch summary-output --from -1 --until-end | jq .";

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

int run_watch(const watch_args& args, const command_input& input) {
  block_stop_signals();
  auto reader =
      kafka_io::topic_reader::open(input.config.values, args.topics, args.scope, broker_timeout);
  if (!reader) {
    complain(reader.error().text);
    return exit_unavailable;
  }
  print_records(*reader, args);
  return exit_ok;
}

void take_start(watch_args& args, const std::string& text) {
  const auto start = watch_start_of(text, std::chrono::system_clock::now());
  if (!start) return;
  args.scope.from = start->from;
  args.scope.value = start->value;
}

void add_options(CLI::App& to, watch_args& args) {
  args.scope.by_time = true;
  to.add_option("topic", args.topics, "Topics to read")->type_name("TOPIC")->required();
  to.add_option_function<std::string>(
        "--from", [&args](const std::string& text) { take_start(args, text); },
        "Where to start: beginning, end, an offset, -N (the last N offsets of each "
        "partition; the end of a transaction is one), a time in ISO 8601, or a duration "
        "such as 10m")
      ->type_name("PLACE")
      ->check(CLI::Validator(watch_start_fault, ""))
      ->default_str("end");
  to.add_flag("--until-end", args.scope.until_end, "Read to the end as it is now, and stop");
  to.add_option("--partition", args.scope.partitions, "Only these; repeatable")
      ->type_name("P,...")
      ->delimiter(',')
      ->check(within(0, 1'000'000))
      ->allow_extra_args(false);
  to.add_option("--count", args.count, "Stop after so many records")
      ->type_name("N")
      ->check(whole_number_from_1);
  to.add_flag("--json", args.json, "JSON lines, as when the output is piped");
}

}  // namespace

command_of<watch_args> watch_command() {
  return {.words = {.name = "watch",
                    .about = "Print what arrives on topics",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options = add_options,
          .run = run_watch};
}

}  // namespace turnstile::app
