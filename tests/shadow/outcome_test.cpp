// What of a record counts when two outcomes are compared.
#include "app/shadow/outcome.hpp"

#include <array>

#include <doctest/doctest.h>

namespace turnstile::shadow {
namespace {

std::string bytes_of(audit::fate where, const core::record_view& read) {
  std::string out;
  append_bytes(out, outcome_of(where, read));
  return out;
}

}  // namespace

TEST_CASE("the worker's own headers and the time of writing are left out, all else counts") {
  const std::array<core::header_view, 3> first{
      {{"turnstile-origin", "t/0/1"}, {"trace", "a"}, {"turnstile-reason", "bad_value"}}};
  const std::array<core::header_view, 3> second{
      {{"trace", "a"}, {"turnstile-worker", "other"}, {"turnstile-reason", "bad_value"}}};
  const auto at = [](std::string_view time) {
    return R"({"user_id":"u","timestamp":")" + std::string(time) + R"("})";
  };
  const std::string one = at("2024-10-25 22:14:20");
  const std::string other = at("2031-01-01 00:00:00");
  const auto error = audit::fate::error;
  const auto bytes = bytes_of(error, {.key = "k", .value = one, .headers = first});
  CHECK(bytes == bytes_of(error, {.key = "k", .value = other, .headers = second}));
  CHECK(bytes != bytes_of(error, {.key = "l", .value = one, .headers = first}));
  // An event's own time is no time of writing.
  const auto event = audit::fate::processed;
  CHECK(bytes_of(event, {.value = one}) != bytes_of(event, {.value = other}));
}

TEST_CASE("of an error neither the box of a sealed content nor other systems' headers count") {
  const auto error = audit::fate::error;
  const std::string sealed =
      R"({"error_type":"E","message_content":{"sealed":"AbC/+=","seal_key":"5d1f"},"x":1)";
  const std::string none = R"({"error_type":"E","message_content":{},"x":1)";
  const std::array<core::header_view, 1> foreign{{{"__connect.errors.task.id", "w1"}}};
  CHECK(bytes_of(error, {.value = sealed, .headers = foreign}) == bytes_of(error, {.value = none}));
  const std::string other = R"({"error_type":"F","message_content":{},"x":1)";
  CHECK(bytes_of(error, {.value = sealed}) != bytes_of(error, {.value = other}));
  const auto event = audit::fate::processed;
  CHECK(bytes_of(event, {.value = sealed}) != bytes_of(event, {.value = none}));
  CHECK(bytes_of(event, {.headers = foreign}) != bytes_of(event, {}));
}

TEST_CASE("null, empty and absent are three things") {
  const auto where = audit::fate::processed;
  CHECK(bytes_of(where, {.value = ""}) != bytes_of(where, {}));
  const std::array<core::header_view, 1> empty{{{"h", ""}}};
  const std::array<core::header_view, 1> null{{{"h", std::nullopt}}};
  CHECK(bytes_of(where, {.headers = empty}) != bytes_of(where, {.headers = null}));
}

TEST_CASE("what was packed is unpacked") {
  const std::array<core::header_view, 2> headers{{{"a", "1"}, {"b", std::nullopt}}};
  const auto bytes = bytes_of(audit::fate::cleaned, {.key = "", .value = "v", .headers = headers});
  const auto back = unpack(bytes);
  CHECK(back.of.end == filtered);
  CHECK(back.of.key == core::maybe_bytes{""});
  CHECK(back.of.value == core::maybe_bytes{"v"});
  REQUIRE(back.headers.size() == 2);
  CHECK(back.headers[0].name == "a");
  CHECK_FALSE(back.headers[1].value);
}

TEST_CASE("an error ends by its reason, and by none where it names none that is known") {
  const auto end_of = [](std::string_view reason) {
    const std::array<core::header_view, 1> headers{{{"turnstile-reason", reason}}};
    return outcome_of(audit::fate::error, {.headers = headers}).end;
  };
  CHECK(name_of(end_of("wrong_type")) == "wrong_type");
  CHECK(end_of("no such reason") == some_error);
  CHECK(is_of_brokers(end_of("delivery_failed")));
  CHECK(is_of_brokers(end_of("unreadable")));
  CHECK_FALSE(is_of_brokers(end_of("too_large")));
}

}  // namespace turnstile::shadow
