// `turnstile explain` and `turnstile test`, on the worker's own transform.
#include "app/trial/explain_command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include "app/cli.hpp"
#include "app/commands.hpp"
#include "captured.hpp"
#include "core/exit_codes.hpp"

namespace turnstile::app {

namespace {

/// A folder of its own, gone at the end.
class temporary_folder {
public:
  temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "turnstile-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
    return path_ + "/" + name;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(path_ + "/" + name);
  }

private:
  std::string path_;
};

struct outcome {
  int code = 0;
  std::string output;
  std::string error;
};

outcome run(const std::vector<std::string>& arguments) {
  outcome out;
  out.error = captured(STDERR_FILENO, [&] {
    out.output =
        captured(STDOUT_FILENO, [&] { out.code = run_command_line(commands(), arguments, {}); });
  });
  return out;
}

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document out;
  out.Parse(text.c_str());
  CHECK_FALSE(out.HasParseError());
  return out;
}

const std::string event =
    R"({"user_id":"u","ip":"192.0.2.1","device_id":"d","app_version":"2.3.0",)"
    R"("device_type":"iOS","timestamp":1729894460,"locale":"de","more":{"a":1}})";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("explain tells outcome, record and fields of one event as JSON, and exits with 0") {
  const temporary_folder folder;
  const auto file = folder.write("event.json", event + "\n");
  const auto done = run({"explain", "--json", "--key", "k", "--header", "h=v=w", file});
  CHECK(done.code == exit_ok);
  const auto json = parsed(done.output);
  CHECK(json["outcome"] == "processed");
  CHECK(json["topic"] == "processed-output");
  CHECK(json["reason"].IsNull());
  CHECK(json["error_type"].IsNull());
  CHECK(json["key"] == "k");
  CHECK(json["headers"]["h"] == "v=w");
  CHECK(contains(json["value"].GetString(), "\"timestamp\":\"2024-10-25 22:14:20\""));
  REQUIRE(json["fields"].Size() == 8);
  CHECK(json["fields"][1]["path"] == "ip");
  CHECK(json["fields"][1]["rule"] == "ip");
  CHECK(json["fields"][1]["method"] == "pseudonym");
  CHECK(json["fields"][1]["changed"].GetBool());
  CHECK(json["fields"][7]["path"] == "more");
  CHECK(json["fields"][7]["rule"].IsNull());
  CHECK_FALSE(json["fields"][7]["changed"].GetBool());
}

TEST_CASE("explain tells the rules that the event has no member for") {
  const temporary_folder folder;
  const auto file = folder.write("event.json", R"({"customer":{"mail":"x"},"n":48})");
  std::vector<std::string> words{
      "explain", "--set", "event.preset=none", "--set", "fields.\"customer.email\"=drop", file};
  words.insert(words.end() - 1, {"--set", "fields.n={method=\"round\",to=10}"});
  const auto text = run(words);
  CHECK(contains(text.output, "\n  no such member: customer.email\n"));
  CHECK_FALSE(contains(text.output, "no such member: n"));
  CHECK(contains(text.output, "round: changed, 40\n"));
  words.emplace_back("--json");
  const auto json = parsed(run(words).output);
  REQUIRE(json["unmatched"].Size() == 1);
  CHECK(json["unmatched"][0] == "customer.email");
}

TEST_CASE("explain tells an error's reason and a filtered record's condition, and exits with 0") {
  const temporary_folder folder;
  const auto file = folder.write("event.json", event);
  const auto filtered = run({"explain", "--json", "--set", "filter.keep.app_version=1", file});
  CHECK(filtered.code == exit_ok);
  CHECK(parsed(filtered.output)["outcome"] == "filtered");
  CHECK(parsed(filtered.output)["topic"] == "cleaned-data");
  CHECK(parsed(filtered.output)["clean_type"] == "filtered_app_version");
  const auto broken = run({"explain", "--json", folder.write("broken.json", "{")});
  CHECK(broken.code == exit_ok);
  CHECK(parsed(broken.output)["outcome"] == "error");
  CHECK(parsed(broken.output)["reason"] == "invalid_json");
  CHECK(parsed(broken.output)["fields"].Empty());
}

TEST_CASE("explain shows each check in its order up to the one that fails") {
  const temporary_folder folder;
  const auto done = run({"explain", folder.write("event.json", R"({"user_id":"u"})")});
  CHECK(done.code == exit_ok);
  CHECK(contains(done.output, "\n  duplicate_key     passed\n"));
  CHECK(contains(done.output, "\n  missing_fields    Missing fields: ip, device_id"));
  CHECK(contains(done.output, "\n  bad_timestamp     not reached\n"));
  CHECK(contains(done.output, "\n  filter            not reached\n"));
  CHECK(
      contains(done.output, "\noutcome: error\nreason: missing_fields\ntopic: processed-errors\n"));
}

TEST_CASE("with --lines each line is an event of its own") {
  const temporary_folder folder;
  const auto done = run({"explain", "--lines", folder.write("events", event + "\n{}\n")});
  CHECK(done.code == exit_ok);
  CHECK(std::ranges::count(done.output, '\n') == 2);
  CHECK(done.output.starts_with("{\"outcome\":\"processed\""));
  CHECK(contains(done.output,
                 "\n{\"outcome\":\"error\",\"topic\":\"processed-errors\","
                 "\"reason\":\"missing_fields\",\"error_type\":\"Missing user_id\""));
}

TEST_CASE("a file that is not there, and what is no place of a record, are usage errors") {
  CHECK(run({"explain", "/nonexistent"}).code == exit_usage);
  CHECK(run({"explain", "--from", "topic/1"}).code == exit_usage);
  const auto both = run({"explain", "order.json", "--from", "t/0/0"});
  CHECK(both.code == exit_usage);
  CHECK(contains(both.error, "file excludes --from"));
  CHECK(parse_place("t/3/42").offset == 42);
  CHECK(parse_place("t/3/42").partition == 3);
  CHECK(parse_place("t/3/42").topic == "t");
  for (const auto* bad : {"", "t", "t/1", "/1/2", "t//2", "t/1/", "t/-1/2", "t/x/2", "t/1/2x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_place(bad).fault.empty());
  }
}

TEST_CASE("test writes what comes out with --update, and then finds it so") {
  const temporary_folder folder;
  static_cast<void>(folder.write("good.in.json", event + "\n"));
  static_cast<void>(folder.write("bad.in.bin", "{"));
  static_cast<void>(folder.write("old.in.json", event));
  static_cast<void>(folder.write("old.error", "missing_fields\n"));
  CHECK(run({"test", folder.path()}).code == exit_failed);
  const auto written = run({"test", folder.path(), "--update"});
  CHECK(written.code == exit_ok);
  CHECK(written.output == "3 written, 0 failed\n");
  CHECK(folder.read("bad.error") == "invalid_json\n");
  CHECK(folder.read("good.out.json").starts_with("{\"user_id\":\"u\",\"ip\":\""));
  CHECK(folder.has("old.out.json"));
  CHECK_FALSE(folder.has("old.error"));
  const auto done = run({"test", folder.path()});
  CHECK(done.code == exit_ok);
  CHECK(done.output == "3 passed, 0 failed\n");
}

TEST_CASE("test tells a difference by path, and exits with 1") {
  const temporary_folder folder;
  static_cast<void>(folder.write("a.in.json", event));
  CHECK(run({"test", folder.path(), "--update"}).code == exit_ok);
  const auto changed = run({"test", folder.path(), "--set", "fields.locale=drop"});
  CHECK(changed.code == exit_failed);
  CHECK(changed.output == "a\n    locale: expected \"de\", got nothing\n0 passed, 1 failed\n");
  const auto filtered = run({"test", folder.path(), "--set", "filter.keep.app_version=1"});
  CHECK(filtered.code == exit_failed);
  CHECK(contains(filtered.output, "    expected a.out.json, got\n    + filtered_app_version\n"));
}

TEST_CASE("test takes an expectation with blanks, and none at all for a failure") {
  const temporary_folder folder;
  static_cast<void>(folder.write("a.in.json", "{\"a\": [1, 2]}"));
  const auto tested = [&] { return run({"test", folder.path(), "--set", "event.preset=none"}); };
  CHECK(contains(tested().output, "nothing is expected yet"));
  static_cast<void>(folder.write("a.out.json", "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n"));
  CHECK(tested().code == exit_ok);
}

TEST_CASE("an expectation without its input is told, and counts as a failure") {
  const temporary_folder folder;
  static_cast<void>(folder.write("a.in.json", event));
  CHECK(run({"test", folder.path(), "--update"}).code == exit_ok);
  for (const auto* file : {"b.out.json", "b.error", "b.filtered"}) {
    const auto alone = folder.write(file, "{}\n");
    const auto done = run({"test", folder.path()});
    CHECK(done.code == exit_failed);
    CHECK(done.output.starts_with(std::string(file) + "\n    has no input"));
    CHECK(done.output.ends_with("1 passed, 1 failed\n"));
    std::filesystem::remove(alone);
  }
  std::filesystem::remove(folder.path() + "/a.in.json");
  CHECK(run({"test", folder.path()}).code == exit_failed);
}

TEST_CASE("test keeps what becomes of a key and headers, where the case has them") {
  const temporary_folder folder;
  static_cast<void>(folder.write("a.in.json", event));
  static_cast<void>(folder.write("a.in.record.json",
                                 R"({"key": "k", "headers": {"trace": "t\"1", "none": null}})"));
  CHECK(run({"test", folder.path(), "--update"}).code == exit_ok);
  CHECK(folder.read("a.out.record.json") ==
        "{\n  \"key\": \"k\",\n  \"headers\": {\n    \"trace\": \"t\\\"1\",\n    \"none\": null\n  "
        "}\n}\n");
  CHECK(run({"test", folder.path()}).code == exit_ok);
  const auto masked = run({"test", folder.path(), "--set", "headers.trace=mask"});
  CHECK(masked.code == exit_failed);
  CHECK(contains(masked.output, R"(    -     "trace": "t\"1",)"));
  CHECK(contains(masked.output, R"(    +     "trace": "***",)"));
  std::filesystem::remove(folder.path() + "/a.out.record.json");
  CHECK(
      contains(run({"test", folder.path()}).output, "nothing is expected yet of key and headers"));
  // What the worker tells of an error changes from run to run.
  const auto failed = run({"test", folder.path(), "--update", "--set", "fields.locale=mask-ip"});
  CHECK(failed.code == exit_ok);
  CHECK(folder.read("a.error") == "bad_value\n");
  CHECK(contains(folder.read("a.out.record.json"), "trace"));
  CHECK_FALSE(contains(folder.read("a.out.record.json"), "turnstile-"));
}

TEST_CASE("a record's file that is none is told by its name and member") {
  const temporary_folder folder;
  static_cast<void>(folder.write("a.in.json", event));
  CHECK(run({"test", folder.path(), "--update"}).code == exit_ok);
  for (const auto& [text, fault] :
       {std::pair{"[]", "must be an object"}, std::pair{"{", "not valid JSON"},
        std::pair{R"({"key": 1})", "key must be a string or null"},
        std::pair{R"({"headers": []})", "headers must be an object"},
        std::pair{R"({"headers": {"a": 1}})", R"(header "a" must be a string or null)"},
        std::pair{R"({"timestamp": -1})", "timestamp must be milliseconds"},
        std::pair{R"({"topic": "a"})", R"("topic" is not of a record)"}}) {
    CAPTURE(text);
    static_cast<void>(folder.write("a.in.record.json", text));
    const auto done = run({"test", folder.path()});
    CHECK(done.code == exit_failed);
    CHECK(contains(done.output, std::string("a.in.record.json: ") + fault));
  }
  std::filesystem::remove(folder.path() + "/a.in.json");
  CHECK(contains(run({"test", folder.path()}).output, "a.in.record.json\n    has no input"));
}

TEST_CASE("a folder without cases is an error") {
  const temporary_folder folder;
  const auto done = run({"test", folder.path()});
  CHECK(done.code == exit_usage);
  CHECK(contains(done.error, "holds no NAME.in.json"));
}

}  // namespace turnstile::app
