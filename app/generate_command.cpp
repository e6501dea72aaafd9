#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "app/commands.hpp"
#include "app/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "generate/event_sender.hpp"
#include "kafka_io/ask/admin.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds broker_timeout{10'000};
constexpr milliseconds topic_pause{250};

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

}  // namespace

int generate_command(const generate_args& args, const core::settings& settings) {
  const auto mix = generate::parse_mix(args.mix);
  if (!mix.fault.empty()) {
    std::fprintf(stderr, "turnstile: --mix: %s\n", mix.fault.c_str());
    return exit_usage;
  }
  const auto value_bytes_max = static_cast<std::size_t>(settings.input.value_bytes_max);
  if (args.event_bytes > value_bytes_max) {
    std::fprintf(stderr, "turnstile: --event-bytes: more than input.value_bytes_max (%zu)\n",
                 value_bytes_max);
    return exit_usage;
  }
  block_stop_signals();
  const std::string& topic = args.topic.empty() ? settings.topics.input : args.topic;
  if (const auto error = await_topic(settings, topic)) return unavailable(*error);
  auto writer = kafka_io::topic_writer::open(settings, topic);
  if (!writer) return unavailable(writer.error().text);
  generate::event_sender sender{
      std::move(*writer),
      generate::event_factory{mix.mix, seed_of(args), value_bytes_max, args.event_bytes},
      args.rate};
  send_all(sender, args.count);
  std::printf("%s\n", generate::counts_json(sender.delivered()).c_str());
  std::fflush(stdout);
  if (const auto failure = sender.failure()) return unavailable(*failure);
  return exit_ok;
}

}  // namespace turnstile::app
