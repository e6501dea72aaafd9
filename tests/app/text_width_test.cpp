#include "app/terminal/text_width.hpp"

#include <string>

#include <doctest/doctest.h>

namespace turnstile::app {
namespace {

TEST_CASE("columns are counted, not bytes: wide characters take two") {
  CHECK(columns("") == 0);
  CHECK(columns("abc") == 3);
  CHECK(columns("\xc3\xa4…█") == 3);
  CHECK(columns("\xe6\x97\xa5\xf0\x9f\x98\x80") == 4);
}

TEST_CASE("what does not fit is cut between characters, with a sign in the last column") {
  CHECK(fitted("abcde", 5) == "abcde");
  CHECK(fitted("abcdef", 5) == "abcd…");
  CHECK(fitted("\xc3\xa4\xc3\xa4\xc3\xa4", 2) == "\xc3\xa4…");
  CHECK(fitted("\xe6\x97\xa5\xe6\x97\xa5", 3) == "\xe6\x97\xa5…");
  CHECK(fitted("\xe6\x97\xa5\xe6\x97\xa5", 2) == "…");
  CHECK(fitted("abc", 1) == "…");
  CHECK(fitted("abc", 0).empty());
}

TEST_CASE("blanks fill up to a width, and never cut") {
  CHECK(padded("…", 3) == "…  ");
  CHECK(padded("abcd", 3) == "abcd");
}

}  // namespace
}  // namespace turnstile::app
