// What `--expect` takes.
#include "app/shadow/expectation.hpp"

#include <doctest/doctest.h>

namespace turnstile::shadow {
namespace {

expectations of(const std::string& text) {
  expectations made;
  CHECK(expectations::fault_of(text) == "");
  made.add(text);
  return made;
}

}  // namespace

TEST_CASE("a path is expected with all that lies below it") {
  const auto expected = of("client.ip,items[]");
  CHECK(expected.expects("client.ip"));
  CHECK(expected.expects("client.ip.v4"));
  CHECK(expected.expects("items[].name"));
  CHECK_FALSE(expected.expects("client"));
  CHECK_FALSE(expected.expects("client.ipv6"));
  CHECK(of("**.ip").expects("a[].ip.x"));
}

TEST_CASE("an outcome is expected from one to another, an error with each reason") {
  const auto reason = ending_of(core::reason::bad_value);
  CHECK(of("error:processed").expects(reason, processed));
  CHECK(of("error:processed").expects(some_error, processed));
  CHECK_FALSE(of("bad_value:processed").expects(some_error, processed));
  CHECK_FALSE(of("error:processed").expects(processed, reason));
  CHECK(of("error:error").expects(reason, ending_of(core::reason::wrong_type)));
}

TEST_CASE("a field that is called as an outcome is a path") {
  const auto expected = of("processed");
  CHECK(expected.expects("processed"));
  CHECK_FALSE(expected.expects(some_error, processed));
}

TEST_CASE("a name with a colon or a comma is a path in quotes") {
  CHECK(of(R"("record:key")").expects(R"("record:key")"));
  CHECK_FALSE(of(R"("record:key")").expects("record:key"));
  CHECK(of("record:key").expects("record:key"));
  CHECK(of(R"("a,b",header:x)").expects(R"("a,b")"));
  CHECK(of(R"("a,b",header:x)").expects("header:x"));
}

TEST_CASE("what names nothing is refused") {
  CHECK(expectations::fault_of("proccessed:filtered").find("does not exist") != std::string::npos);
  CHECK(expectations::fault_of("ip,,x").find("is empty") != std::string::npos);
  CHECK(expectations::fault_of("a:b").find("quoted") != std::string::npos);
  CHECK(expectations::fault_of("header:") != "");
  CHECK(expectations::fault_of("a[1]") != "");
}

}  // namespace turnstile::shadow
