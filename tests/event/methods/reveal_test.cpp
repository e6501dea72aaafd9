#include "event/methods/reveal.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/methods/load_keys.hpp"
#include "tests/event/methods/method_fixture.hpp"

using namespace turnstile;
using core::method_rule;
using method = core::field_method;

namespace {

/// What `reveal` makes of what the rule made of the string.
std::string there_and_back(const method_rule& rule, std::string_view text) {
  const std::string became = tests::method_fixture(rule, "a.b").of(text);
  CHECK(became != text);
  return event::reveal(rule, "a.b", became, tests::test_keys()).value_or("nothing");
}

}  // namespace

TEST_CASE("what can be opened is revealed as it was") {
  for (const method how : {method::ipcrypt, method::ipcrypt_pfx}) {
    method_rule rule{.method = how, .invalid = core::invalid_value::keep, .list = ","};
    rule.port = core::port_policy::keep;
    CHECK(there_and_back(rule, "203.0.113.7") == R"("203.0.113.7")");
    CHECK(there_and_back(rule, "203.0.113.7:80") == R"("203.0.113.7:80")");
    CHECK(there_and_back(rule, "2001:db8::1#443") == R"("[2001:db8::1]:443")");
    CHECK(there_and_back(rule, "203.0.113.7, unknown,2001:db8::1") ==
          R"("203.0.113.7, unknown,2001:db8::1")");
    rule.list.clear();
    CHECK(there_and_back(rule, "2001:db8::1") == R"("2001:db8::1")");
  }
  CHECK(there_and_back({.method = method::encrypt}, R"(a\u0000\"b)") == R"("a\u0000\"b")");
}

TEST_CASE("what another path, key or program made is not revealed") {
  const method_rule encrypt{.method = method::encrypt};
  const std::string sealed = tests::method_fixture(encrypt, "a.b").of("x");
  CHECK(event::reveal(encrypt, "a.b", sealed, tests::test_keys()));
  CHECK_FALSE(event::reveal(encrypt, "a.c", sealed, tests::test_keys()));
  CHECK_FALSE(event::reveal(encrypt, "a.b", "x", tests::test_keys()));
  for (const method how : {method::ipcrypt, method::ipcrypt_pfx})
    for (const auto* list : {"", ","})
      CHECK_FALSE(
          event::reveal({.method = how, .list = list}, "ip", "unknown", tests::test_keys()));
}

TEST_CASE("only what a key can undo can be revealed") {
  int count = 0;
  for (int i = 0; i <= static_cast<int>(method::drop); ++i)
    count += event::can_reveal(static_cast<method>(i)) ? 1 : 0;
  CHECK(count == 3);
  CHECK(event::can_reveal(method::encrypt));
  CHECK(event::can_reveal(method::ipcrypt));
  CHECK(event::can_reveal(method::ipcrypt_pfx));
}

TEST_CASE("the keys of all methods are loaded, and a fault names the option") {
  std::string folder = (std::filesystem::temp_directory_path() / "turnstile-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()));
  const std::string good = folder + "/good";
  const std::string bad = folder + "/bad";
  std::ofstream(good) << "0123456789abcdef0123456789ABCDEF";
  std::ofstream(bad) << "short";
  for (const std::string& file : {good, bad}) ::chmod(file.c_str(), 0600);
  const auto option_of = [](const event::key_files& files) {
    const auto loaded = event::load_method_keys(files);
    const auto* const fault = std::get_if<event::key_file_fault>(&loaded);
    if (fault) CHECK(fault->error.find("short") == std::string::npos);
    return fault ? fault->option : "";
  };
  CHECK(option_of({}).empty());
  CHECK(option_of({.pseudonyms = good, .ipcrypt = good, .ipcrypt_pfx = good}).empty());
  CHECK(option_of({.pseudonyms = bad}) == "privacy.hmac_key_file");
  CHECK(option_of({.ipcrypt = bad}) == "privacy.ipcrypt_key_file");
  CHECK(option_of({.ipcrypt_pfx = bad}) == "privacy.ipcrypt_pfx_key_file");
  const auto loaded = event::load_method_keys({.ipcrypt = good});
  const auto& keys = std::get<event::loaded_keys>(loaded).keys;
  CHECK(keys.ipcrypt);
  CHECK_FALSE(keys.ipcrypt_pfx);
  CHECK_FALSE(keys.values);
  CHECK_FALSE(keys.pseudonyms->keyed());
  std::filesystem::remove_all(folder);
}
