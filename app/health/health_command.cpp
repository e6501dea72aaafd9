#include "app/health/health_command.hpp"

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "app/health/endpoint_question.hpp"
#include "app/terminal/terminal.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "Asks /livez, or with --ready /readyz, at http.listen, by TLS where it speaks that, and shows\n"
    "each check. A health check of a container needs no other program.\n"
    "\n"
    "Examples:\n"
    "  turnstile health -c turnstile.toml\n"
    "  turnstile health --ready --set http.listen=127.0.0.1:9464\n"
    "\n"
    "Exit codes: 0 all checks hold, 1 one does not, 69 nobody answers, 78 http.listen is not set.";

void print_lines(std::string_view text) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::printf("%s\n", core::printable(line).c_str());
  }
}

int run_health(const health_args& args, const command_input& input) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string& listens_at = input.config.values.http.listen;
  if (listens_at.empty()) {
    complain("http.listen: not set, so there is nobody to ask");
    return exit_configuration;
  }
  const std::string path = args.ready ? "/readyz" : "/livez";
  const auto answer = ask_endpoint(listens_at, path + "?verbose");
  if (!answer.fault.empty()) {
    complain("http.listen: " + answer.fault);
    return exit_unavailable;
  }
  if (answer.status == 200 || answer.status == 503) {
    print_lines(answer.body);
  } else {
    complain(path + " is answered with " + std::to_string(answer.status));
  }
  return answer.status == 200 ? exit_ok : exit_failed;
}

}  // namespace

command_of<health_args> health_command() {
  return {.words = {.name = "health",
                    .about = "Ask the worker on this machine whether it lives, or is ready",
                    .group = "Worker",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options =
              [](CLI::App& to, health_args& args) {
                to.add_flag("--ready", args.ready,
                            "Whether it has joined its group and can write, not only whether it "
                            "lives");
              },
          .run = run_health};
}

}  // namespace turnstile::app
