#include "app/help_text.hpp"

namespace turnstile::app {

std::string program_about() {
  return "Turnstile reads events from Kafka, checks them, replaces personal data by pseudonyms,\n"
         "and writes them on; no event is lost, and each ends in exactly one output topic.\n";
}

std::string program_footer() {
  return "Examples:\n"
         "  turnstile demo                                      see it work, without a Kafka\n"
         "  turnstile run --brokers kafka1:9092,kafka2:9092     run a worker\n"
         "  turnstile run -c /etc/turnstile/turnstile.toml      the same with a file\n"
         "  turnstile check -c turnstile.toml --connect         what is in force; would it run?\n"
         "  turnstile watch processed-output --from beginning   look at the output\n"
         "  turnstile lag --group logins                        how far behind, and who owns what\n"
         "  turnstile audit --group logins                      prove that nothing was lost\n"
         "\n"
         "Exit codes: 0 done, 1 a check does not hold, 64 bad usage, 69 no broker reached,\n"
         "70 internal error, 74 output not written, 76 fenced by another worker,\n"
         "78 bad configuration.\n"
         "Each command has a help of its own: turnstile help run";
}

}  // namespace turnstile::app
