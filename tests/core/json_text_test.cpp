#include "core/json_text.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace turnstile::core;

namespace {

std::string compact(std::string_view json) {
  std::string out(json.size(), '#');
  out.resize(static_cast<std::size_t>(write_compact(out.data(), json) - out.data()));
  return out;
}

}  // namespace

TEST_CASE("well-formed UTF-8 at each boundary of its table has no fault") {
  for (const std::string_view c :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xec\xbf\xbf", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"})
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string text = std::string(before, 'a') + std::string(c) + "tail";
      CHECK(find_text_faults(text).invalid_utf8_at == text_faults::npos);
    }
}

TEST_CASE("malformed UTF-8 is found at its first byte wherever it stands") {
  for (const std::string_view c :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe1\x80",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xe1\x80\x41"})
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string at_end = std::string(before, 'a') + std::string(c);
      CHECK(find_text_faults(at_end).invalid_utf8_at == before);
      CHECK(find_text_faults(at_end + "tail").invalid_utf8_at == before);
    }
}

TEST_CASE("a character cut off by the end is malformed, whatever stands behind the end") {
  for (const std::string_view c : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    for (std::size_t cut = 1; cut < c.size(); ++cut)
      CHECK(find_text_faults(c.substr(0, cut)).invalid_utf8_at == 0);
}

TEST_CASE("control characters are faults at every position, blanks are none") {
  for (int c = 0; c < 0x20; ++c)
    for (std::size_t before = 0; before < 20; ++before) {
      const bool blank = c == '\t' || c == '\n' || c == '\r';
      const std::string text = std::string(before, 'a') + static_cast<char>(c) + "0123456789";
      CHECK(find_text_faults(text).control_at == (blank ? text_faults::npos : before));
    }
}

TEST_CASE("the first control character is told, and invalid UTF-8 behind it as well") {
  const text_faults faults = find_text_faults(
      "ab\x01\x02"
      "cdefghijk\xff");
  CHECK(faults.control_at == 2);
  CHECK(faults.invalid_utf8_at == 13);
}

TEST_CASE("compacting takes blanks between tokens and no byte of a token") {
  CHECK(compact("{ \"a b\" :\t[ 1 ,\r\n 2.50 , {} ] }") == R"({"a b":[1,2.50,{}]})");
  CHECK(compact(R"({"q\"  \\" : "  \\\" "})") == R"({"q\"  \\":"  \\\" "})");
  CHECK(compact("[\"\"  ,  \"\"]") == R"(["",""])");
}

TEST_CASE("a string ends at its first quote that is not escaped") {
  const std::string_view json = R"("a\\\"b\\" : 1)";
  CHECK(json_string_end(json, 1) == json.find(" :"));
}
