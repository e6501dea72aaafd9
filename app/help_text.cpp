#include "app/help_text.hpp"

#include <string_view>

#include "config/options.hpp"
#include "config/options_reference.hpp"

namespace turnstile::app {

namespace {

std::string_view first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace

std::string program_about() {
  return "Turnstile reads login events from Kafka, checks and pseudonymises them and\n"
         "writes them on; no event is lost, and each ends in exactly one output topic.\n";
}

std::string program_footer() {
  return "Examples:\n"
         "  turnstile demo                                      see it work, without a Kafka\n"
         "  turnstile run --brokers kafka1:9092,kafka2:9092     run a worker\n"
         "  turnstile run -c /etc/turnstile/turnstile.toml      the same with a file\n"
         "  turnstile check -c turnstile.toml --connect         what is in force; would it run?\n"
         "  turnstile watch processed-output --from beginning   look at the output\n"
         "  turnstile audit --group logins                      prove that nothing was lost\n"
         "\n"
         "Exit codes: 0 done, 1 a check does not hold, 64 bad usage, 69 no broker reached,\n"
         "70 internal error, 74 output not written, 76 fenced by another worker,\n"
         "78 bad configuration.\n"
         "Each command has a help of its own: turnstile help run";
}

std::string run_footer() {
  return "Options come from, later over earlier: defaults, file, environment, command line.\n"
         "producer.linger_ms, say, is\n"
         "  [producer]\n"
         "  linger_ms = 20                         in the file,\n"
         "  TURNSTILE_PRODUCER_LINGER_MS=20        in the environment,\n"
         "  --set producer.linger_ms=20            on the command line.\n"
         "\n"
         "Examples:\n"
         "  turnstile run --brokers kafka1:9092,kafka2:9092 --group logins\n"
         "  turnstile run -c turnstile.toml --set log.format=json --set log.level=debug\n"
         "  TURNSTILE_FILTER_APP_VERSIONS=2.3.0,2.3.1 turnstile run -c turnstile.toml\n"
         "  turnstile run -c turnstile.toml --set kafka.security.protocol=ssl\n"
         "\n"
         "Exit codes: 0 stopped cleanly, 64 bad usage, 70 an actor died or the stop took too "
         "long,\n"
         "76 fenced by another worker with its workers.id or group.instance.id, 78 bad "
         "configuration,\n"
         "130 and 143 ended by a second SIGINT or SIGTERM.";
}

std::string check_footer() {
  return "Examples:\n"
         "  turnstile check -c turnstile.toml            faults, or what differs from the "
         "defaults\n"
         "  turnstile check -c turnstile.toml --connect  and whether brokers and topics fit\n"
         "  turnstile check --print-example > turnstile.toml\n"
         "\n"
         "Exit codes: 0 valid, 69 brokers do not answer or topics do not fit, 78 bad "
         "configuration.\n"
         "Values that may be secret are hidden.";
}

std::string generate_footer() {
  return "Prints one JSON line at the end: what was sent, by expected outcome and reason.\n"
         "\n"
         "--mix takes a preset: seed (as the real stream: 5 % lack device_type), mixed (every kind "
         "of\n"
         "good and bad event), good, bad; or relative shares such as processed=94,filtered=1,\n"
         "missing_fields=5. Kinds are processed, filtered, and the reasons that an event can "
         "give.\n"
         "\n"
         "Examples:\n"
         "  turnstile generate --brokers localhost:9092 --count 100000\n"
         "  turnstile generate --brokers localhost:9092 --rate 500 --seed 7";
}

std::string watch_footer() {
  return "Needs no consumer group and changes nothing.\n"
         "\n"
         "Examples:\n"
         "  turnstile watch processed-output processed-errors --brokers localhost:9092\n"
         "  turnstile watch processed-errors --from 10m --until-end | jq -r .reason | sort | uniq "
         "-c\n"
         "  turnstile watch summary-output --from -1 --until-end | jq .";
}

std::string demo_footer() {
  return "The embedded broker forgets and is for trying things only.\n"
         "\n"
         "Examples:\n"
         "  turnstile demo\n"
         "  turnstile demo --keep     and look around with `turnstile watch` or kcat";
}

std::string audit_footer() {
  return "Reads the input's offsets and what the output topics say of their origins; changes\n"
         "nothing. An input with one output ended exactly once; one with none is missing, or is\n"
         "unknown where retention or compaction took what would tell. docs/audit.md has it all.\n"
         "\n"
         "Examples:\n"
         "  turnstile audit --brokers localhost:9092 --group logins\n"
         "  turnstile audit -c turnstile.toml --since 2024-10-25T00:00:00Z --json\n"
         "  turnstile audit -c turnstile.toml --offsets 0:1000-1999,3:0-499\n"
         "  turnstile audit -c turnstile.toml --follow --interval 30 --state audit.state\n"
         "\n"
         "Exit codes: 0 each input ended exactly once, 1 not or not known, 69 no broker reached.";
}

std::string version_footer() {
  return "Examples:\n"
         "  turnstile version\n"
         "  turnstile version --json | jq -r .librdkafka";
}

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
      "\nkafka.NAME, kafka.consumer.NAME, kafka.producer.NAME: properties of librdkafka, such as\n"
      "kafka.security.protocol or kafka.consumer.session.timeout.ms.\n";
  return out;
}

}  // namespace turnstile::app
