#include "app/commands/audit_command.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "app/commands/argument_checks.hpp"
#include "app/commands/audit_options.hpp"
#include "app/statement/statement_options.hpp"
#include "app/statement/whole_file.hpp"
#include "app/terminal/read_progress.hpp"
#include "app/terminal/standard_streams.hpp"
#include "app/terminal/stop_signals.hpp"
#include "app/terminal/terminal.hpp"
#include "audit/run/audit_session.hpp"
#include "audit/saved/saved_audit.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "core/timestamps.hpp"

namespace turnstile::app {

namespace {

using clock = std::chrono::steady_clock;

constexpr const char* help_end =
    "Reads the input's offsets and what the output topics say of their origins; changes\n"
    "nothing. An input with one output ended exactly once; one with none is missing, or is\n"
    "unknown where retention or compaction took what would tell. docs/audit.md has it all.\n"
    "\n"
    "Examples:\n"
    "  turnstile audit --brokers localhost:9092 --group logins\n"
    "  turnstile audit -c turnstile.toml --since 2024-10-25T00:00:00Z --json\n"
    "  turnstile audit -c turnstile.toml --offsets 0:1000-1999,3:0-499\n"
    "  turnstile audit -c turnstile.toml --follow --interval 30 --state audit.state\n"
    "  turnstile audit -c turnstile.toml --values --statement audit.json --sign-key sign.key\n"
    "  turnstile audit --verify audit.json --public-key sign.key.pub\n"
    "\n"
    "Exit codes: 0 each input ended exactly once, 1 not or not known, or a statement is not as it\n"
    "was signed, 69 no broker reached, 78 a key cannot be used.";

std::int64_t now_ms() {
  // Wall time, because a moving audit goes on with it after a restart.
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

int exit_code_of(const audit::audit_report& report) {
  return report.verdict() == audit::verdict::exactly_once ? exit_ok : exit_failed;
}

void print_sentence(const audit::audit_report& report) {
  const painter paint{stdout};
  const auto found = report.verdict();
  const bool fine = found == audit::verdict::exactly_once;
  const bool known = found != audit::verdict::not_known;
  const char* word = fine ? "OK" : known ? "FAILED" : "UNKNOWN";
  std::printf("%s %s (%.1f s)\n",
              paint(fine    ? colour::green
                    : known ? colour::red
                            : colour::yellow,
                    word)
                  .c_str(),
              audit::to_sentence(report).c_str(), report.seconds);
}

/// Zeros step back, and what must not be stands out.
std::string painted_cell(const painter& paint, std::string_view heading, std::string_view cell) {
  if (cell == "0" && heading != "partition") return paint(colour::dim, cell);
  const bool wrong = heading == "missing" || heading == "repeated" || heading == "order breaks";
  return paint(wrong && !cell.empty() ? colour::red : colour::none, cell);
}

void print_report(const audit::audit_report& report, bool json) {
  if (json) {
    std::printf("%s\n", audit::to_json(report).c_str());
  } else {
    // A file or a program gets every column.
    constexpr std::size_t everything = 1000;
    const std::size_t width = is_terminal(stdout) ? terminal_width(stdout) : everything;
    const painter paint{stdout};
    const auto cell = [&paint](std::string_view heading, std::string_view text) {
      return painted_cell(paint, heading, text);
    };
    std::printf("%s\n%s\n%s\n", audit::to_table(report, width, cell).c_str(),
                audit::to_pictures(report, width).c_str(), audit::to_notes(report).c_str());
    print_sentence(report);
  }
  std::fflush(stdout);
}

/// A line of a moving audit.
void print_round(const audit::audit_report& report, bool json) {
  if (json) return print_report(report, true);
  std::printf(
      "%s  inputs %s, missing %s, repeated %s, unknown %s, waiting %s  ",
      core::timestamp_text(now_ms() / 1000).c_str(), audit::grouped(report.counts.inputs()).c_str(),
      audit::grouped(report.counts.missing).c_str(), audit::grouped(report.counts.repeated).c_str(),
      audit::grouped(report.counts.unknown).c_str(), audit::grouped(report.counts.open).c_str());
  print_sentence(report);
  std::fflush(stdout);
}

struct saved_state {
  std::optional<std::string> text;  ///< Nothing where there is no such file yet.
  std::string fault;                ///< Why it cannot be read; empty: it can.
};

saved_state read_state(const std::string& file) {
  if (file.empty()) return {};
  constexpr std::string_view unreadable = "cannot be read; name another file to begin anew";
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) return {};
  // A pipe would be waited for without end.
  if (!std::filesystem::is_regular_file(status)) return {{}, std::string{unreadable}};
  const auto size = std::filesystem::file_size(file, error);
  if (!error && size > audit::saved_audit::bytes_max) {
    return {{}, "is larger than any state that is saved; name another file to begin anew"};
  }
  std::ifstream in{file, std::ios::binary};
  std::string text(error ? 0 : size, '\0');
  if (!in || !in.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    return {{}, std::string{unreadable}};
  }
  return {std::move(text), {}};
}

bool save_state(const audit::audit_session& session, const std::string& file) {
  const std::string text = session.save();
  const bool fits = text.size() <= audit::saved_audit::bytes_max;
  if (fits && write_whole_file(file, text)) return true;
  complain(fits ? "cannot write " + file
                : "the state is too large to be saved: begin a new audit, with --since");
  return false;
}

int run_once(audit::audit_session& session, const audit::audit_args& args,
             const core::settings& settings) {
  stop_flag stop;
  const stop_signals signals{[&stop](const std::string&) { stop.set(); }};
  read_progress progress;
  const auto begin = clock::now();
  const auto error = session.round(now_ms(), progress.watcher<audit::audit_session::watcher>(stop));
  progress.clear();
  if (error) {
    complain(error->text);
    return exit_unavailable;
  }
  auto report = session.report();
  report.seconds = std::chrono::duration<double>(clock::now() - begin).count();
  print_report(report, args.json);
  return write_statement(args, report, session.reading(), settings).value_or(exit_code_of(report));
}

/// A broker that is away for a while is complained about and asked again.
int run_moving(audit::audit_session& session, const audit::audit_args& args) {
  stop_flag stop;
  const stop_signals signals{[&stop](const std::string&) { stop.set(); }};
  int code = exit_unavailable;
  do {
    read_progress progress;
    const auto begin = clock::now();
    const auto error =
        session.round(now_ms(), progress.watcher<audit::audit_session::watcher>(stop));
    progress.clear();
    if (error) {
      complain(error->text);
      code = exit_unavailable;
      continue;
    }
    auto report = session.report();
    report.seconds = std::chrono::duration<double>(clock::now() - begin).count();
    // Half a round says nothing; what was read of it is kept all the same.
    if (!report.stopped_early) {
      code = exit_code_of(report);
      print_round(report, args.json);
    }
    if (!args.state_file.empty() && session.can_be_saved() &&
        !save_state(session, args.state_file)) {
      return exit_internal;
    }
  } while (output_is_written() && !stop.wait_for(std::chrono::seconds{args.interval_s}));
  return code;
}

int run_audit(audit::audit_args args, const command_input& input) {
  args.with_group = input.group_given;
  if (!args.verify_file.empty()) return print_verification(args);
  if (const auto refusal = statement_refusal(args)) return *refusal;
  block_stop_signals();
  auto session = audit::audit_session::open(args, input.config.values);
  if (!session) {
    complain(session.error().text);
    return exit_unavailable;
  }
  if (!args.follow) return run_once(**session, args, input.config.values);
  const auto saved = read_state(args.state_file);
  if (!saved.fault.empty()) {
    complain("--state " + args.state_file + ": " + saved.fault);
    return exit_usage;
  }
  if (saved.text) {
    if (const auto fault = (*session)->restore(*saved.text)) {
      complain("--state " + args.state_file + ": cannot go on with it: " + *fault);
      return exit_usage;
    }
  }
  return run_moving(**session, args);
}

void add_range(CLI::App& to, audit::audit_args& args) {
  to.add_option_function<std::string>(
        "--since", [&args](const std::string& text) { args.since_s = audit_time_of(text); },
        "Audit inputs from this time on (seconds, or ISO 8601)")
      ->type_name("TIME")
      ->check(audit_time_fault)
      ->group("Range");
  to.add_option_function<std::string>(
        "--offsets", [&args](const std::string& text) { args.offsets = audit_offsets_of(text); },
        "Audit these offsets only, both ends included")
      ->type_name("P:FROM-TO,...")
      ->check(audit_offsets_fault)
      ->excludes("--since")
      ->group("Range");
  to.add_option_function<std::string>(
        "--isolation",
        [&args](const std::string& text) { args.read_uncommitted = text == "read_uncommitted"; },
        "read_committed or read_uncommitted")
      ->type_name("LEVEL")
      ->check(one_of({"read_committed", "read_uncommitted"}))
      ->default_str("read_committed")
      ->group("Range");
}

void add_statement(CLI::App& to, audit::audit_args& args) {
  const auto file = [&to](const char* name, std::string& target, const char* about) {
    return to.add_option(name, target, about)->type_name("FILE")->group("Statement");
  };
  file("--statement", args.statement_file, "Write what was proved as one JSON")
      ->excludes("--follow");
  file("--sign-key", args.sign_key_file, "Sign it with this key (turnstile keygen sign)");
  file("--verify", args.verify_file, "Audit nothing: say whether a statement is as it was signed")
      ->excludes("--statement");
  file("--public-key", args.public_key_file, "By whom it must be signed")->needs("--verify");
}

void add_options(CLI::App& to, audit::audit_args& args) {
  add_range(to, args);
  to.add_flag("--json", args.json, "One JSON object instead of text");
  to.add_flag("--stopped", args.stopped,
              "All workers have stopped cleanly: all must be committed and covered; not with "
              "--follow");
  to.add_flag("--keys", args.keys,
              "Also say from which offset on which key wrote the outputs, and where keys are mixed "
              "or missing");
  to.add_flag("--values", args.values, "Also look for values that a rule treats; slower");
  to.add_flag("--follow", args.follow, "Go on, with a verdict each interval")
      ->excludes("--values")
      ->excludes("--stopped")
      ->excludes("--offsets");
  to.add_option("--interval", args.interval_s, "Seconds between verdicts")
      ->type_name("S")
      ->check(within(1, 86'400))
      ->needs("--follow")
      ->capture_default_str();
  to.add_option("--lag-max", args.lag_max_s,
                "Seconds that an input may wait before it counts as missing")
      ->type_name("S")
      ->check(within(1, 86'400))
      ->needs("--follow")
      ->capture_default_str();
  to.add_option("--state", args.state_file, "Where to go on after a restart, and save to")
      ->type_name("FILE")
      ->needs("--follow");
  add_statement(to, args);
}

}  // namespace

command_of<audit::audit_args> audit_command() {
  return {.words = {.name = "audit",
                    .about = "Prove from the topics what became of every input",
                    .group = "Tools",
                    .configuration = config_use::worker,
                    .group_help = "Also compare with what this group has committed; kafka.group "
                                  "alone does not",
                    .footer = help_end},
          .add_options = add_options,
          .run = run_audit};
}

}  // namespace turnstile::app
