#include "app/commands/run_command.hpp"

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string_view>

#include <sys/prctl.h>

#include "app/logging/logging.hpp"
#include "app/reload/program.hpp"
#include "app/reload/reloader.hpp"
#include "app/reload/watched_files.hpp"
#include "app/service/service_manager.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "app/worker/worker_host.hpp"
#include "config/options.hpp"
#include "config/options_reference.hpp"
#include "core/exit_codes.hpp"
#include "core/log.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "Options come from, later over earlier: defaults, file, environment, command line.\n"
    "producer.linger_ms, say, is\n"
    "  [producer]\n"
    "  linger_ms = 20                         in the file,\n"
    "  TURNSTILE_PRODUCER_LINGER_MS=20        in the environment,\n"
    "  --set producer.linger_ms=20            on the command line.\n"
    "\n"
    "Examples:\n"
    "  turnstile run --brokers kafka1:9092,kafka2:9092 --group logins\n"
    "  turnstile run -c turnstile.toml --set log.format=json --set log.level=debug\n"
    "  turnstile run -c turnstile.toml --set filter.keep.app_version=2.3.0,2.3.1\n"
    "  turnstile run -c turnstile.toml --set kafka.security.protocol=ssl\n"
    "\n"
    "Exit codes: 0 stopped cleanly, 64 bad usage, 70 an actor died or the stop took too "
    "long,\n"
    "76 fenced by another worker with its workers.id or group.instance.id, 78 bad "
    "configuration,\n"
    "130 and 143 ended by a second SIGINT or SIGTERM.";

constexpr const char* reload_cause = "reload";

/// What a check of the configuration may take: it asks no broker.
constexpr std::chrono::seconds check_time_max{10};

/// None where nobody is to be told.
using manager = std::unique_ptr<service_manager>;

manager manager_of(const worker_host& host) {
  auto to = notify_socket::of_environment();
  return to ? std::make_unique<service_manager>(std::move(*to), host.figures()) : nullptr;
}

void tell(const manager& who, service_step step) {
  if (who) who->note(step);
}

reloader_args reloading(const command_input& input, const program& self, worker_host& host,
                        const manager& who) {
  const auto& figures = host.figures()->worker;
  figures->reloads_done.set(self.counts().done);
  figures->reloads_refused.set(self.counts().refused);
  return {.faults =
              [&self, listens_at = input.config.values.http.listen] {
                return self.faults(listens_at, check_time_max);
              },
          .drain = [&host] { host.request_stop(reload_cause); },
          .told =
              [&who](reload_phase phase) {
                if (phase == reload_phase::checking) tell(who, service_step::reloading);
                if (phase == reload_phase::idle) tell(who, service_step::refused);
              },
          .files = watched_files(input.config.values, input.config_files),
          .states_of = states_of,
          .watch = std::chrono::seconds{input.config.values.reload.watch_s},
          .figures = figures};
}

/// Where `restart` is told, the program is to be executed anew.
struct worker_end {
  int exit_code = exit_ok;
  std::optional<reload_counts> restart;
};

/// A worker that was not done in time leaves no more behind than one that was killed, and the new
/// one goes on from there. A fenced one must not come back.
worker_end end_of(int exit_code, const reloader& reloads, const core::worker_figures& figures) {
  if (!reloads.restarts() || (exit_code != exit_ok && exit_code != exit_internal))
    return {exit_code, {}};
  return {exit_code, reload_counts{figures.reloads_done.get() + 1, figures.reloads_refused.get()}};
}

int follow(const worker_end& end, const program& self) {
  if (!end.restart || stop_signal_waits()) return end.exit_code;
  complain("cannot restart in place: " + self.execute(*end.restart));
  return exit_internal;
}

worker_end serve(const command_input& input, const program& self) {
  const logging installed(input.config.values);
  for (const auto& warning : input.config.warnings)
    core::log_warning("configuration", {{"detail", warning}});
  std::string config_files;
  for (const auto& file : input.config_files) core::append_item(config_files, file);
  worker_host host{input.config.values, config_files};
  const auto& figures = *host.figures()->worker;
  const manager who = manager_of(host);
  reloader reloads{reloading(input, self, host, who)};
  host.start([&](int exit_code) { follow(end_of(exit_code, reloads, figures), self); });
  const auto stop = [&](const std::string& name) {
    reloads.stop();
    tell(who, service_step::stopping);
    host.request_stop(name);
  };
  const auto wait = [&] {
    const stop_signals signals{stop, [&] { reloads.ask("SIGHUP"); }};
    return host.wait();
  };
  const int exit_code = wait();
  return end_of(exit_code, reloads, figures);
}

int run_worker(const run_args& /*args*/, const command_input& input) {
  // Before the log's threads exist: they must not be the ones that a signal ends.
  block_stop_signals();
  block_reload_signal();
  // A closed pipe behind standard error must not end the worker.
  std::signal(SIGPIPE, SIG_IGN);
  // Key, passwords and events are in memory: no core file, and no other process of the user reads
  // it. The superuser still can.
  prctl(PR_SET_DUMPABLE, 0);
  const auto self = program::of_this_process();
  return follow(serve(input, self), self);
}

std::string_view first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace

std::string option_list() {
  std::string out = "Options with their defaults (more about each: CONFIGURATION.md):\n";
  for (const auto& section : core::option_sections()) {
    out.append("\n").append(section.name).append(": ").append(section.about).append("\n");
    for (const auto& option : core::option_table()) {
      if (core::section_of(option.name) != section.name) continue;
      out.append("  ").append(option.name).append(" = ").append(core::to_toml(option.standard));
      if (const auto bounds = core::bounds_of(option); !bounds.empty())
        out.append("  (").append(bounds).append(")");
      out.append("\n").append(core::wrapped(first_sentence(option.help), "      ", 92));
    }
  }
  out +=
      "\nfields.PATH, filter.keep.PATH, filter.drop.PATH, headers.NAME, key: the rules for events\n"
      "(docs/event-rules.md), such as fields.ip=mask-ip.\n"
      "\nkafka.NAME, kafka.consumer.NAME, kafka.producer.NAME: properties of librdkafka, such as\n"
      "kafka.security.protocol or kafka.consumer.session.timeout.ms.\n";
  return out;
}

command_of<run_args> run_command() {
  return {.words = {.name = "run",
                    .about = "Run the worker until SIGTERM or SIGINT",
                    .group = "Worker",
                    .configuration = config_use::worker,
                    .footer = std::string{help_end} + "\n\n" + option_list()},
          .add_options = [](CLI::App& /*to*/, run_args& /*args*/) {},
          .run = run_worker};
}

}  // namespace turnstile::app
