#include "app/statement/signed_statement.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::app {
namespace {

event::secret_key seed_of(unsigned char byte) {
  return event::secret_key(std::vector<unsigned char>(32, byte));
}

const std::string statement = R"({"schema":1,"verdict":"exactly_once"})";

/// Empty: it is what was signed.
std::string fault_of(const std::string& file, std::optional<sign_public_key> key = {}) {
  const auto verified = verify_statement(file, key);
  const auto* fault = std::get_if<std::string>(&verified);
  return fault == nullptr ? "" : *fault;
}

}  // namespace

TEST_CASE("a signed statement is verified, and what was signed is what stands there") {
  const auto seed = seed_of(7);
  const std::string file = statement_file(statement, &seed);
  const auto verified = verify_statement(file, public_key_of(seed));
  REQUIRE(std::holds_alternative<verified_statement>(verified));
  CHECK(std::get<verified_statement>(verified).statement == statement);
  CHECK(std::get<verified_statement>(verified).key == public_key_of(seed));
  CHECK(fault_of(file).empty());
}

TEST_CASE("a signed file is byte by byte what its page says") {
  const auto seed = seed_of(0);
  CHECK(statement_file(statement, &seed)
            .starts_with(
                "{\"statement\":" + statement +
                ",\"signature\":{\"algorithm\":\"ed25519\",\"public_key\":\""
                "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29\",\"value\":\""));
  CHECK(statement_file(statement, nullptr) == "{\"statement\":" + statement + "}\n");
}

TEST_CASE("a statement that was changed in any byte, cut or made longer is refused") {
  const auto seed = seed_of(7);
  const std::string file = statement_file(statement, &seed);
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(fault_of(changed).empty());
    changed[i] = static_cast<char>(file[i] ^ 0x20);
    CHECK_FALSE(fault_of(changed).empty());
    CHECK_FALSE(fault_of(file.substr(0, i)).empty());
    CHECK_FALSE(fault_of(std::string(file).insert(i, " ")).empty());
  }
  CHECK_FALSE(fault_of(file + "\n").empty());
  CHECK(fault_of("").find('\n') == std::string::npos);
}

TEST_CASE("a statement that another key signed is refused where a key is named") {
  const auto seed = seed_of(7);
  const std::string file = statement_file(statement, &seed);
  CHECK(fault_of(file, public_key_of(seed_of(8))).starts_with("is signed by the key "));
}

TEST_CASE("an unsigned statement is not verified") {
  CHECK(fault_of(statement_file(statement, nullptr)) == "is not signed");
}

}  // namespace turnstile::app
