#include "audit/values/addresses.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::audit {

using texts = std::vector<std::string>;

TEST_CASE("strings that are addresses and nothing else are found at any depth, names too") {
  CHECK(addresses_in(R"({"a":[[{"b":"203.0.113.7"}]],"2001:DB8::1":"::ffff:192.0.2.1"})") ==
        texts{"203.0.113.7", "2001:DB8::1", "::ffff:192.0.2.1"});
  CHECK(addresses_in(R"(["\u0032\u0030\u0033.0.113.7"])") ==
        texts{R"(\u0032\u0030\u0033.0.113.7)", "203.0.113.7"});
  CHECK(addresses_in(R"({"a":"say \"203.0.113.7\""})").empty());
  for (const auto* other :
       {"1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4:80", " 1.2.3.4", "fe80::1%eth0",
        "2024-10-25", "::g", "", R"(1.2.3.4\u0000)", R"(\u00e4)", R"(\n)", R"(\u12)"})
    CHECK(addresses_in("[\"" + std::string(other) + "\"]").empty());
}

TEST_CASE("any bytes are looked through, to the last string that ends") {
  CHECK(addresses_in("\xff\0{\"a\":\"1.2.3.4\" \"5.6.7.8").size() == 0);
  CHECK(addresses_in("\xff{\"a\":\"1.2.3.4\" \"5.6.7.8") == texts{"1.2.3.4"});
  for (const auto* text : {"", "\"", "\"\\", "\"\\\"", "1.2.3.4"})
    CHECK(addresses_in(text).empty());
}

TEST_CASE("addresses are bounded in number, and a text takes a time linear in its bytes") {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "\"10.0.0." + std::to_string(i) + "\",";
  CHECK(addresses_in(many).size() == addresses_max);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(addresses_in(std::string(8 << 20, '"')).empty());
  CHECK(addresses_in(std::string(8 << 20, '\\')).empty());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
}

}  // namespace turnstile::audit
