#include "event/errors/foreign_headers.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "tests/event/login_fixture.hpp"

using namespace turnstile;
using namespace turnstile::core;
using namespace turnstile::event;
using namespace turnstile::tests;

namespace {

constexpr auto errors = static_cast<std::size_t>(output_topic::errors);

struct foreign_fixture : login_fixture {
  event::foreign_headers foreign{header_style::streams, "user-login", "logins"};

  output_record& run_to_record(std::string_view value) {
    batch.source = core::partition_epoch{3};
    auto& out = run(value);
    write_again();
    return out;
  }
  void write_again() {
    write_error_record(batch, failed(), "worker-1", test_now_s, origin_bytes_max, foreign);
  }
  static std::ptrdiff_t count(const output_record& record, std::string_view prefix) {
    return std::ranges::count_if(
        record.headers, [prefix](const header_view& h) { return h.name.starts_with(prefix); });
  }
};

}  // namespace

TEST_CASE_FIXTURE(foreign_fixture, "an error record says what dead letters of Kafka Streams say") {
  const auto& out = run_to_record(without("locale"));
  CHECK(header(out, "__streams.errors.exception") == "missing_fields");
  CHECK(header(out, "__streams.errors.message") == "missing_fields: Missing fields: locale");
  CHECK(header(out, "__streams.errors.topic") == "user-login");
  CHECK(header(out, "__streams.errors.partition") == "3");
  CHECK(header(out, "__streams.errors.offset") == "7");
  CHECK(count(out, "__streams.errors.") == 5);
  CHECK(header(out, "turnstile-reason") == "missing_fields");
}

TEST_CASE_FIXTURE(foreign_fixture, "an error record says what dead letters of Kafka Connect say") {
  foreign.style = header_style::connect;
  const auto& out = run_to_record("{");
  CHECK(header(out, "__connect.errors.topic") == "user-login");
  CHECK(header(out, "__connect.errors.partition") == "3");
  CHECK(header(out, "__connect.errors.offset") == "7");
  CHECK(header(out, "__connect.errors.connector.name") == "logins");
  CHECK(header(out, "__connect.errors.task.id") == "worker-1");
  CHECK(header(out, "__connect.errors.stage") == "VALUE_CONVERTER");
  CHECK(header(out, "__connect.errors.class.name") == "turnstile");
  CHECK(header(out, "__connect.errors.exception.class.name") == "invalid_json");
  CHECK(header(out, "__connect.errors.exception.message").starts_with("invalid_json: "));
  CHECK(count(out, "__connect.errors.") == 9);
}

TEST_CASE_FIXTURE(foreign_fixture, "without a style there are none, and an input's are carried") {
  foreign.style = header_style::turnstile;
  headers = {{"__streams.errors.topic", "other"}};
  const auto& out = run_to_record("{");
  CHECK(header(out, "__streams.errors.topic") == "other");
  CHECK(out.headers.size() == 5);
}

TEST_CASE_FIXTURE(foreign_fixture, "an input's headers of these names are replaced, traces too") {
  headers = {{"__streams.errors.topic", "other"},
             {"__streams.errors.stacktrace", "at 203.0.113.7"},
             {"__connect.errors.topic", "another"}};
  const auto& out = run_to_record("{");
  CHECK(header(out, "__streams.errors.topic") == "user-login");
  CHECK(header(out, "__streams.errors.stacktrace") == "none");
  CHECK(header(out, "__connect.errors.topic") == "another");
  CHECK(count(out, "__streams.errors.") == 5);
}

TEST_CASE_FIXTURE(foreign_fixture, "a slot that is written twice has each header once") {
  const auto& out = run_to_record("{");
  const auto before = out.headers.size();
  write_again();
  CHECK(out.headers.size() == before);
}

TEST_CASE_FIXTURE(foreign_fixture,
                  "they go with the carried headers where the record is too large") {
  layout->record_bytes_max[errors] = wire_bytes(run_to_record("{"));
  CHECK(count(run_to_record("{"), "__streams.errors.") == 5);
  --layout->record_bytes_max[errors];
  const auto& out = run_to_record("{");
  CHECK(count(out, "__streams.errors.") == 0);
  CHECK(header(out, "turnstile-truncated") == "headers");
}
