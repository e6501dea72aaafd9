#include "app/watch/summary_fold.hpp"

#include <string>

#include <doctest/doctest.h>

#include "app/terminal/text_width.hpp"

namespace turnstile::app {
namespace {

constexpr std::int64_t written_ms = 1729894460000;

std::string summary(const std::string& worker, int sequence, int processed,
                    const std::string& locales) {
  const std::string counts = "\"processed_count\":" + std::to_string(processed) +
                             ",\"filtered_record_count\":2,\"error_count\":3,\"received_count\":" +
                             std::to_string(processed + 5) + ",\"locale_counts\":{" + locales + "}";
  return "{" + counts + ",\"worker\":\"" + worker + "\",\"sequence\":" + std::to_string(sequence) +
         ",\"window\":{" + counts + "},\"covers\":{},\"timestamp\":\"2024-10-25 22:14:20\"}";
}

bool add(summary_fold& to, const std::string& value) {
  return to.add({.timestamp_ms = written_ms, .value = value});
}

std::string text_of(const summary_fold& fold, std::size_t width = 80, std::size_t lines = 24) {
  std::string text;
  for (const auto& line : fold.picture(width, lines, written_ms + 5000, painter{stdout}))
    text += line + "\n";
  return text;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the windows of all workers add up, and one that comes again counts once") {
  summary_fold fold;
  CHECK(add(fold, summary("a", 1, 100, "\"DE\":60,\"US\":40")));
  CHECK(add(fold, summary("b", 1, 100, "\"DE\":100")));
  CHECK_FALSE(add(fold, summary("b", 1, 100, "\"DE\":100")));
  CHECK(add(fold, summary("a", 2, 100, "\"DE\":100")));
  CHECK(fold.summaries() == 3);
  CHECK(fold.as_json() ==
        R"({"workers":2,"summaries":3,"last":"2024-10-25T22:14:20.000Z","received_count":315,)"
        R"("processed_count":300,"filtered_record_count":6,"error_count":9,)"
        R"("locale_counts":{"DE":260,"US":40}})");
}

TEST_CASE("what is no summary is passed over") {
  summary_fold fold;
  for (const auto* value : {"", "{}", "[]", "{\"worker\":\"a\",\"sequence\":1}"})
    CHECK_FALSE(add(fold, value));
  CHECK_FALSE(fold.add({}));
  CHECK(fold.summaries() == 0);
}

TEST_CASE("the picture has totals with their shares, and bars of each field, the longest first") {
  summary_fold fold;
  (void)add(fold, summary("a", 1, 100, "\"US\":25,\"DE\":75"));
  const auto text = text_of(fold);
  CHECK(contains(text, "1 summary of 1 worker, the last one 5 s ago\n"));
  CHECK(contains(text, "  received   105  100.0 %  ██"));
  CHECK(contains(text, "  processed  100   95.2 %  ██"));
  CHECK(contains(text, "locale\n  DE          75   75.0 %  ██"));
  CHECK(text.find("  DE ") < text.find("  US "));
}

TEST_CASE("whatever values are called, a line fits and moves no cursor") {
  summary_fold fold;
  std::string locales = R"("\u001b[2J":1,"\u009b31m":1,"\u202e":1,"":1)";
  for (int i = 0; i < 100; ++i)
    locales += ",\"" + std::string(60, 'x') + std::to_string(i) + "\":2";
  (void)add(fold, summary("a", 1, 204, locales));
  for (const std::size_t width : {30U, 80U, 200U})
    for (const std::size_t lines : {1U, 5U, 10U, 200U}) {
      const auto drawn = fold.picture(width, lines, written_ms, painter{stdout});
      CHECK(drawn.size() <= lines);
      for (const auto& line : drawn) {
        CHECK(columns(line) <= width);
        for (const auto* bad : {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\n"})
          CHECK_FALSE(contains(line, bad));
      }
    }
  CHECK_FALSE(contains(fold.as_json(), "\x1b"));
  CHECK(contains(text_of(fold, 80, 12), "locale, most of 104 values\n"));
}

TEST_CASE("values beyond the bound count together") {
  summary_fold fold;
  std::string locales;
  for (std::size_t i = 0; i < summary_fold::names_max + 3; ++i)
    locales += std::string(i == 0 ? "" : ",") + "\"" + std::to_string(i) + "\":1";
  (void)add(fold, summary("a", 1, static_cast<int>(summary_fold::names_max) + 3, locales));
  CHECK(contains(fold.as_json(), "\"(other)\":3"));
}

}  // namespace turnstile::app
