#include <vector>

#include <doctest/doctest.h>

#include "app/redrive/dead_letter.hpp"
#include "app/redrive/error_progress.hpp"
#include "app/redrive/redrive_args.hpp"
#include "app/redrive/redrive_notes.hpp"
#include "app/redrive/redrive_tally.hpp"

namespace turnstile::app {

TEST_CASE("attempts are counted for each error record, and come back from their text") {
  attempt_counts counts;
  const std::vector<std::int64_t> failed{10, 11, 12, 40, 11, 11, 13, 1'000'000'000'000};
  for (const auto offset : failed) counts.add(offset);
  const auto back = attempt_counts::of(counts.text(note_bytes_max));
  REQUIRE(back);
  for (const auto& of : {counts, *back}) {
    CHECK(of.at(9) == 0);
    CHECK(of.at(10) == 1);
    CHECK(of.at(11) == 3);
    CHECK(of.at(12) == 1);
    CHECK(of.at(13) == 1);
    CHECK(of.at(14) == 0);
    CHECK(of.at(1'000'000'000'000) == 1);
  }
  CHECK(counts.text(note_bytes_max) == "10,0*3,0-2,26,999999999959");
  counts.forget_below(12);
  CHECK(counts.at(11) == 0);
  CHECK(counts.at(13) == 1);
}

TEST_CASE("attempts of very many error records are forgotten from those tried least") {
  attempt_counts counts;
  counts.add(-2);
  counts.add(-2);
  const auto most = static_cast<std::int64_t>(attempt_counts::runs_max) - 1;
  for (std::int64_t n = 0; n < most; ++n) counts.add(2 * n);
  CHECK(counts.at(0) == 1);
  counts.add(2 * most);
  CHECK(counts.at(0) == 0);
  CHECK(counts.at(2 * most) == 0);
  CHECK(counts.at(-2) == 2);
}

TEST_CASE("where there is too little room those that were tried least are forgotten") {
  redrive_note note{.selection = "abc", .end = 7, .attempts = {}};
  for (std::int64_t offset = 0; offset < 20'000; offset += 2) note.attempts.add(offset);
  CHECK(note.text().size() <= note_bytes_max);
  note.attempts.add(4000);
  const auto back = redrive_note::of(note.text());
  REQUIRE(back);
  CHECK(note.text().size() <= note_bytes_max);
  CHECK(back->attempts.at(4000) == 2);
  CHECK(back->attempts.at(4002) == 0);
}

TEST_CASE("a note of anybody else is none") {
  CHECK(redrive_note::of("1 abc 7 "));
  for (const auto* text :
       {"", "7", "2 abc 7 ", "1 abc", "1 abc x ", "1 abc -1 ", "1  7 ", "1 abc 7 5*x",
        "1 abc 7 5-x", "1 abc 7 99999999999999999999", "1 abc 7 4611686018427387904"}) {
    CAPTURE(text);
    CHECK_FALSE(redrive_note::of(text));
  }
}

TEST_CASE("the position stays behind what is not done, in whatever order that is") {
  error_progress progress;
  progress.set_read_to(100);
  CHECK(progress.position() == 100);
  const auto first = progress.add(3);
  const auto second = progress.add(5);
  const auto third = progress.add(90);
  progress.done(second);
  CHECK(progress.position() == 3);
  progress.done(first);
  CHECK(progress.position() == 90);
  progress.done(third);
  CHECK(progress.position() == 100);
}

TEST_CASE("a selection is the same whatever the order of its parts, and another one is not") {
  redrive_args args{.reasons = {"bad_value", "bad_timestamp"}, .offsets = {{1, 0, 5}, {0, 0, 5}}};
  const auto id = selection_id(args);
  args.reasons = {"bad_timestamp", "bad_value", "bad_value"};
  args.offsets = {{0, 0, 5}, {1, 0, 5}};
  args.attempts_max = 7;
  CHECK(selection_id(args) == id);
  args.since_s = 0;
  CHECK(selection_id(args) != id);
  args.since_s.reset();
  args.until_s = 0;
  CHECK(selection_id(args) != id);
}

TEST_CASE("an input is selected by reason, time and offset") {
  const redrive_args args{
      .reasons = {"bad_value"}, .since_s = 10, .until_s = 20, .offsets = {{2, 5, 8}}};
  CHECK(selects(args, "bad_value", 10'000, 2, 5));
  CHECK(selects(args, "bad_value", 19'999, 2, 7));
  CHECK_FALSE(selects(args, "bad_timestamp", 10'000, 2, 5));
  CHECK_FALSE(selects(args, "bad_value", 9'999, 2, 5));
  CHECK_FALSE(selects(args, "bad_value", 20'000, 2, 5));
  CHECK_FALSE(selects(args, "bad_value", 10'000, 1, 5));
  CHECK_FALSE(selects(args, "bad_value", 10'000, 2, 8));
  CHECK(selects({}, "(other)", -1, 0, 0));
}

TEST_CASE("an error record names its input, and what is none is told by why") {
  const auto parsed = [](const std::vector<core::header_view>& headers) {
    return dead_letter_of({.offset = 4, .key = "k", .headers = headers}, 1, "in");
  };
  const auto why = [&](const std::vector<core::header_view>& headers) {
    return std::get<left_why>(parsed(headers));
  };
  const auto good = parsed({{"turnstile-origin", "in/3/17"},
                            {"turnstile-origin-timestamp", "1000"},
                            {"turnstile-reason", "bad_value"}});
  const auto& letter = std::get<dead_letter>(good);
  CHECK(letter.partition == 3);
  CHECK(letter.offset == 17);
  CHECK(letter.error_partition == 1);
  CHECK(letter.error_offset == 4);
  CHECK(letter.origin_ms == 1000);
  CHECK(letter.has_key);
  CHECK(reason_name(letter.reason) == "bad_value");
  CHECK(why({}) == left_why::no_origin);
  CHECK(why({{"turnstile-origin", "in/3"}}) == left_why::no_origin);
  CHECK(why({{"turnstile-origin", "in/3/1"}, {"turnstile-origin", "in/3/2"}}) ==
        left_why::no_origin);
  CHECK(why({{"turnstile-origin", "elsewhere/3/1"}}) == left_why::other_topic);
  const auto bare = parsed({{"turnstile-origin", "in/3/17"}, {"turnstile-reason", "typo"}});
  CHECK(std::get<dead_letter>(bare).origin_ms == dead_letter::not_told);
  CHECK(reason_name(std::get<dead_letter>(bare).reason) == "(other)");
}

TEST_CASE("a report says by the old reason what became of an input, and is complete or not") {
  redrive_tally tally;
  tally.selected = 4;
  tally.add(static_cast<std::uint8_t>(core::reason::bad_value), core::outcome::processed);
  tally.add(static_cast<std::uint8_t>(core::reason::bad_value), core::outcome::filtered);
  CHECK(tally.complete());
  CHECK(to_sentence(tally, {}) == "2 of 4 redriven (0.0 s)");
  tally.add_failed(static_cast<std::uint8_t>(core::reason::bad_value), core::reason::bad_value);
  tally.add_failed(other_reason, core::reason::too_large);
  CHECK_FALSE(tally.complete());
  CHECK(to_sentence(tally, {.dry_run = true}) ==
        "2 of 4 would be redriven, 2 would fail again (0.0 s)");
  CHECK(to_text(tally, {}) ==
        "was        processed  filtered  fails as before  now too_large\n"
        "bad_value          1         1                1              0\n"
        "(other)            0         0                0              1\n\n");
  tally = {};
  tally.leave(left_why::removed, [] { return std::string{"errors/0/1 of in/0/2"}; });
  CHECK_FALSE(tally.complete());
  CHECK(to_text(tally, {}) ==
        "LEFT removed: 1 (its input is no longer there: retention has removed it)\n"
        "     errors/0/1 of in/0/2\n");
  CHECK(to_json(tally, {}).find(R"("left":{"removed":1},"examples":{"removed":["errors/0/1)") !=
        std::string::npos);
}

}  // namespace turnstile::app
