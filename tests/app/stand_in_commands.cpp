#include "stand_in_commands.hpp"

#include <stdexcept>

namespace turnstile::app {

namespace {

noted_call& note(const char* command, const core::settings& settings) {
  last_call() = noted_call{};
  last_call().command = command;
  last_call().settings = settings;
  return last_call();
}

}  // namespace

noted_call& last_call() {
  static noted_call call;
  return call;
}

kafka_io::broker_report& broker_report() {
  static kafka_io::broker_report report;
  return report;
}

int run_command(const run_args& /*args*/, const core::settings& settings) {
  note("run", settings);
  if (settings.kafka.group == "throws") throw std::runtime_error("as asked");
  return 0;
}

int generate_command(const generate_args& args, const core::settings& settings) {
  note("generate", settings).generate = args;
  return 0;
}

int watch_command(const watch_args& args, const core::settings& settings) {
  note("watch", settings).watch = args;
  return 0;
}

int demo_command(const demo_args& args, const core::settings& settings) {
  note("demo", settings).demo = args;
  return 3;
}

int audit_command(const audit::audit_args& args, const core::settings& settings) {
  note("audit", settings).audit = args;
  return 0;
}

kafka_io::broker_report check_brokers(const core::settings& /*settings*/) {
  return broker_report();
}

}  // namespace turnstile::app
