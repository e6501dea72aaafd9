#include "app/terminal/event_table.hpp"

#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "app/terminal/text_width.hpp"

namespace turnstile::app {
namespace {

// Standard output of a test is no terminal: no colours.
std::string table(const std::string& before, const std::string& after, std::size_t width = 80) {
  return event_table({"in/0/1", before}, {"out/0/2", after}, width, painter{stdout});
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST_CASE("a field is a line, and a sign marks what changed") {
  const auto text = table(R"({"ip": "8.8.8.8", "locale": "KS", "n": {"a": 1}})",
                          R"({"ip":"abc","locale":"KS","n":{"a":1}})");
  CAPTURE(text);
  const std::string blanks(28, ' ');
  CHECK(text.find("in/0/1") < text.find("out/0/2"));
  CHECK(has_line(text, "  * ip      8.8.8.8" + blanks + "abc"));
  CHECK(has_line(text, "    locale  KS     " + blanks + "KS"));
  CHECK(text.find("    n       {\"a\":1}") != std::string::npos);
}

TEST_CASE("what is new and what is gone have signs of their own") {
  const auto text = table(R"({"a":1,"secret":"s"})", R"({"a":1,"reason":"r"})");
  CAPTURE(text);
  CHECK(text.find("  + reason") != std::string::npos);
  CHECK(has_line(text, "  - secret  s"));
}

TEST_CASE("the event within an error record is compared field by field") {
  const auto text = table(
      R"({"ip":"8.8.8.8","locale":"KS","timestamp":1})",
      R"({"reason":"r","message_content":{"ip":"abc","locale":"KS","timestamp":1},"timestamp":"now"})");
  CAPTURE(text);
  CHECK(has_line(text, "  + message_content"));
  CHECK(text.find("  + timestamp ") != std::string::npos);
  CHECK(text.find("  *   ip             8.8.8.8") != std::string::npos);
  CHECK(text.find("      locale") != std::string::npos);
  CHECK(text.find("  - ") == std::string::npos);
}

TEST_CASE("no line is wider than the terminal, whatever the records hold") {
  const std::string big(300, 'x');
  const std::string wide = "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac";
  for (const std::size_t width :
       {std::size_t{40}, std::size_t{60}, std::size_t{80}, std::size_t{200}}) {
    for (const auto& before : {std::string{"{}"}, "{\"" + big + "\":\"" + big + "\"}", big,
                               "{\"" + wide + wide + wide + "\":\"" + wide + wide + wide + "\"}"}) {
      for (const auto& after :
           {std::string{"{}"}, "{\"" + big + "\":\"" + wide + big + "\"}", big}) {
        std::istringstream lines{table(before, after, width)};
        for (std::string line; std::getline(lines, line);) {
          CAPTURE(line);
          CHECK(columns(line) <= width);
        }
      }
    }
  }
}

TEST_CASE("what is no JSON object is one line of text") {
  const auto text = table("a\nb", R"({"reason":"invalid_json"})");
  CHECK(text.find("  * value  a\\nb") != std::string::npos);
}

}  // namespace
}  // namespace turnstile::app
