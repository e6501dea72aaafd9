#include "app/watch/watch_command.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/terminal/record_text.hpp"
#include "app/terminal/redrawn_block.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "app/watch/record_filter.hpp"
#include "app/watch/summary_fold.hpp"
#include "app/watch/watch_options.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "core/reason.hpp"
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
    "  turnstile watch processed-errors --reason bad_value --where user_id=u-17\n"
    "  turnstile watch --summary -c turnstile.toml";

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

std::int64_t now_ms() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// What becomes of a record that is to be shown.
class record_display {
public:
  virtual ~record_display() = default;
  virtual void take(const kafka_io::topic_record& record) = 0;
  /// What was taken must be seen now; `last`: nothing more comes.
  virtual void show(bool last) = 0;
};

class line_display final : public record_display {
public:
  explicit line_display(const watch_args& args)
    : json_(args.json || !is_terminal(stdout)),
      text_(painter{stdout}, topic_width(args.topics), terminal_width(stdout)) {}

  void take(const kafka_io::topic_record& record) override {
    const std::string day = json_ ? "" : text_.day_line(record);
    if (!day.empty()) std::printf("%s\n", day.c_str());
    const std::string line = json_ ? text_.as_json(record) : text_.for_people(record);
    std::printf("%s\n", line.c_str());
  }
  void show(bool /*last*/) override {}

private:
  bool json_;
  record_text text_;
};

/// Each second at most, and at the end.
class summary_display final : public record_display {
public:
  explicit summary_display(const watch_args& args)
    : json_(args.json || !is_terminal(stdout)), redraws_(!json_ && can_redraw(stdout)) {}

  void take(const kafka_io::topic_record& record) override {
    changed_ = fold_.add(record.record) || changed_;
  }

  void show(bool last) override {
    const auto now = std::chrono::steady_clock::now();
    // The age of the last summary changes too.
    if (!(changed_ || (redraws_ && fold_.summaries() > 0))) return;
    if (!last && now < next_) return;
    next_ = now + std::chrono::seconds{1};
    changed_ = false;
    if (json_) {
      std::printf("%s\n", fold_.as_json().c_str());
      std::fflush(stdout);
      return;
    }
    const auto lines =
        fold_.picture(terminal_width(stdout), block_.height(), now_ms(), painter{stdout});
    if (redraws_)
      block_.draw(lines);
    else
      for (const auto& line : lines) std::printf("%s\n", line.c_str());
  }

private:
  bool json_;
  bool redraws_;
  bool changed_ = false;
  std::chrono::steady_clock::time_point next_{};
  summary_fold fold_;
  redrawn_block block_{stdout};
};

std::unique_ptr<record_display> make_display(const watch_args& args) {
  if (args.summary) return std::make_unique<summary_display>(args);
  return std::make_unique<line_display>(args);
}

/// Until `count` records were shown, all is read, a signal came, or nobody reads any more.
void print_records(kafka_io::topic_reader& reader, const watch_args& args) {
  std::atomic<bool> stopped{false};
  const stop_signals signals{[&stopped](const std::string&) { stopped = true; }};
  const auto display = make_display(args);
  std::vector<where_clause> clauses;
  for (const auto& text : args.where) clauses.push_back(where_of(text));
  record_filter filter{args.reasons, std::move(clauses)};
  std::uint64_t shown = 0;
  const auto all_shown = [&] { return args.count && shown >= *args.count; };
  const auto print = [&](const kafka_io::topic_record& record) {
    if (stopped || all_shown() || !filter.takes(record.record)) return;
    display->take(record);
    ++shown;
  };
  announce(reader, args);
  while (!(stopped || reader.at_end() || all_shown())) {
    reader.read(read_timeout, print);
    display->show(false);
    if (!output_is_written()) return;
    for (const auto& error : reader.take_errors()) complain(error.text);
  }
  display->show(true);
  if (args.scope.until_end && shown == 0 && !stopped)
    complain(filter.takes_all() ? "nothing is there" : "no such record is there");
}

int run_watch(watch_args args, const command_input& input) {
  block_stop_signals();
  if (args.topics.empty()) args.topics = {input.config.values.topics.summary};
  // What was counted before is part of the picture.
  if (args.summary && !args.from_given) args.scope.from = kafka_io::read_from::beginning;
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
  args.from_given = true;
}

void add_choice(CLI::App& to, watch_args& args) {
  to.add_option("--reason", args.reasons, "Only error records of this reason; repeatable")
      ->type_name("REASON,...")
      ->delimiter(',')
      ->check(one_of({core::reason_names.begin(), core::reason_names.end()}))
      ->allow_extra_args(false);
  to.add_option("--where", args.where,
                "Only records with this value at a path such as a.b or items[].id, as rules name "
                "it; repeatable, all must hold")
      ->type_name("PATH=VALUE")
      ->check(CLI::Validator(where_fault, ""))
      ->allow_extra_args(false);
  to.add_flag("--summary", args.summary,
              "Add up the summaries of all workers: totals, and counted fields as bars; without "
              "TOPIC of topics.summary, without --from of all that is there");
}

void add_options(CLI::App& to, watch_args& args) {
  args.scope.by_time = true;
  to.add_option("topic", args.topics, "Topics to read")->type_name("TOPIC");
  to.final_callback([&args] {
    if (args.topics.empty() && !args.summary) throw CLI::RequiredError("a topic, or --summary,");
    if (args.where.size() > where_clauses_max)
      throw CLI::ValidationError("--where", "at most " + grouped(where_clauses_max) + " of them");
  });
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
  add_choice(to, args);
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
