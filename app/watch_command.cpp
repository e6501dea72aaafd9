#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>

#include "app/commands.hpp"
#include "app/record_text.hpp"
#include "app/stop_signals.hpp"
#include "app/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/topic_reader.hpp"

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

/// Prints until `count` records were shown, a signal came, or nobody reads any more.
void print_records(kafka_io::topic_reader& reader, const watch_args& args) {
  std::atomic<bool> stopped{false};
  const stop_signals signals{[&stopped](const std::string&) { stopped = true; }};
  const bool json = args.json || !is_terminal(stdout);
  record_text text{painter{stdout}, topic_width(args.topics)};
  std::uint64_t shown = 0;
  const auto done = [&] { return stopped || (args.count && shown >= *args.count); };
  while (!done()) {
    reader.read(read_timeout, [&](const kafka_io::topic_record& record) {
      if (done()) return;
      const std::string line = json ? text.as_json(record) : text.for_people(record);
      std::printf("%s\n", line.c_str());
      ++shown;
    });
    if (std::fflush(stdout) != 0) return;
    for (const auto& error : reader.take_errors()) complain(error.text);
  }
}

}  // namespace

int watch_command(const watch_args& args, const core::settings& settings) {
  block_stop_signals();
  const auto from = args.from == watch_from::beginning ? kafka_io::read_from::beginning
                                                       : kafka_io::read_from::end;
  auto reader = kafka_io::topic_reader::open(settings, args.topics, from, broker_timeout);
  if (!reader) {
    complain(reader.error().text);
    return exit_unavailable;
  }
  print_records(*reader, args);
  return exit_ok;
}

}  // namespace turnstile::app
