#include "audit/saved/saved_audit.hpp"

#include <string>

#include <doctest/doctest.h>

#include "audit/report.hpp"
#include "model.hpp"

namespace turnstile::audit {
namespace {

using testing::good;
using testing::model;

/// A moving audit in memory; the first outputs and summaries come first.
struct moving_audit {
  auditor audited;
  summary_audit told{audited};
  lag_clock clock{60'000};
  read_positions positions;

  explicit moving_audit(const std::string& topic = "user-login", std::int32_t outputs = 3)
    : audited{{topic, layout(outputs), testing::every, false},
              {testing::first_offset, testing::first_offset, testing::first_offset}} {
    for (auto& of_topic : positions.outputs) of_topic.assign(static_cast<std::size_t>(outputs), 0);
    positions.summaries = {0};
  }

  static core::topic_layout layout(std::int32_t outputs) {
    return {.input_partitions = testing::partitions, .partitions = {outputs, outputs, outputs, 1}};
  }

  void feed(const model& from, std::size_t begin, std::size_t end) {
    for (std::int32_t p = 0; p < testing::partitions; ++p) {
      audited.extend(p, testing::last_end, testing::last_end);
    }
    for (std::size_t n = begin; n < end; ++n) {
      const auto& output = from.outputs[n];
      std::vector<core::header_view> headers;
      for (const auto& [name, value] : output.headers) headers.push_back({name, value});
      audited.add_output({output.where, output.partition, 0, "key", headers});
    }
  }

  void summarise(const model& from, std::size_t begin, std::size_t end) {
    for (std::size_t n = begin; n < end; ++n) {
      told.add(0, 0, from.summaries[n].key, from.summaries[n].text());
    }
  }

  [[nodiscard]] std::string save() const {
    return saved_audit::save(audited, told, clock, positions);
  }
  [[nodiscard]] std::string report() const {
    return to_json(make_report(audited, told.figures_now(), {}));
  }
};

moving_audit restored(const std::string& text) {
  moving_audit next;
  const auto fault =
      saved_audit::restore(text, next.audited, next.told, next.clock, next.positions);
  REQUIRE_FALSE(fault);
  return next;
}

}  // namespace

TEST_CASE("a restart anywhere changes nothing of the verdict") {
  auto from = good();
  from.outputs.insert(from.outputs.begin() + 40, from.outputs[20]);
  from.outputs.erase(from.outputs.begin() + 90);
  from.set_header(fate::error, "turnstile-reason", "bad");
  for (const std::size_t nth : {1U, 2U, 2U}) {
    auto redriven = from.outputs[from.find(fate::error, nth)];
    redriven.where = fate::processed;
    redriven.headers.emplace_back("turnstile-redrive", "processed-errors/1/7");
    from.outputs.push_back(redriven);
  }
  for (std::size_t cut = 0; cut <= from.outputs.size(); cut += 20) {
    CAPTURE(cut);
    moving_audit whole;
    whole.feed(from, 0, from.outputs.size());
    moving_audit first;
    first.feed(from, 0, cut);
    auto second = restored(first.save());
    second.feed(from, cut, from.outputs.size());
    const auto counts = [](const moving_audit& m) {
      return make_report(m.audited, m.told.figures_now(), {}).counts;
    };
    CHECK(counts(second).by_fate == counts(whole).by_fate);
    CHECK(counts(second).open == counts(whole).open);
    CHECK(counts(second).redriven == 2);
    CHECK(second.audited.repeats() == whole.audited.repeats());
    CHECK(second.audited.reasons() == whole.audited.reasons());
    for (std::size_t k = 0; k < fault_count; ++k) {
      const auto kind = static_cast<fault>(k);
      CHECK(second.audited.faults().count(kind) == whole.audited.faults().count(kind));
    }
  }
}

TEST_CASE("a worker's summaries go on where they were") {
  const auto from = good();
  for (std::size_t cut = 0; cut <= from.summaries.size(); ++cut) {
    CAPTURE(cut);
    moving_audit first;
    first.feed(from, 0, from.outputs.size());
    first.summarise(from, 0, cut);
    auto second = restored(first.save());
    second.summarise(from, cut, from.summaries.size());
    CHECK(second.audited.faults().total() == 0);
    CHECK(second.told.figures_now().uncovered == 0);
    CHECK(second.told.figures_now().windows_compared ==
          static_cast<std::int64_t>(from.summaries.size()));
  }
}

TEST_CASE("what is accounted for and covered is saved as counts, so that the state stays small") {
  const auto from = good();
  moving_audit done;
  done.feed(from, 0, from.outputs.size());
  done.summarise(from, 0, from.summaries.size());
  const auto next = restored(done.save());
  for (const auto& ledger : next.audited.ledgers()) {
    CHECK(ledger.map().low() == testing::last_end);
  }
  CHECK(make_report(next.audited, next.told.figures_now(), {}).counts.inputs() == 180);
}

TEST_CASE("an output that comes again after its input was dropped is a repeat") {
  const auto from = good();
  moving_audit done;
  done.feed(from, 0, from.outputs.size());
  done.summarise(from, 0, from.summaries.size());
  auto next = restored(done.save());
  next.feed(from, 5, 6);
  CHECK(next.audited.faults().count(fault::repeated) == 1);
}

TEST_CASE("marks, positions and times are kept") {
  moving_audit first;
  first.clock.add(1000, {10, 20, 30});
  first.clock.add(70'000, {11, 21, 31});
  first.positions.outputs[1][2] = 77;
  first.positions.summaries[0] = 5;
  const auto next = restored(first.save());
  CHECK(next.clock.due_end(61'000, 1) == 20);
  CHECK(next.clock.due_end(130'000, 1) == 21);
  CHECK(next.positions.outputs[1][2] == 77);
  CHECK(next.positions.summaries[0] == 5);
}

TEST_CASE("a state that is none, or of other topics, is refused with a reason") {
  const auto from = good();
  moving_audit saved;
  saved.feed(from, 0, 60);
  const std::string text = saved.save();
  const auto refusal = [](const std::string& given, moving_audit to = moving_audit{}) {
    return saved_audit::restore(given, to.audited, to.told, to.clock, to.positions);
  };
  CHECK(refusal("") == "it is no JSON");
  CHECK(refusal(text.substr(0, text.size() / 2)) == "it is no JSON");
  CHECK(refusal("{}").has_value());
  CHECK(refusal("[]").has_value());
  CHECK(refusal(R"({"version":1})") == "it is of another version");
  CHECK(refusal(text, moving_audit{"logins"}) == "it is of another input topic");
  CHECK(refusal(text, moving_audit{"user-login", 4}).has_value());
  auto marks = text;
  marks.replace(marks.find(R"("marks":[)"), std::string::npos, R"("marks":1})");
  CHECK(refusal(marks).has_value());
  CHECK_FALSE(refusal(text).has_value());
}

TEST_CASE("a state with a wrong value anywhere is refused, and takes neither time nor memory") {
  moving_audit saved;
  const auto from = good();
  saved.feed(from, 0, 60);
  saved.summarise(from, 0, from.summaries.size() / 2);
  saved.clock.add(1000, {10, 20, 30});
  const std::string text = saved.save();
  const auto with = [&text](const std::string& key, const std::string& value) {
    auto changed = text;
    const auto at = changed.find("\"" + key + "\":");
    REQUIRE(at != std::string::npos);
    return changed.insert(at, "\"" + key + "\":" + value + ",");
  };
  const auto is_refused = [](const std::string& given) {
    moving_audit to;
    return saved_audit::restore(given, to.audited, to.told, to.clock, to.positions).has_value();
  };
  REQUIRE_FALSE(is_refused(text));
  for (const char* key : {"marks", "workers", "faults", "ledgers", "topics", "figures", "low",
                          "missing", "runs", "covers", "dropped", "counts"}) {
    CAPTURE(key);
    CHECK(is_refused(with(key, "5")));
  }
  CHECK(is_refused(with("runs", "[[9000000000000000000,1]]")));
  CHECK(is_refused(with("low", "9223372036854775807")));
  CHECK(is_refused(with("covers", "[[0,1,9000000000000000000]]")));
}

TEST_CASE("no state asks for more than the bounds, each and in sum") {
  moving_audit saved;
  const std::string text = saved.save();
  const auto restored_with = [&text](const std::string& key, const std::string& value) {
    auto changed = text;
    const auto at = changed.find("\"" + key + "\":");
    REQUIRE(at != std::string::npos);
    changed.insert(at, "\"" + key + "\":" + value + ",");
    moving_audit to;
    return !saved_audit::restore(changed, to.audited, to.told, to.clock, to.positions).has_value();
  };
  const auto runs = [](std::int64_t size, int times) {
    std::string all = "[";
    for (int n = 0; n < times; ++n) {
      all += (n == 0 ? "[" : ",[") + std::to_string(size) + ",5]";
    }
    return all + "]";
  };
  // Small ones, so that the test needs no memory: the bound of the sum is that of one.
  CHECK(restored_with("runs", runs(1000, 1000)));
  CHECK_FALSE(restored_with("runs", runs(saved_audit::offsets_max + 1, 1)));
  CHECK_FALSE(restored_with("runs", runs(0, 1)));
  CHECK_FALSE(restored_with("runs", "[[10,5],[1000000000,5]]"));
  CHECK_FALSE(restored_with("runs", "[[1,16]]"));
  CHECK(restored_with("covers", "[[100,110,1000000000],[110,120,1]]"));
  CHECK_FALSE(restored_with("covers", "[[100,110,1],[100,110,1]]"));
  CHECK_FALSE(restored_with("covers", "[[100,110,1000000001]]"));
  CHECK_FALSE(restored_with("covers", "[[9223372036854775807,-9223372036854775808,5]]"));
  CHECK_FALSE(restored_with("counts", "[0,0,-1]"));
  CHECK_FALSE(restored_with("counts", "[0,0,1000000000000001]"));
  CHECK_FALSE(restored_with("summary_positions", "[9223372036854775807]"));
}

TEST_CASE("a restart forgets no key, and a state without keys is not gone on with") {
  const auto begun = [](bool keys) {
    return auditor{{.input_topic = "user-login",
                    .layout = moving_audit::layout(3),
                    .summary_every = testing::every,
                    .keys = keys,
                    .keys_expected = true},
                   {testing::first_offset, testing::first_offset, testing::first_offset}};
  };
  auto from = good();
  for (std::size_t n = 0; n < from.outputs.size(); ++n)
    if (n % 7 != 0) from.outputs[n].headers.emplace_back("turnstile-key", n % 2 == 0 ? "a" : "b");
  moving_audit whole;
  whole.audited = begun(true);
  whole.feed(from, 0, from.outputs.size());
  moving_audit first;
  first.audited = begun(true);
  first.feed(from, 0, from.outputs.size() / 2);
  const std::string text = first.save();
  moving_audit second;
  second.audited = begun(true);
  const auto refusal = [&second](const std::string& state) {
    return saved_audit::restore(state, second.audited, second.told, second.clock, second.positions);
  };
  REQUIRE_FALSE(refusal(text));
  second.feed(from, from.outputs.size() / 2, from.outputs.size());
  CHECK(second.report() == whole.report());
  CHECK(whole.report().find("\"key_mixed\"") != std::string::npos);
  CHECK(refusal(moving_audit{}.save()) == "it was begun without --keys");
  moving_audit without;
  CHECK_FALSE(
      saved_audit::restore(text, without.audited, without.told, without.clock, without.positions));
}

TEST_CASE("a state may be nested as deeply as it likes, and be as large") {
  const std::string nested(2'000'000, '[');
  moving_audit to;
  const auto refusal = [&to](const std::string& text) {
    return saved_audit::restore(text, to.audited, to.told, to.clock, to.positions);
  };
  CHECK(refusal(nested) == "it is no JSON");
  CHECK(refusal(nested + std::string(nested.size(), ']')).has_value());
  CHECK_FALSE(saved_audit::starts_in(nested).has_value());
  CHECK_FALSE(saved_audit::starts_in(R"({"starts":[-5]})").has_value());
  const std::string large(saved_audit::bytes_max + 1, ' ');
  CHECK(refusal(large) == "it is larger than any that is saved");
  CHECK_FALSE(saved_audit::starts_in(large).has_value());
}

TEST_CASE("an input is due once it was seen as long ago as the bound says, not earlier") {
  lag_clock clock{60'000};
  CHECK(clock.due_end(1'000'000, 0) == 0);
  clock.add(1000, {100});
  clock.add(31'000, {200});
  CHECK(clock.due_end(60'999, 0) == 0);
  CHECK(clock.due_end(61'000, 0) == 100);
  CHECK(clock.due_end(91'000, 0) == 200);
  for (std::int64_t n = 0; n < 5000; ++n) clock.add(91'000 + n, {201 + n});
  CHECK(clock.marks().size() <= lag_clock::marks_max);
  CHECK(clock.due_end(91'000, 0) <= 200);
  CHECK(clock.due_end(200'000, 0) == 5200);
}

}  // namespace turnstile::audit
