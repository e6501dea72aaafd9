#include "app/terminal/terminal.hpp"

#include <string>

#include <doctest/doctest.h>

#include "app/terminal/text_width.hpp"

namespace turnstile::app {
namespace {

TEST_CASE("progress is one line of the terminal, from 20 columns on") {
  for (const std::size_t width :
       {std::size_t{20}, std::size_t{40}, std::size_t{60}, std::size_t{80}}) {
    for (const std::uint64_t done : {std::uint64_t{0}, std::uint64_t{12'345'678}}) {
      CAPTURE(width);
      CHECK(columns(progress_text("passed", done, 20'000'000, 3, width)) < width);
    }
  }
}

TEST_CASE("progress fills its bar, which grows with the terminal, and never beyond") {
  CHECK(progress_text("sent", 1, 2, 1, 80) == "sent  ████████████············  1 of 2  1/s");
  CHECK(progress_text("sent", 3, 2, 1, 60).find("·") == std::string::npos);
  CHECK(progress_text("sent", 1, 2, 1, 30) == "sent  █████·····  1 of 2  1/s");
  CHECK(progress_text("sent", 0, 0, 0, 80).find("·") == std::string::npos);
}

}  // namespace
}  // namespace turnstile::app
