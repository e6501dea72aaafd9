#include "app/commands/run_command.hpp"

#include <csignal>
#include <string_view>

#include <sys/prctl.h>

#include "app/logging/logging.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/worker/worker_host.hpp"
#include "config/options.hpp"
#include "config/options_reference.hpp"
#include "core/log.hpp"

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

int run_worker(const run_args& /*args*/, const command_input& input) {
  // Before the log's threads exist: they must not be the ones that a signal ends.
  block_stop_signals();
  // A closed pipe behind standard error must not end the worker.
  std::signal(SIGPIPE, SIG_IGN);
  const logging installed(input.config.values);
  for (const auto& warning : input.config.warnings)
    core::log_warning("configuration", {{"detail", warning}});
  // Key, passwords and events are in memory: no core file, and no other process of the user reads
  // it. The superuser still can.
  prctl(PR_SET_DUMPABLE, 0);
  worker_host host{input.config.values, input.config_file};
  host.start();
  const stop_signals signals{[&host](const std::string& name) { host.request_stop(name); }};
  return host.wait();
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
