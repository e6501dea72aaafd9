#include "app/commands/generate_command.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/commands/preset_rules.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "generate/event_sender.hpp"
#include "generate/rules_factory.hpp"
#include "kafka_io/ask/admin.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds broker_timeout{10'000};
constexpr milliseconds topic_pause{250};

constexpr const char* help_end =
    "Prints one JSON line at the end: what was sent, by expected outcome and reason. Of login\n"
    "events these are as the built-in rules have them, whatever rules are given over those.\n"
    "\n"
    "By default login events. With --preset, or a configuration whose event.preset is none, "
    "events\n"
    "that fit those rules: all of them are good. Presets are okta, auth0 and so on.\n"
    "\n"
    "--mix takes one of seed (as the real stream: 5 % lack device_type), mixed (every kind "
    "of\n"
    "good and bad event), good, bad; or relative shares such as processed=94,filtered=1,\n"
    "missing_fields=5. Kinds are processed, filtered, and the reasons that an event can "
    "give.\n"
    "\n"
    "Examples:\n"
    "  turnstile generate --brokers localhost:9092 --count 100000\n"
    "  turnstile generate --brokers localhost:9092 --rate 500 --seed 7\n"
    "  turnstile generate --brokers localhost:9092 --preset okta --topic okta-log";

int unavailable(const std::string& text) {
  complain(text);
  return exit_unavailable;
}

/// Waits for brokers and topic; why they are not there, or nothing.
std::optional<std::string> await_topic(const core::settings& settings, const std::string& topic) {
  const auto deadline = steady_clock::now() + broker_timeout;
  const auto brokers = kafka_io::admin::open(settings);
  if (!brokers) return brokers.error().text;
  if (const auto error = brokers->wait_for_broker(broker_timeout)) {
    return error->text;
  }
  while (true) {
    const auto facts = brokers->read_topics({topic}, broker_timeout);
    if (facts && facts->front().partitions > 0) return {};
    if (facts && settings.topics.create) {
      const auto error =
          brokers->create_topics({{topic, std::max(settings.topics.create_partitions, 1),
                                   settings.topics.create_replication}},
                                 broker_timeout);
      if (error) return error->text;
    }
    if (steady_clock::now() > deadline) {
      return facts ? "there is no topic " + topic + " (create it, or --set topics.create=true)"
                   : facts.error().text;
    }
    std::this_thread::sleep_for(topic_pause);
  }
}

std::uint64_t seed_of(const generate_args& args) {
  return args.seed ? *args.seed : std::random_device{}();
}

void send_all(generate::event_sender& sender, std::uint64_t count) {
  std::atomic<bool> stopped{false};
  const stop_signals signals{[&stopped](const std::string&) { stopped = true; }};
  progress_line progress{stderr};
  const auto begin = steady_clock::now();
  sender.run(count, {.stopped = [&] { return stopped.load(); },
                     .delivered =
                         [&](std::uint64_t delivered) {
                           if (!progress.due()) return;
                           const std::chrono::duration<double> passed = steady_clock::now() - begin;
                           progress.draw(progress_text("sent", delivered, count, passed.count(),
                                                       terminal_width(stderr)));
                         }});
}

/// What makes the events, or with which exit code it ends.
std::variant<std::function<generate::generated_event()>, int> event_source(
    const generate_args& args, const core::settings& settings) {
  auto rules = settings.event;
  if (!args.preset.empty() && args.preset != "login") {
    auto loaded = load_preset_rules(args.preset);
    if (const auto* fault = std::get_if<std::string>(&loaded)) {
      complain("--preset: " + *fault);
      return exit_usage;
    }
    rules = std::get<core::event_rules>(std::move(loaded));
  }
  if (rules.preset == "none" && args.preset != "login") {
    if (!args.mix.empty() || args.event_bytes > 0) {
      complain("--mix and --event-bytes are for login events, not for rules of your own");
      return exit_usage;
    }
    return generate::makes(generate::rules_factory{std::move(rules), seed_of(args)});
  }
  if (!treat_as_login(rules))
    complain(
        "outcomes are counted by the built-in rules of the login event; with the rules that are "
        "given they may be others, which `turnstile explain` shows");
  const auto mix = generate::parse_mix(args.mix);
  const auto value_bytes_max = static_cast<std::size_t>(settings.input.value_bytes_max);
  std::string fault;
  if (!mix.fault.empty()) fault = "--mix: " + mix.fault;
  if (args.event_bytes > value_bytes_max)
    fault =
        "--event-bytes: more than input.value_bytes_max (" + std::to_string(value_bytes_max) + ")";
  if (!fault.empty()) {
    complain(fault);
    return exit_usage;
  }
  return generate::makes(
      generate::event_factory{mix.mix, seed_of(args), value_bytes_max, args.event_bytes});
}

int run_generate(const generate_args& args, const command_input& input) {
  const auto& settings = input.config.values;
  auto events = event_source(args, settings);
  if (const auto* code = std::get_if<int>(&events)) return *code;
  block_stop_signals();
  const std::string& topic = args.topic.empty() ? settings.topics.input : args.topic;
  if (const auto error = await_topic(settings, topic)) return unavailable(*error);
  auto writer = kafka_io::topic_writer::open(settings, topic);
  if (!writer) return unavailable(writer.error().text);
  generate::event_sender sender{std::move(*writer), std::get<0>(std::move(events)), args.rate};
  send_all(sender, args.count);
  std::printf("%s\n", generate::counts_json(sender.delivered()).c_str());
  std::fflush(stdout);
  if (const auto failure = sender.failure()) return unavailable(*failure);
  return exit_ok;
}

void add_options(CLI::App& to, generate_args& args) {
  to.add_option("--count", args.count, "How many events")
      ->type_name("N")
      ->check(whole_number_from_1)
      ->capture_default_str();
  to.add_option("--rate", args.rate, "Events per second; 0 is as fast as possible")
      ->type_name("R")
      ->check(not_negative)
      ->capture_default_str();
  to.add_option("--seed", args.seed, "Sends the same events each time")
      ->type_name("S")
      ->check(whole_number);
  to.add_option("--preset", args.preset, "Events of a product, by the name of its rules")
      ->type_name("NAME");
  to.add_option("--mix", args.mix, "Shares of the kinds of events")->type_name("KIND=SHARE,...");
  to.add_option("--event-bytes", args.event_bytes, "Pads events to about so many bytes")
      ->type_name("N")
      ->check(within(0, 1'000'000))
      ->capture_default_str();
  to.add_option("--topic", args.topic, "Topic to send to instead of topics.input")
      ->type_name("TOPIC");
}

}  // namespace

command_of<generate_args> generate_command() {
  return {.words = {.name = "generate",
                    .about = "Send invented events to try the worker with",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options = add_options,
          .run = run_generate};
}

}  // namespace turnstile::app
