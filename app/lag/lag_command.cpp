#include "app/lag/lag_command.hpp"

#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/lag/lag_report.hpp"
#include "app/lag/lag_text.hpp"
#include "app/terminal/redrawn_block.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/ask/group_reader.hpp"

namespace turnstile::app {

namespace {

constexpr std::chrono::milliseconds broker_timeout{10'000};
// A file or a program gets every column and every partition.
constexpr std::size_t everything = 100'000;

constexpr const char* help_end =
    "Shows all partitions of the topics of which the group, of any program, has committed\n"
    "something. Lag is counted from the next record that it has to read to the end; markers\n"
    "of transactions between records count. The seconds are since that record was written.\n"
    "What waits behind an open transaction is no lag yet; a note says so.\n"
    "\n"
    "Examples:\n"
    "  turnstile lag --brokers localhost:9092 --group logins\n"
    "  turnstile lag -c turnstile.toml --watch\n"
    "  turnstile lag -c turnstile.toml --max-seconds 60 --json | jq .lag_seconds\n"
    "\n"
    "Exit codes: 0 shown, 1 a partition is above a limit or its lag is not known, 69 no broker\n"
    "reached or no such group.";

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

lag_limits limits_of(const lag_args& args) {
  lag_limits limits{.records = args.records_max};
  if (args.seconds_max) limits.waits_ms = static_cast<std::int64_t>(*args.seconds_max * 1000);
  return limits;
}

/// One look at the group; on a terminal that is watched in the place of the last one.
class lag_display {
public:
  explicit lag_display(const lag_args& args)
    : json_(args.json), lines_(args.watch && !can_redraw(stdout)), redraws_(args.watch) {}

  void show(const lag_report& report, const std::vector<std::string>& over) {
    const painter paint{stdout};
    if (json_ || lines_) {
      std::printf("%s\n", (json_ ? lag_json(report) : lag_line(report)).c_str());
      std::fflush(stdout);
      for (const auto& text : over) complain(text);
      return;
    }
    const bool on_terminal = is_terminal(stdout);
    const std::size_t width = on_terminal ? terminal_width(stdout) : everything;
    // Beside the table: its headline, its heading, the line about the others, and one of a limit.
    constexpr std::size_t other_lines = 4;
    const std::size_t rows = redraws_ ? block_.height() : everything;
    auto table = lag_table(report, width, rows > other_lines ? rows - other_lines : 1, paint);
    if (!redraws_) {
      for (const auto& line : table) std::printf("%s\n", line.c_str());
      std::fflush(stdout);
      for (const auto& text : over) complain(text);
      return;
    }
    if (!over.empty())
      table.push_back(paint(colour::red, grouped(over.size()) + " above the limit"));
    block_.draw(table);
  }

private:
  bool json_;
  bool lines_;    ///< Watched where nothing can be drawn again.
  bool redraws_;  ///< Watched.
  redrawn_block block_{stdout};
};

/// Nothing known of it yet is told as it is.
int show_once(kafka_io::group_reader& reader, const lag_args& args, const std::string& group,
              lag_display& display) {
  auto picture = reader.read(broker_timeout);
  if (!picture) {
    complain(picture.error().text);
    return exit_unavailable;
  }
  const auto report = judge_lag(group, std::move(*picture), now_ms());
  if (is_unknown_group(report)) {
    complain("there is no group " + core::quoted_short(group) +
             ": it has no members and has committed nothing");
    return exit_unavailable;
  }
  const auto over = over_limits(report, limits_of(args));
  display.show(report, over);
  return over.empty() ? exit_ok : exit_failed;
}

int run_lag(const lag_args& args, const command_input& input) {
  block_stop_signals();
  const auto& settings = input.config.values;
  auto reader = kafka_io::group_reader::open(settings, broker_timeout);
  if (!reader) {
    complain(reader.error().text);
    return exit_unavailable;
  }
  lag_display display{args};
  if (!args.watch) return show_once(*reader, args, settings.kafka.group, display);
  stop_flag stop;
  const stop_signals signals{[&stop](const std::string&) { stop.set(); }};
  int code = exit_ok;
  do {
    code = show_once(*reader, args, settings.kafka.group, display);
  } while (output_is_written() && !stop.wait_for(std::chrono::seconds{args.interval_s}));
  return code;
}

void add_options(CLI::App& to, lag_args& args) {
  to.add_flag("--json", args.json, "One JSON object instead of a table");
  to.add_flag("--watch", args.watch,
              "Look again and again: draws the table anew, or writes a line where the output is no "
              "terminal");
  to.add_option("--interval", args.interval_s, "Seconds between looks")
      ->type_name("S")
      ->check(within(1, 86'400))
      ->needs("--watch")
      ->capture_default_str();
  to.add_option("--max-records", args.records_max,
                "Exit with 1 where a partition is more records behind")
      ->type_name("N")
      ->check(whole_number);
  to.add_option("--max-seconds", args.seconds_max,
                "Exit with 1 where the next record of a partition waits longer")
      ->type_name("S")
      ->check(not_negative)
      ->check(CLI::Validator{CLI::Range(0.0, 1e9)}.description(""));
}

}  // namespace

command_of<lag_args> lag_command() {
  return {.words = {.name = "lag",
                    .about = "Show how far a consumer group is behind, and who owns what",
                    .group = "Tools",
                    .configuration = config_use::worker,
                    .group_help = "The group to look at; without it kafka.group",
                    .footer = help_end},
          .add_options = add_options,
          .run = run_lag};
}

}  // namespace turnstile::app
