#include "app/trial/explain_command.hpp"

#include <charconv>
#include <cstdio>
#include <iostream>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/terminal/standard_streams.hpp"
#include "app/terminal/terminal.hpp"
#include "app/trial/account_text.hpp"
#include "app/trial/event_files.hpp"
#include "app/trial/trial.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "kafka_io/tools/range_reader.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "Reads one event, shows each check and each field, and the record that a worker would\n"
    "write. Nothing is sent. docs/event-rules.md says what rules are.\n"
    "\n"
    "Examples:\n"
    "  turnstile explain -c rules.toml event.json\n"
    "  echo '{\"ip\":\"192.0.2.1\"}' | turnstile explain --set event.preset=none --set "
    "fields.ip=mask-ip\n"
    "  turnstile explain -c rules.toml --lines events.jsonl | jq -r .reason | sort | uniq -c\n"
    "  turnstile explain -c rules.toml --from user-login/0/42\n"
    "\n"
    "Exit codes: 0 whatever became of the event, 64 bad usage, 69 no broker reached or no such\n"
    "record, 78 bad configuration.";

constexpr std::chrono::milliseconds broker_timeout{10'000};

std::string header_fault(const std::string& text) {
  const auto equals = text.find('=');
  return equals == 0 || equals == std::string::npos
             ? core::quoted_short(text) + " is not of the form NAME=VALUE"
             : "";
}

given_event event_around(const explain_args& args, std::optional<std::string> value) {
  given_event event{.value = std::move(value), .key = std::nullopt, .headers = {}};
  if (args.has_key) event.key = args.key;
  for (const auto& header : args.headers) {
    const auto equals = header.find('=');
    event.headers.emplace_back(header.substr(0, equals), header.substr(equals + 1));
  }
  return event;
}

void explain(const trial& rules, const core::settings& settings, const given_event& event,
             bool json) {
  const auto tried = rules.run(event);
  const auto text =
      json ? account_json(settings, event, tried) + "\n" : account_text(settings, event, tried);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int explain_lines(const explain_args& args, const trial& rules, const core::settings& settings) {
  const auto read = read_file(args.file);
  if (!read.fault.empty()) {
    complain(read.fault);
    return exit_usage;
  }
  std::string_view rest = read.bytes;
  while (!rest.empty() && output_is_written()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    explain(rules, settings, event_around(args, std::string(rest.substr(0, end))), true);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return exit_ok;
}

given_event copy_of(const core::record_view& record) {
  const auto copied = [](const core::maybe_bytes& bytes) {
    return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
  };
  given_event event{.value = copied(record.value),
                    .key = copied(record.key),
                    .headers = {},
                    .timestamp_ms = record.timestamp_ms};
  for (const auto& header : record.headers)
    event.headers.emplace_back(header.name, copied(header.value));
  return event;
}

/// Why there can be no record at that place, or nobody to ask; nothing: it is there to be read.
std::optional<std::string> why_absent(const kafka_io::admin& brokers, const record_place& place) {
  if (auto error = brokers.wait_for_broker(broker_timeout)) return std::move(error->text);
  const auto topics = brokers.read_topics({place.topic}, broker_timeout);
  if (!topics) return topics.error().text;
  if (auto missing = kafka_io::missing_partition(topics->front(), place.partition))
    return std::move(missing->text);
  const auto ends = brokers.read_watermarks(place.topic, place.partition, broker_timeout);
  if (!ends) return ends.error().text;
  if (place.offset >= ends->low && place.offset < ends->high) return std::nullopt;
  std::string there = "the partition is empty";
  if (ends->low < ends->high)
    there = "the partition has offsets " + std::to_string(ends->low) + " to " +
            std::to_string(ends->high - 1);
  return "there is no offset " + std::to_string(place.offset) + ": " + there;
}

int refuse(const std::string& fault) {
  complain(core::printable(fault));
  return exit_unavailable;
}

int explain_record(const explain_args& args, const trial& rules, const core::settings& settings) {
  const auto place = parse_place(args.from);
  auto reader = kafka_io::range_reader::open(settings, kafka_io::isolation::read_uncommitted);
  if (!reader) return refuse(reader.error().text);
  if (const auto why = why_absent(reader->brokers(), place)) return refuse(*why);
  std::optional<given_event> found;
  bool unreadable = false;
  const auto read = reader->read(
      {{place.topic, place.partition, place.offset, place.offset + 1}},
      {.record = [&](std::size_t, const core::record_view& record) { found = copy_of(record); },
       .unreadable = [&](std::size_t, std::int64_t, std::int64_t) { unreadable = true; },
       .stopped = [] { return false; }},
      broker_timeout);
  if (!read) return refuse(read.error().text);
  if (!found) {
    // Behind what compaction took, and the end of a transaction, reading goes on.
    const bool passed = read->front() > place.offset;
    return refuse("offset " + std::to_string(place.offset) +
                  (unreadable ? " lies in a batch that cannot be read"
                   : passed   ? " holds no record: it was compacted away, or ends a transaction"
                              : " did not come within 10 s"));
  }
  explain(rules, settings, *found, args.json);
  return exit_ok;
}

int run_explain(const explain_args& args, const command_input& input) {
  const auto& settings = input.config.values;
  auto made = trial::make(settings);
  if (const auto* fault = std::get_if<std::string>(&made)) {
    complain(*fault);
    return exit_configuration;
  }
  const auto& rules = std::get<trial>(made);
  if (!args.from.empty()) return explain_record(args, rules, settings);
  if (args.lines) return explain_lines(args, rules, settings);
  std::optional<std::string> value;
  if (!args.tombstone) {
    auto read = read_file(args.file);
    if (!read.fault.empty()) {
      complain(read.fault);
      return exit_usage;
    }
    value = std::move(read.bytes);
  }
  explain(rules, settings, event_around(args, std::move(value)), args.json);
  return exit_ok;
}

void add_options(CLI::App& to, explain_args& args) {
  to.add_option("file", args.file, "File with the event, - for standard input")
      ->type_name("FILE")
      ->capture_default_str();
  to.add_option_function<std::string>(
        "--key",
        [&args](const std::string& key) {
          args.key = key;
          args.has_key = true;
        },
        "The record's key; without it there is none")
      ->type_name("KEY");
  to.add_option("--header", args.headers, "A header of the record; repeatable")
      ->type_name("NAME=VALUE")
      ->check(CLI::Validator(header_fault, ""))
      ->allow_extra_args(false);
  to.add_option("--from", args.from, "Take the record from the brokers instead")
      ->type_name("TOPIC/PARTITION/OFFSET")
      ->excludes("file")
      ->check(CLI::Validator([](const std::string& text) { return parse_place(text).fault; }, ""));
  to.add_flag("--tombstone", args.tombstone, "A record without a value");
  to.add_flag("--json", args.json, "One JSON object instead of text");
  to.add_flag("--lines", args.lines, "Each line of the input is an event; a JSON object for each");
}

template <class Number>
bool read_number(std::string_view text, Number& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc{} && end == text.data() + text.size() && to >= 0;
}

}  // namespace

record_place parse_place(const std::string& text) {
  record_place out;
  const auto last = text.rfind('/');
  const auto first = last == std::string::npos || last == 0 ? last : text.rfind('/', last - 1);
  const std::string_view whole = text;
  if (first == std::string::npos || first == 0 || first == last ||
      !read_number(whole.substr(first + 1, last - first - 1), out.partition) ||
      !read_number(whole.substr(last + 1), out.offset)) {
    out.fault = core::quoted_short(text) + " is not of the form TOPIC/PARTITION/OFFSET";
    return out;
  }
  out.topic = text.substr(0, first);
  return out;
}

command_of<explain_args> explain_command() {
  return {.words = {.name = "explain",
                    .about = "Show what the rules make of one event, step by step",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options = add_options,
          .run = run_explain};
}

}  // namespace turnstile::app
