#include "core/quoting.hpp"

#include <string>

#include <doctest/doctest.h>

namespace turnstile::core {

TEST_CASE("quotes, backslashes and control characters are escaped") {
  CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quoted("\n\r\t") == R"("\n\r\t")");
  CHECK(quoted(std::string("\0\x1b\x7f", 3)) == R"("\u0000\u001b\u007f")");
}

TEST_CASE("what a terminal would obey is escaped although it is valid UTF-8") {
  CHECK(quoted("\xc2\x9b") == R"("\u009b")");
  CHECK(quoted("\xd8\x9c") == R"("\u061c")");
  CHECK(quoted("\xe2\x80\xae") == R"("\u202e")");
  CHECK(quoted("\xe2\x80\xa8") == R"("\u2028")");
  CHECK(quoted("\xef\xbb\xbf") == R"("\ufeff")");
}

TEST_CASE("text of any language stays as it is") {
  CHECK(quoted("grüße 世界 🎫") == "\"grüße 世界 🎫\"");
  CHECK(printable("grüße \"世界\"") == "grüße \"世界\"");
}

TEST_CASE("each byte that is no UTF-8 becomes a replacement character") {
  const std::string replacement = "\xef\xbf\xbd";
  CHECK(printable("a\xff"
                  "b") == "a" + replacement + "b");
  CHECK(printable("\xc3") == replacement);
  CHECK(printable("\xc0\xaf") == replacement + replacement);
  CHECK(printable("\xed\xa0\x80") == replacement + replacement + replacement);
  CHECK(printable("\xf4\x90\x80\x80").size() == 4 * replacement.size());
}

TEST_CASE("valid UTF-8 is told from invalid") {
  for (const auto* good : {"", "a", "ü", "世", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
    CHECK(is_valid_utf8(good));
  for (const auto* bad : {"\x80", "\xc1\x81", "\xe0\x80\x80", "\xe4\xb8", "\xf5\x80\x80\x80",
                          "\xed\xbf\xbf", "a\xfe"})
    CHECK_FALSE(is_valid_utf8(bad));
}

TEST_CASE("long values are cut between characters") {
  CHECK(quoted_short("abc", 3) == "\"abc\"");
  CHECK(quoted_short("abcd", 3) == "\"abc\"…");
  CHECK(quoted_short("abü", 3) == "\"ab\"…");
}

}  // namespace turnstile::core
