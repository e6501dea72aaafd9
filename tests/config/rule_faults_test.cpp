// What is refused of the rules for events, and in which words.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "config_fixture.hpp"

namespace turnstile::core {

namespace {

/// The faults of a [fields] table that begins in line 3, without the file's name.
lines faults_of(const std::string& fields) {
  auto faults = load("event.preset = \"none\"\n[fields]\n" + fields).faults;
  for (auto& fault : faults) fault = fault.substr(fault.find(':') + 1);
  return faults;
}

std::string fault_of(const std::string& fields) {
  const auto faults = faults_of(fields);
  CAPTURE(fields);
  REQUIRE(faults.size() == 1);
  return faults.front();
}

std::string set_fault(const char* text) {
  const auto faults = load("", {parse_override(text)}).faults;
  CAPTURE(text);
  REQUIRE(faults.size() == 1);
  return faults.front();
}

}  // namespace

TEST_CASE("an unknown method, type or attribute is refused with the nearest known one") {
  CHECK(fault_of("a = \"pseudonim\"") ==
        "3: fields.a.method: \"pseudonim\" is not one of keep, pseudonym, ipcrypt, ipcrypt-pfx, "
        "truncate-ip, mask-ip, mask, encrypt, round, replace, null, drop; did you mean "
        "\"pseudonym\"?");
  CHECK(fault_of("a = { type = \"sting\" }") ==
        "3: fields.a.type: \"sting\" is not one of any, string, integer, number, boolean, object, "
        "array, time; did you mean \"string\"?");
  CHECK(fault_of("\"a.b\" = { metod = \"drop\" }") ==
        "3: fields.\"a.b\".metod: unknown attribute; did you mean method?");
  CHECK(fault_of("a = 1") ==
        "3: fields.a: expects a method or a table of attributes, not the integer 1");
}

TEST_CASE("a method by the word that other systems have for it is told by ours") {
  const std::string drop = "did you mean \"drop\"?";
  const std::string pseudonym = "did you mean \"pseudonym\"?";
  for (const auto& [word, ours] : std::vector<std::pair<std::string, std::string>>{
           {"hash", pseudonym},
           {"HMAC-SHA256", pseudonym},
           {"sha256", pseudonym},
           {"remove", drop},
           {"redact", "did you mean \"mask\", or \"replace\" for a constant?"},
           {"anonymize", "did you mean \"truncate-ip\" for an address, or \"drop\"?"},
           {"tokenize", "did you mean \"pseudonym\", or \"encrypt\" where it must be undone?"}})
    CHECK(fault_of("a = \"" + word + "\"").ends_with(" round, replace, null, drop; " + ours));
}

TEST_CASE("a path with points that is not quoted is told how to be") {
  CHECK(fault_of("context.address = \"drop\"") ==
        "3: fields.context.address: unknown attribute; a path with points is quoted: "
        "\"context.address\"");
  CHECK(set_fault("fields.context.address=drop") ==
        "command line (--set): fields.context.address: unknown attribute; a path with points is "
        "quoted: \"context.address\"");
}

TEST_CASE("what is no path is refused with the place in it") {
  CHECK(
      fault_of("\"$.customer.email\" = \"drop\"") ==
      "3: fields.\"$.customer.email\": the path is in the form of JSONPath; write customer.email");
  CHECK(fault_of("\"a[0]\" = \"drop\"") ==
        "3: fields.\"a[0]\": the path expects [], which is each element of an array at byte 2");
  std::string deep = "a";
  for (int i = 1; i < 32; ++i) deep += ".a";
  CHECK(faults_of("\"" + deep + "\" = \"drop\"") == lines{});
  CHECK(fault_of("\"" + deep + ".a\" = \"drop\"").ends_with("the path has more than 32 levels"));
}

TEST_CASE("two rules of one file for one path are refused") {
  CHECK(fault_of("\"a.b\" = \"drop\"\n'a.\"b\"' = \"mask\"") ==
        "4: fields.\"a.\\\"b\\\"\": the path a.b has another rule already");
}

TEST_CASE("an attribute of another method or type is refused") {
  CHECK(fault_of("a = { method = \"drop\", keep_last = 4 }") ==
        "3: fields.a.keep_last: goes with the method mask, not with drop");
  CHECK(fault_of("a = { method = \"mask\", v4_bits = 8 }") ==
        "3: fields.a.v4_bits: goes with the method truncate-ip, not with mask");
  CHECK(fault_of("a = { units = \"seconds\" }") ==
        "3: fields.a.units: goes with the type time, not with any");
  CHECK(fault_of("a = { type = \"time\", zone = \"UTC\" }") ==
        "3: fields.a.zone: is of texts, which only iso8601 = true takes");
  CHECK(fault_of("a = { type = \"time\", truncate = \"day\" }") ==
        "3: fields.a.truncate: needs an output: what is kept stays as it came");
  CHECK(fault_of("a = { method = \"pseudonym\", invalid = \"drop\" }").find("canonical form") !=
        std::string::npos);
  CHECK(fault_of("a = { method = \"pseudonym\", list = \",\" }") ==
        "3: fields.a.list: goes with a pseudonym whose canonical form is \"ip\" only");
  CHECK(faults_of("a = { method = \"pseudonym\", list = \",\", canonical = \"ip\" }") == lines{});
  CHECK(fault_of("a = { type = \"integer\", method = \"truncate-ip\" }") ==
        "3: fields.a.method: truncate-ip cannot treat the type integer");
  CHECK(fault_of("a = { type = \"string\", method = \"round\" }") ==
        "3: fields.a.method: round cannot treat the type string");
  CHECK(fault_of("a = \"replace\"") == "3: fields.a.value: is needed by replace");
  CHECK(fault_of("a = { type = \"string\", default = 1 }") ==
        "3: fields.a.default: 1 is not of the rule's type, string");
  CHECK(fault_of("\"**.a\" = { required = true }") ==
        "3: fields.\"**.a\".required: means nothing at any depth, where no object must have it");
}

TEST_CASE("values out of bounds are refused at the bound") {
  const auto is_taken = [](const std::string& fields) { return faults_of(fields).empty(); };
  CHECK(fault_of("a = { method = \"pseudonym\", digits = 15 }") ==
        "3: fields.a.digits: 15 is out of range: expects an integer from 16 to 64");
  CHECK(is_taken("a = { method = \"pseudonym\", digits = 16 }"));
  CHECK(is_taken("a = { method = \"pseudonym\", digits = 64 }"));
  CHECK_FALSE(is_taken("a = { method = \"pseudonym\", digits = 65 }"));
  CHECK(is_taken("a = { method = \"truncate-ip\", v4_bits = 32, v6_bits = 128 }"));
  CHECK_FALSE(is_taken("a = { method = \"truncate-ip\", v4_bits = 33 }"));
  CHECK_FALSE(is_taken("a = { method = \"truncate-ip\", v6_bits = 129 }"));
  CHECK_FALSE(is_taken("a = { method = \"mask\", keep_first = -1 }"));
  CHECK_FALSE(is_taken("a = { method = \"mask\", with = \"\" }"));
  CHECK(is_taken("a = { method = \"mask\", with = \"" + std::string(16, 'x') + "\" }"));
  CHECK_FALSE(is_taken("a = { method = \"mask\", with = \"" + std::string(17, 'x') + "\" }"));
  CHECK(fault_of("a = { method = \"round\", to = 0 }") ==
        "3: fields.a.to: expects a number greater than 0, not the integer 0");
  CHECK_FALSE(is_taken("a = { method = \"round\", to = nan }"));
  CHECK_FALSE(is_taken("a = { method = \"replace\", value = [1] }"));
  CHECK_FALSE(is_taken("a = { default = \"${HOME}\" }"));
}

TEST_CASE("a rule that can never apply is refused") {
  CHECK(fault_of("a = \"drop\"\n\"a.b\" = \"mask\"") ==
        "4: fields.\"a.b\": can never apply: lies below a, which drop leaves out");
  CHECK(fault_of("\"a.b\" = \"pseudonym\"\n\"a.b[].c.d\" = \"mask\"") ==
        "4: fields.\"a.b[].c.d\": can never apply: lies below a.b, which pseudonym replaces as a "
        "whole");
  CHECK(fault_of("a = { type = \"string\" }\n\"a.b\" = \"mask\"") ==
        "4: fields.\"a.b\": can never apply: lies below a, which is of the type string");
  CHECK(fault_of("\"**.secret\" = \"drop\"\n\"a.secret.b\" = \"mask\"") ==
        "4: fields.\"a.secret.b\": can never apply: lies below **.secret, which drop leaves out");
  CHECK(faults_of("\"**.secret\" = \"drop\"\n\"a.secret\" = \"keep\"\n\"a.secret.b\" = \"mask\"") ==
        lines{});
  CHECK(faults_of("a = { method = \"mask-ip\", invalid = \"keep\" }\n\"a.b\" = \"mask\"") ==
        lines{});
  CHECK(faults_of("a = { type = \"object\" }\n\"a.b\" = \"mask\"\n\"**.c\" = \"drop\"") == lines{});
}

TEST_CASE("at most 256 rules may be there") {
  std::string fields;
  for (int i = 0; i < 256; ++i) fields += "a" + std::to_string(i) + " = \"keep\"\n";
  CHECK(faults_of(fields) == lines{});
  CHECK(fault_of(fields + "b = \"keep\"") ==
        "259: fields: has 257 rules, the preset's included; at most 256 may be there");
}

TEST_CASE("a method that needs a key is refused without one") {
  CHECK(fault_of("a = \"ipcrypt\"") ==
        "3: fields.a: ipcrypt needs a key: privacy.ipcrypt_key_file, or privacy.key_dir or "
        "privacy.hmac_key_file, from which one is derived");
  CHECK(fault_of("a = \"ipcrypt-pfx\"").find("privacy.ipcrypt_pfx_key_file") != std::string::npos);
  CHECK(fault_of("a = \"encrypt\"").find("privacy.hmac_key_file") != std::string::npos);
  CHECK(faults_of("a = \"encrypt\"\n[privacy]\nhmac_key_file = \"/k\"") == lines{});
  CHECK(faults_of("a = \"encrypt\"\n[privacy]\nkey_dir = \"/keys\"") == lines{});
  CHECK(faults_of("a = \"ipcrypt\"\n[privacy]\nipcrypt_key_file = \"/k\"") == lines{});
  CHECK(load("headers.a = \"encrypt\"\nkey = \"encrypt\"").faults.size() == 2);
}

TEST_CASE("paths of id, counts and filters that make no sense are refused") {
  const auto event = [](const std::string& toml) { return load(toml).faults; };
  CHECK(event("event.id = \"a[].b\"") ==
        lines{"FILE:1: event.id: \"a[].b\" may stand for many values; expects a path without [] "
              "and **"});
  CHECK(event("event.id = \"a..b\"") ==
        lines{"FILE:1: event.id: \"a..b\" is no path: it expects a name at byte 3"});
  CHECK(event("summary.count_by = [\"**.a\"]").size() == 1);
  CHECK(
      event("fields.user = \"pseudonym\"\nevent.id = \"user.id\"") ==
      lines{"FILE:2: event.id: \"user.id\" lies below user, which pseudonym replaces as a whole"});
  CHECK(event("fields.locale = \"drop\"\nsummary.count_by = [\"locale\"]") ==
        lines{"FILE:2: summary.count_by: \"locale\" is left out of outputs: there is nothing to "
              "count"});
  CHECK(event("summary.count_by = [\"a\", '\"a\"']").size() == 1);
  CHECK(event("filter.keep.\"a..b\" = [\"x\"]") ==
        lines{"FILE:1: filter.keep.\"a..b\": the path expects a name at byte 3"});
  CHECK(event("filter.keep.\"**.a\" = [\"x\"]") == lines{});
}

TEST_CASE("a filter's faults name its path") {
  const auto filter = [](const std::string& toml) {
    const auto faults = load("[filter]\n" + toml).faults;
    REQUIRE(faults.size() == 1);
    return faults.front();
  };
  CHECK(filter("keeep = { a = [\"x\"] }") ==
        "FILE:2: filter.keeep: unknown option; did you mean keep?; expects keep or drop");
  CHECK(filter("keep = [\"x\"]") ==
        "FILE:2: filter.keep: expects a table of paths and their values, not a list");
  CHECK(filter("keep = { a.b = [\"x\"] }") ==
        "FILE:2: filter.keep.a: expects a list of values, not a table; a path with points is "
        "quoted");
  CHECK(filter("keep = { a = [\"x\", \"x\"] }") == "FILE:2: filter.keep.a: \"x\" is given twice");
  CHECK(filter("keep = { a = [\"\"] }") == "FILE:2: filter.keep.a: has an empty item");
  CHECK(filter("keep = { a = [[1]] }") ==
        "FILE:2: filter.keep.a: expects a string, a number or a boolean, not a list");
}

TEST_CASE("headers and keys have rules of methods only") {
  CHECK(load("headers.x = { required = true }").faults ==
        lines{"FILE:1: headers.x.required: goes with the rules of [fields] only"});
  CHECK(load("headers.turnstile-origin = \"drop\"").faults ==
        lines{"FILE:1: headers.turnstile-origin: is a header of the worker's own"});
  CHECK(load("key = 1").faults ==
        lines{"FILE:1: key: expects a method or a table of attributes, not the integer 1"});
}

TEST_CASE("an unknown preset is refused, and a table with a misspelled name") {
  CHECK(load("event.preset = \"splunk\"").faults ==
        lines{"FILE:1: event.preset: \"splunk\" is not one of login, none"});
  CHECK(load("field.ip = \"drop\"").faults ==
        lines{"FILE:1: field.ip: unknown option; did you mean fields?"});
  CHECK(set_fault("fields.ip={ method = ")
            .starts_with("command line (--set): fields.ip: \"{ method = \" is not valid TOML"));
}

TEST_CASE("an option of before is refused with what says the same now") {
  CHECK(load("[filter]\napp_versions = [\"2.3.0\"]").faults ==
        lines{"FILE:2: filter.app_versions: is now filter.keep.app_version"});
  CHECK(load("[input]\nunknown_fields = \"drop\"\ntimestamp_units = \"seconds\"").faults ==
        lines{"FILE:2: input.unknown_fields: is now event.unknown",
              "FILE:3: input.timestamp_units: is now fields.timestamp.units"});
  CHECK(load("[input.missing]\nip = \"default:0\"").faults ==
        lines{"FILE:2: input.missing.ip: is now fields.ip.default, without default: before the "
              "value"});
  CHECK(set_fault("output.timestamp_format=rfc3339") ==
        "command line (--set): output.timestamp_format: is now fields.timestamp.output");
  CHECK(load("", {}, {{"TURNSTILE_FILTER_APP_VERSIONS", "1"}}).faults ==
        lines{"environment variable TURNSTILE_FILTER_APP_VERSIONS: is now "
              "filter.keep.app_version: set TURNSTILE_FILTER_KEEP"});
}

TEST_CASE("all faults of the rules are found in one go") {
  CHECK(faults_of("a = \"x\"\nb = { digits = 1 }\n\"c..d\" = \"drop\"").size() == 3);
}

}  // namespace turnstile::core
