#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "app/shell/completion.hpp"
#include "app/shell/man_page.hpp"

namespace turnstile::app {
namespace {

/// Words that mean something to each of the shells, and to roff.
const program_words hostile{
    .about = ".so /etc/passwd\n'br\na\\b\n",
    .options = {{.names = {"--help", "-h"}, .about = "Help"}},
    .commands = {
        {.name = "do",
         .about = "It's $(one) [thing]: a\\b",
         .options =
             {{.names = {"--at"}, .value = "HOST:PORT", .about = "It's `at` [a]: \\place. More"},
              {.names = {"--as"}, .value = "WORD", .choices = {"x", "y"}},
              {.names = {"place"}, .value = "FILE", .about = ".Where", .is_positional = true}},
         .footer = ".nothing\n\nlast"}}};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what a help says is quoted for each shell") {
  const auto zsh = completion_script("zsh", hostile, {"a.b"});
  CHECK(contains(zsh, R"('do:It'\''s $(one) [thing]: a\b')"));
  CHECK(contains(zsh, R"('(--at)--at[It'\''s `at` \[a\]\: \\place]:HOST\:PORT: ')"));
  CHECK(contains(zsh, "'(--as)--as[]:WORD:(x y)'"));
  CHECK(contains(zsh, "':FILE:_files'"));
  const auto fish = completion_script("fish", hostile, {"a.b"});
  CHECK(contains(fish, R"(-a do -d 'It\'s $(one) [thing]: a\\b')"));
  CHECK(contains(fish, "-l as -x -a 'x y'"));
  const auto bash = completion_script("bash", hostile, {"a.b"});
  CHECK(contains(bash, "_turnstile_settings='a.b='"));
  CHECK(contains(bash, "*:--as) words='x y' ;;"));
  CHECK(contains(bash, "*:--at) return ;;"));
}

TEST_CASE("an option that means different things in two commands is completed by command") {
  program_words two{
      .commands = {
          {.name = "one", .options = {{.names = {"--from"}, .value = "W", .choices = {"x"}}}},
          {.name = "two", .options = {{.names = {"--from"}, .value = "FILE"}}}}};
  const auto bash = completion_script("bash", two, {});
  CHECK(contains(bash, "    one:--from) words='x' ;;"));
  CHECK(contains(bash, "    two:--from) _turnstile_paths -f && return ;;"));
}

TEST_CASE("no text of a help is a request or an escape in the manual page") {
  const auto page = man_page(hostile, "1.0");
  for (const auto* request : {"\n.so", "\n'br", "\n.Where", "\n.nothing"})
    CHECK_FALSE(contains(page, request));
  CHECK(contains(page, "\\&.so /etc/passwd\n\\&'br\na\\eb\n"));
  CHECK(contains(page, "\\fB\\-\\-at\\fR \\fIHOST:PORT\\fR"));
  CHECK(contains(page, "One of x, y."));
}

}  // namespace turnstile::app
