#include "app/trial/test_command.hpp"

#include <cstdio>

#include <CLI/CLI.hpp>

#include "app/terminal/terminal.hpp"
#include "app/trial/golden.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"

namespace turnstile::app {

namespace {

constexpr const char* help_end =
    "A case is NAME.in.json, or NAME.in.bin for bytes as they are, and one of\n"
    "  NAME.out.json   what the event becomes; blanks between tokens do not count\n"
    "  NAME.error      the reason; what it says may stand in a second line\n"
    "  NAME.filtered   the condition that took it, as filtered_PATH\n"
    "NAME.in.record.json gives the record a key, headers and a time in milliseconds:\n"
    "{\"key\": \"a\", \"headers\": {\"trace\": \"b\"}, \"timestamp\": 1700000000000}; then\n"
    "NAME.out.record.json says what key and headers become.\n"
    "\n"
    "Examples:\n"
    "  turnstile test -c rules.toml tests/ --update   keeps what the rules make of each input\n"
    "  turnstile test -c rules.toml tests/            whether they still do\n"
    "\n"
    "Exit codes: 0 all as expected, 1 a difference, 64 bad usage, 78 bad configuration.";

int run_test(const test_args& args, const command_input& input) {
  auto made = trial::make(input.config.values);
  if (const auto* fault = std::get_if<std::string>(&made)) {
    complain(*fault);
    return exit_configuration;
  }
  const auto& rules = std::get<trial>(made);
  const auto found = find_cases(args.folder);
  if (!found.fault.empty()) {
    complain(found.fault);
    return exit_usage;
  }
  std::size_t failed = 0;
  for (const auto& one : found.cases) {
    const auto wrong =
        args.update ? update(args.folder, one, rules) : difference(args.folder, one, rules);
    if (wrong.empty()) continue;
    ++failed;
    std::printf("%s\n%s%s", core::printable(one.name).c_str(), wrong.c_str(),
                wrong.ends_with('\n') ? "" : "\n");
  }
  const std::size_t passed = found.cases.size() - failed;
  for (const auto& file : found.without_input) {
    ++failed;
    std::printf("%s\n    has no input: there is no NAME.in.json or NAME.in.bin of its name\n",
                core::printable(file).c_str());
  }
  std::printf("%zu %s, %zu failed\n", passed, args.update ? "written" : "passed", failed);
  return failed == 0 ? exit_ok : exit_failed;
}

void add_options(CLI::App& to, test_args& args) {
  to.add_option("folder", args.folder, "Folder with the cases")->type_name("DIR")->required();
  to.add_flag("--update", args.update, "Write what came out in the place of what was expected");
}

}  // namespace

command_of<test_args> test_command() {
  return {.words = {.name = "test",
                    .about = "Compare what the rules make of events with what is expected",
                    .group = "Tools",
                    .configuration = config_use::sources,
                    .footer = help_end},
          .add_options = add_options,
          .run = run_test};
}

}  // namespace turnstile::app
