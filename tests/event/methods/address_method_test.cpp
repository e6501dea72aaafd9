#include "event/methods/address_method.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tests/event/methods/method_fixture.hpp"

using namespace turnstile;
using core::invalid_value;
using core::method_rule;
using core::port_policy;
using method = core::field_method;
using tests::method_fixture;

namespace {

const method_rule truncated{.method = method::truncate_ip};
const method_rule mask{.method = method::mask_ip};

std::string pseudonym_of(std::string_view text) { return tests::test_keys().pseudonyms->of(text); }

std::string repeated(std::string_view text, std::size_t times, std::string_view between) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) ((all += i ? between : "")) += text;
  return all;
}

}  // namespace

TEST_CASE("truncate-ip sets the host's bits to 0 and writes the canonical text") {
  const method_fixture shipped(truncated);
  CHECK(shipped.of("203.0.113.7") == "203.0.113.0");
  CHECK(shipped.of("::ffff:203.0.113.7") == "203.0.113.0");
  CHECK(shipped.of("2001:DB8:85a3::8a2e:370:7334") == "2001:db8:85a3::");
  CHECK(shipped.of("2001:db8::1%eth0") == "2001:db8::");
  const auto bits = [](int v4, int v6) {
    return method_fixture({.method = method::truncate_ip, .v4_bits = v4, .v6_bits = v6});
  };
  CHECK(bits(32, 128).of("255.255.255.255") == "255.255.255.255");
  CHECK(bits(31, 127).of("255.255.255.255") == "255.255.255.254");
  CHECK(bits(9, 0).of("255.255.255.255") == "255.128.0.0");
  CHECK(bits(0, 0).of("255.255.255.255") == "0.0.0.0");
  CHECK(bits(0, 0).of("ffff::ffff") == "::");
  CHECK(bits(0, 1).of("ffff::ffff") == "8000::");
  CHECK(bits(0, 127).of("ffff::ffff") == "ffff::fffe");
  CHECK(bits(0, 128).of("ffff::ffff") == "ffff::ffff");
}

TEST_CASE("mask-ip leaves three octets of an IPv4 and three groups of an IPv6") {
  CHECK(method_fixture(mask).of("203.0.113.7") == "203.0.113.xxx");
  CHECK(method_fixture(mask).of("1.2.3.4") == "1.2.3.xxx");
  CHECK(method_fixture(mask).of("2001:DB8:85a3::7") == "2001:db8:85a3:xxxx:xxxx:xxxx:xxxx:xxxx");
  CHECK(method_fixture(mask).of("::1") == "0:0:0:xxxx:xxxx:xxxx:xxxx:xxxx");
}

TEST_CASE("an address and its port are encrypted by the key of the draft's vector") {
  const event::secret_key key(std::vector<unsigned char>{0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2,
                                                         0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf,
                                                         0x4f, 0x3c});
  const auto keys = event::make_method_keys(&tests::test_key(), &key, nullptr);
  method_rule rule{.method = method::ipcrypt, .port = port_policy::keep};
  const method_fixture ipcrypt(rule, "ip", keys);
  CHECK(ipcrypt.of("192.0.2.1") == "1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777");
  CHECK(ipcrypt.of("192.0.2.1:65535") == "[1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777]:65535");
  rule.method = method::ipcrypt_pfx;
  const method_fixture pfx(rule, "ip", keys);
  const std::string a = pfx.of("192.0.2.1");
  CHECK(pfx.of("192.0.2.1:80") == a + ":80");
  CHECK(pfx.of("192.0.2.200").substr(0, a.rfind('.')) == a.substr(0, a.rfind('.')));
}

TEST_CASE("a port is an error, kept, or left out") {
  const auto with = [](port_policy port) {
    return method_fixture({.method = method::truncate_ip, .port = port});
  };
  for (const auto* text : {"203.0.113.7:80", "[2001:db8::1]:443", "203.0.113.7#80"})
    CHECK(with(port_policy::error).of(text) == "<invalid>");
  CHECK(with(port_policy::keep).of("203.0.113.7:80") == "203.0.113.0:80");
  CHECK(with(port_policy::keep).of("2001:db8::1#443") == "[2001:db8::]:443");
  CHECK(with(port_policy::keep).of("[2001:db8::1]") == "2001:db8::");
  CHECK(with(port_policy::drop).of("203.0.113.7 port 80") == "203.0.113.0");
  CHECK(with(port_policy::drop).of("[2001:db8::1]:443") == "2001:db8::");
}

TEST_CASE("one client in any spelling has one pseudonym with the canonical form ip") {
  const method_rule rule{.method = method::pseudonym, .canonical = core::canonical_form::ip};
  const method_fixture pseudonym(rule);
  for (const auto* text :
       {"203.0.113.7", "203.0.113.7:54321", " 203.0.113.7 ", "::ffff:203.0.113.7"})
    CHECK(pseudonym.of(text) == pseudonym_of("203.0.113.7"));
  for (const auto* text : {"2001:db8::1", "2001:DB8::1", "2001:0db8:0000:0000:0000:0000:0000:0001",
                           "[2001:db8::1]:443", "2001:db8::1#443", "2001:db8::1 port 443"})
    CHECK(pseudonym.of(text) == pseudonym_of("2001:db8::1"));
  for (const auto* text : {"", "-", "unknown"}) CHECK(pseudonym.of(text) == "<invalid>");
  method_rule list = rule;
  list.list = ",";
  CHECK(method_fixture(list).of("203.0.113.7, 70.41.3.18") ==
        pseudonym_of("203.0.113.7") + ", " + pseudonym_of("70.41.3.18"));
  method_rule scoped = rule;
  scoped.scope = core::pseudonym_scope::path;
  CHECK(method_fixture(scoped, "ip").of("::") == pseudonym_of(std::string_view("ip\0::", 5)));
}

TEST_CASE("what is no address follows the rule's policy") {
  const auto with = [](invalid_value policy) {
    return method_fixture({.method = method::mask_ip, .invalid = policy});
  };
  for (const std::string token :
       {R"("ec2.amazonaws.com")", R"("")", "17", R"([ "203.0.113.7" ])"}) {
    const std::string compact = token.front() == '[' ? R"(["203.0.113.7"])" : token;
    const std::string text = token.front() == '"' ? token.substr(1, token.size() - 2) : compact;
    CHECK(with(invalid_value::error).of_token(token) == "<invalid>");
    CHECK(with(invalid_value::drop).of_token(token) == "<dropped>");
    CHECK(with(invalid_value::null).of_token(token) == "null");
    CHECK(with(invalid_value::keep).of_token(token) == compact);
    CHECK(with(invalid_value::pseudonym).of_token(token) == '"' + pseudonym_of(text) + '"');
  }
  CHECK(with(invalid_value::error).of_token("null") == "null");
}

TEST_CASE("a list is treated element by element") {
  const auto with = [](invalid_value policy) {
    return method_fixture(
        {.method = method::truncate_ip, .invalid = policy, .list = ",", .port = port_policy::drop});
  };
  CHECK(with(invalid_value::error).of("203.0.113.7") == "203.0.113.0");
  CHECK(with(invalid_value::error).of("203.0.113.7,  [2001:db8::1]:80 ,70.41.3.18") ==
        "203.0.113.0, 2001:db8::,70.41.3.0");
  const std::string mixed = R"(203.0.113.7, unknown\n ,,70.41.3.18)";
  CHECK(with(invalid_value::error).of(mixed) == "<invalid>");
  CHECK(with(invalid_value::null).of(mixed) == "null");
  CHECK(with(invalid_value::drop).of(mixed) == "203.0.113.0,70.41.3.0");
  CHECK(with(invalid_value::keep).of(mixed) == R"(203.0.113.0, unknown\n,,70.41.3.0)");
  CHECK(with(invalid_value::pseudonym).of(mixed) ==
        "203.0.113.0, " + pseudonym_of("unknown\n") + "," + pseudonym_of("") + ",70.41.3.0");
  CHECK(with(invalid_value::drop).of("-, unknown") == "<dropped>");
  CHECK(with(invalid_value::drop).of("-, 203.0.113.7") == "203.0.113.0");
  CHECK(with(invalid_value::drop).of(R"(  203.0.113.7,\t70.41.3.18)") == "203.0.113.0, 70.41.3.0");
  CHECK(with(invalid_value::keep).of(" , 203.0.113.7") == ", 203.0.113.0");
  CHECK(with(invalid_value::keep).of("") == "");
  CHECK(with(invalid_value::keep).of(",") == ",");
}

TEST_CASE("a list of more than a hundred elements is none") {
  for (const invalid_value policy : {invalid_value::error, invalid_value::pseudonym}) {
    const method_fixture masked({.method = method::mask_ip, .invalid = policy, .list = ","});
    CHECK(masked.of(repeated("::", event::list_elements_max, ",")) ==
          repeated("0:0:0:xxxx:xxxx:xxxx:xxxx:xxxx", event::list_elements_max, ","));
    const std::string longer = repeated("::", event::list_elements_max + 1, ",");
    CHECK(masked.of(longer) ==
          (policy == invalid_value::error ? "<invalid>" : pseudonym_of(longer)));
    // The shortest elements become the longest results.
    CHECK(masked.of(repeated("", event::list_elements_max, ",")) ==
          (policy == invalid_value::error
               ? "<invalid>"
               : repeated(pseudonym_of(""), event::list_elements_max, ",")));
  }
}

TEST_CASE("a rule of addresses that cannot work is refused") {
  using event::method_fault;
  const event::keys_there all{true, true, true};
  const auto fault = [&](method_rule rule) { return method_fault(rule, all).value_or(""); };
  CHECK(fault(truncated).empty());
  CHECK(fault({.method = method::truncate_ip, .v4_bits = 33}) == "v4_bits must be 0 to 32");
  CHECK(fault({.method = method::truncate_ip, .v6_bits = 129}) == "v6_bits must be 0 to 128");
  CHECK(fault({.method = method::truncate_ip, .v4_bits = 0, .v6_bits = 128}).empty());
  CHECK(fault({.method = method::keep, .list = ","}).starts_with("list is for addresses"));
  CHECK(fault({.method = method::pseudonym, .list = ","}).starts_with("list is for addresses"));
  for (const auto* list : {",", ", ", ";", "|"})
    CHECK(fault({.method = method::mask_ip, .list = list}).empty());
  for (const auto* list : {".", ":", "a", " port ", "\"", "-----------------"})
    CHECK(fault({.method = method::mask_ip, .list = list}).starts_with("list must be a separator"));
  CHECK(fault({.method = method::pseudonym,
               .canonical = core::canonical_form::ip,
               .port = port_policy::keep})
            .starts_with("port = \"keep\""));
}

TEST_CASE("a method that works with a key is refused without one") {
  using event::method_fault;
  for (const auto& [of, needs] :
       {std::pair{method::ipcrypt, event::keys_there{.ipcrypt = true}},
        std::pair{method::ipcrypt_pfx, event::keys_there{.ipcrypt_pfx = true}}}) {
    CHECK(method_fault({.method = of}, {})->find("needs a key: privacy.ipcrypt") !=
          std::string::npos);
    CHECK_FALSE(method_fault({.method = of}, needs));
    CHECK_FALSE(method_fault({.method = of}, {.pseudonyms = true}));
  }
  CHECK(method_fault({.method = method::ipcrypt}, {.ipcrypt_pfx = true}));
  CHECK(method_fault({.method = method::ipcrypt_pfx}, {.ipcrypt = true}));
  CHECK(method_fault({.method = method::encrypt}, {.ipcrypt = true, .ipcrypt_pfx = true}));
  CHECK_FALSE(method_fault({.method = method::encrypt}, {.pseudonyms = true}));
  CHECK_FALSE(method_fault({.method = method::pseudonym}, {}));
}
