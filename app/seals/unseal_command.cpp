#include "app/seals/unseal_command.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>
#include <sodium.h>

#include "app/seals/sealed_record.hpp"
#include "app/statement/key_path.hpp"
#include "app/terminal/record_text.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "app/watch/watch_options.hpp"
#include "core/exit_codes.hpp"
#include "core/own_headers.hpp"
#include "core/quoting.hpp"
#include "event/errors/seal_key_file.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds broker_timeout{10'000};
// How soon a signal is noticed.
constexpr milliseconds read_timeout{200};
// More complaints of the same kind say nothing new.
constexpr std::uint64_t complaints_max = 10;

constexpr const char* help_end =
    "Prints each input's bytes as they were, a line feed behind them. Without a topic it reads\n"
    "standard input: lines of `turnstile watch --json`, or values of error records.\n"
    "\n"
    "Examples:\n"
    "  turnstile unseal processed-errors --key seal.key --brokers localhost:9092\n"
    "  turnstile watch processed-errors --from 10m --until-end --json | turnstile unseal --key "
    "seal.key\n"
    "\n"
    "Exit codes: 0 each sealed content was opened, 1 one was not or could not be read, 69 no\n"
    "broker reached, 78 a key cannot be used.";

/// Standard input has whole records; beyond this it is no error record of any topic.
constexpr std::size_t line_bytes_max = event::json_bytes_max;

std::string base64_of(std::string_view bytes) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();
  return text;
}

class unsealing {
public:
  unsealing(std::vector<event::content_opener> openers, bool json)
    : openers_(std::move(openers)), json_(json) {}

  /// `name`: where it stands. `origin`: of a topic's record, which says it in a header.
  void take(std::string_view text, const std::string& name, std::string_view origin) {
    sealed_record record = reader_.read(text);
    if (record.origin.empty()) record.origin = origin;
    if (!record.is_error_record) return fail(name + " is no error record");
    if (record.box.empty()) {
      ++without_;
      return;
    }
    const std::string where = record.origin.empty() ? name : core::printable(record.origin);
    const event::content_opener* const opener = opener_of(record.key_id);
    if (opener == nullptr)
      return fail(where + " is sealed for the key " + core::quoted_short(record.key_id) +
                  ", not for " + openers_.front().public_key().id());
    const auto plain = opener->open(record.box);
    if (!plain) return fail(where + " does not open: it was changed");
    print(record, *plain);
    ++opened_;
  }

  void fail(const std::string& text) {
    if (++failed_ <= complaints_max) complain(text);
  }

  [[nodiscard]] int end() const {
    std::string text = grouped(opened_) + " opened";
    if (without_ > 0) text += ", " + grouped(without_) + " without a sealed content";
    if (failed_ > 0) text += ", " + grouped(failed_) + " not opened";
    complain(text);
    return failed_ == 0 ? exit_ok : exit_failed;
  }

private:
  [[nodiscard]] const event::content_opener* opener_of(std::string_view key_id) const {
    for (const auto& opener : openers_)
      if (opener.public_key().id() == key_id) return &opener;
    return nullptr;
  }

  void print(const sealed_record& record, const std::string& plain) const {
    std::string line = plain;
    if (json_) {
      line = "{";
      if (!record.origin.empty()) line += "\"origin\":" + core::quoted(record.origin) + ",";
      line += "\"reason\":" + core::quoted(record.reason);
      if (core::is_valid_utf8(plain))
        line += ",\"value\":" + core::quoted(plain) + "}";
      else
        line += ",\"value_base64\":\"" + base64_of(plain) + "\"}";
    }
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::putchar('\n');
  }

  std::vector<event::content_opener> openers_;
  bool json_;
  sealed_record_reader reader_;
  std::uint64_t opened_ = 0;
  std::uint64_t without_ = 0;
  std::uint64_t failed_ = 0;
};

int unseal_input(unsealing& work) {
  std::uint64_t number = 0;
  std::string line;
  bool too_long = false;
  const auto take = [&] {
    const std::string name = "line " + std::to_string(++number);
    if (too_long)
      work.fail(name + " is longer than any error record");
    else if (!line.empty())
      work.take(line, name, {});
    line.clear();
    too_long = false;
  };
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') {
      take();
      continue;
    }
    too_long = too_long || line.size() == line_bytes_max;
    if (!too_long) line += static_cast<char>(c);
  }
  if (!line.empty() || too_long) take();
  return work.end();
}

int unseal_topic(const unseal_args& args, const core::settings& settings, unsealing& work) {
  block_stop_signals();
  auto scope = args.scope;
  scope.until_end = true;
  auto reader = kafka_io::topic_reader::open(settings, {args.topic}, scope, broker_timeout);
  if (!reader) {
    complain(reader.error().text);
    return exit_unavailable;
  }
  std::atomic<bool> stopped{false};
  const stop_signals signals{[&stopped](const std::string&) { stopped = true; }};
  while (!stopped && !reader->at_end()) {
    reader->read(read_timeout, [&](const kafka_io::topic_record& record) {
      const std::string name =
          std::to_string(record.partition) + "/" + std::to_string(record.record.offset);
      work.take(record.record.value.value_or(""), args.topic + "/" + name,
                header_of(record.record, core::origin_header));
    });
    if (!output_is_written()) return exit_output;
    for (const auto& error : reader->take_errors()) work.fail(error.text);
  }
  return work.end();
}

int run_unseal(const unseal_args& args, const command_input& input) {
  std::vector<event::content_opener> openers;
  for (const std::string& file : args.keys) {
    auto loaded = event::load_content_opener(key_path(file));
    if (const auto* fault = std::get_if<std::string>(&loaded)) {
      complain("--key: " + *fault);
      return exit_configuration;
    }
    openers.push_back(std::get<event::content_opener>(std::move(loaded)));
  }
  unsealing work{std::move(openers), args.json};
  return args.topic.empty() ? unseal_input(work) : unseal_topic(args, input.config.values, work);
}

void take_start(unseal_args& args, const std::string& text) {
  const auto start = watch_start_of(text, std::chrono::system_clock::now());
  if (!start) return;
  args.scope.from = start->from;
  args.scope.value = start->value;
}

void add_options(CLI::App& to, unseal_args& args) {
  to.add_option("topic", args.topic, "Topic of error records; without one, standard input")
      ->type_name("TOPIC");
  to.add_option("--key", args.keys,
                "File of a secret key that `turnstile keygen seal` made; repeatable")
      ->type_name("FILE")
      ->required()
      ->allow_extra_args(false);
  to.add_option_function<std::string>(
        "--from", [&args](const std::string& text) { take_start(args, text); },
        "Where to start in the topic, as `turnstile watch` has it")
      ->type_name("PLACE")
      ->check(CLI::Validator(watch_start_fault, ""))
      ->default_str("beginning");
  to.add_flag("--json", args.json,
              "A line of JSON for each, with its origin and reason; bytes that are no text in "
              "base64");
}

}  // namespace

command_of<unseal_args> unseal_command() {
  return {.words = {.name = "unseal",
                    .about = "Open the sealed contents of error records",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options = add_options,
          .run = run_unseal};
}

}  // namespace turnstile::app
