#include "app/demo/demo_command.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "app/commands/argument_checks.hpp"
#include "app/demo/demo_report.hpp"
#include "app/http/listening.hpp"
#include "app/logging/logging.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/worker/worker_host.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "generate/event_sender.hpp"
#include "kafka_io/ask/topics.hpp"
#include "kafka_io/tools/embedded_broker.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int partitions = 8;
constexpr int usual_http_port = 9464;
// With more the embedded broker, which keeps 5 MiB of a partition, forgets before the demo ends.
constexpr std::uint64_t count_max = 100'000;
// Chosen: among the first 20,000 events is every kind.
constexpr std::uint64_t seed = 1;
// Sending takes a little longer than joining the group, so that one sees events pass.
constexpr double sending_s = 4.5;
constexpr std::chrono::seconds patience{30};
constexpr milliseconds read_timeout{50};
constexpr milliseconds quiet{300};
constexpr milliseconds broker_timeout{5000};

constexpr const char* help_end =
    "The embedded broker forgets and is for trying things only.\n"
    "\n"
    "Examples:\n"
    "  turnstile demo\n"
    "  turnstile demo --keep     and look around with `turnstile watch` or kcat";

int failed(const std::string& text) {
  complain(text);
  return exit_internal;
}

/// Events sent on a thread of their own, until all are or a stop.
class background_sender {
public:
  background_sender(generate::event_sender sender, std::uint64_t count)
    : sender_(std::move(sender)), thread_([this, count] {
        sender_.run(count, {.stopped = [this] { return stopped_.load(); },
                            .delivered = [this](std::uint64_t n) { delivered_ = n; }});
        done_ = true;
      }) {}
  ~background_sender() { stop(); }
  background_sender(const background_sender&) = delete;
  background_sender& operator=(const background_sender&) = delete;

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }

  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }

  /// REQUIRES: stopped.
  [[nodiscard]] const generate::event_sender& sender() const { return sender_; }

private:
  generate::event_sender sender_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> done_{false};
  std::atomic<std::uint64_t> delivered_{0};
  std::thread thread_;
};

/// Says how far it is: on a terminal in one line, else a line each second.
class demo_progress {
public:
  explicit demo_progress(std::uint64_t total) : total_(total), plain_(!is_terminal(stdout)) {}

  void show(std::uint64_t sent, std::uint64_t ended) {
    const std::chrono::duration<double> passed = steady_clock::now() - begin_;
    if (line_.due()) {
      line_.draw(progress_text("passed", ended, total_, passed.count(), terminal_width(stdout)));
    }
    if (!plain_ || steady_clock::now() < next_line_) return;
    next_line_ = steady_clock::now() + std::chrono::seconds{1};
    std::printf("%4.1f s  sent %s  passed %s of %s\n", passed.count(), grouped(sent).c_str(),
                grouped(ended).c_str(), grouped(total_).c_str());
    std::fflush(stdout);
  }

private:
  std::uint64_t total_;
  bool plain_;
  progress_line line_{stdout};
  steady_clock::time_point begin_ = steady_clock::now();
  steady_clock::time_point next_line_ = begin_;
};

/// Reads until every event ended, nothing moved for as long as `patience`, or a stop.
void watch_events(kafka_io::topic_reader& reader, origin_tally& tally,
                  const background_sender& sending, std::uint64_t total, stop_flag& stop) {
  demo_progress progress{total};
  auto moved = steady_clock::now();
  while (!stop.is_set() && steady_clock::now() - moved < patience) {
    if (reader.read(read_timeout, [&](const auto& record) { tally.add(record); }) > 0) {
      moved = steady_clock::now();
    }
    progress.show(sending.delivered(), tally.ended());
    if (sending.done() && tally.inputs() >= sending.delivered() &&
        tally.ended() == tally.inputs()) {
      return;
    }
  }
}

/// What came meanwhile: repetitions, the last summary.
void read_rest(kafka_io::topic_reader& reader, origin_tally& tally) {
  while (reader.read(quiet, [&](const auto& record) { tally.add(record); }) > 0) {
  }
}

/// As a shell finds it: by PATH where it was called so, or else from any folder.
std::string callable_program() {
  const std::string called = ::program_invocation_name;
  if (called.find('/') == std::string::npos) return core::printable(called);
  std::error_code unknown;
  auto path = std::filesystem::absolute(called, unknown).lexically_normal().string();
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-";
  if (path.find_first_not_of(plain) == std::string::npos) return path;
  std::string quoted;
  for (const char c : path) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return core::printable("'" + quoted + "'");
}

void print_keep_hints(const core::settings& settings, const std::string& brokers) {
  const auto& topics = settings.topics;
  const std::string program = callable_program();
  std::printf("\nBroker and worker go on until Ctrl-C. The broker listens on %s\n",
              brokers.c_str());
  std::printf("  %s watch %s %s --brokers %s --from -2\n", program.c_str(),
              topics.processed.c_str(), topics.errors.c_str(), brokers.c_str());
  std::printf("  %s generate --brokers %s --count 1000 --rate 100 --mix mixed\n", program.c_str(),
              brokers.c_str());
  std::printf("and where kcat is installed:\n");
  std::printf("  kcat -b %s -C -t %s -o beginning -e -f '%%p/%%o %%h %%s\\n'\n", brokers.c_str(),
              topics.processed.c_str());
  std::printf("The worker's status page is http://%s/, Prometheus reads http://%s/metrics\n",
              settings.http.listen.c_str(), settings.http.listen.c_str());
  std::fflush(stdout);
}

/// The user's settings with what the embedded broker needs, and without log lines in between. Who
/// keeps it wants to look around.
core::settings demo_settings(core::settings settings, const kafka_io::embedded_broker& broker,
                             bool keep) {
  if (keep && settings.http.listen.empty()) settings.http.listen = free_address(usual_http_port);
  kafka_io::tune_for_embedded(settings, broker);
  if (settings.log.level == core::severity::info) settings.log.level = core::severity::error;
  return settings;
}

std::optional<kafka_io::io_error> create_topics(kafka_io::embedded_broker& broker,
                                                const core::settings& settings) {
  for (const auto& topic : kafka_io::topic_list(settings)) {
    const int count = topic == settings.topics.summary ? 1 : partitions;
    if (auto error = broker.create_topic(topic, count)) return error;
  }
  return {};
}

kafka_io::result<generate::event_sender> make_sender(const core::settings& settings,
                                                     std::uint64_t count) {
  auto patient = settings;
  // The embedded broker hands out one batch of a partition at a time: larger ones are faster.
  patient.producer.linger_ms = 50;
  auto writer = kafka_io::topic_writer::open(patient, settings.topics.input);
  if (!writer) return writer.error();
  return generate::event_sender{std::move(*writer),
                                generate::makes(generate::event_factory{
                                    generate::parse_mix("mixed").mix, seed,
                                    static_cast<std::size_t>(settings.input.value_bytes_max)}),
                                static_cast<double>(count) / sending_s};
}

int run_demo(const demo_args& args, const core::settings& settings,
             const kafka_io::embedded_broker& broker) {
  const painter paint{stdout};
  const auto begin = steady_clock::now();
  auto reader = kafka_io::topic_reader::open(settings, kafka_io::topic_list(settings),
                                             kafka_io::read_from::beginning, broker_timeout);
  if (!reader) return failed(reader.error().text);
  auto sender = make_sender(settings, args.count);
  if (!sender) return failed(sender.error().text);

  stop_flag stop;
  const stop_signals signals{[&stop](const std::string&) { stop.set(); }};
  std::printf("%s embedded broker on %s, %s events, one worker\n",
              paint(colour::bold, "turnstile demo").c_str(), broker.bootstrap().c_str(),
              grouped(args.count).c_str());
  std::printf("The worker joins its group first: 3 s on this broker.\n");
  std::fflush(stdout);
  worker_host worker{settings};
  worker.start();
  background_sender sending{std::move(*sender), args.count};
  origin_tally tally{settings};
  watch_events(*reader, tally, sending, args.count, stop);
  sending.stop();

  int worker_exit = exit_ok;
  if (!args.keep) {
    worker.request_stop("the demo is over");
    worker_exit = worker.wait();
  }
  read_rest(*reader, tally);
  // By now the worker has seen its acknowledgements too.
  const std::string figures = args.details ? worker.figures_table() : "";
  const auto sent = sending.sender().delivered();
  const std::chrono::duration<double> passed = steady_clock::now() - begin;
  const demo_outcome outcome{settings, sent, tally, figures, passed.count()};
  print_demo_report(outcome, paint);
  const bool holds = print_demo_verdict(outcome, paint);
  if (args.keep && !stop.is_set()) {
    print_keep_hints(settings, broker.bootstrap());
    stop.wait();
  }
  if (args.keep) {
    worker.request_stop("the demo is over");
    worker_exit = worker.wait();
  }
  if (worker_exit != exit_ok) return worker_exit;
  return holds ? exit_ok : exit_failed;
}

int start_demo(const demo_args& args, const command_input& input) {
  if (args.count == 0 || args.count > count_max) {
    std::fprintf(stderr, "turnstile: --count: the embedded broker holds 1 to %s events\n",
                 grouped(count_max).c_str());
    return exit_usage;
  }
  block_stop_signals();
  auto broker = kafka_io::embedded_broker::start();
  if (!broker) return failed(broker.error().text);
  const auto tuned = demo_settings(input.config.values, *broker, args.keep);
  const logging installed{tuned};
  if (const auto error = create_topics(*broker, tuned)) return failed(error->text);
  return run_demo(args, tuned, *broker);
}

void add_options(CLI::App& to, demo_args& args) {
  to.add_option("--count", args.count, "How many events")
      ->type_name("N")
      ->check(whole_number_from_1)
      ->capture_default_str();
  to.add_flag("--keep", args.keep, "Leave broker and worker running until interrupted");
  to.add_flag("--details", args.details, "Also show the actors' figures");
}

}  // namespace

command_of<demo_args> demo_command() {
  return {.words = {.name = "demo",
                    .about = "Show it all without a Kafka: an embedded broker, events, "
                             "the worker",
                    .group = "Tools",
                    .configuration = config_use::overrides,
                    .footer = help_end},
          .add_options = add_options,
          .run = start_demo};
}

}  // namespace turnstile::app
