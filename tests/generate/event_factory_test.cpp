#include "generate/event_factory.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "config/options.hpp"
#include "tests/support/login_transform.hpp"

namespace turnstile::generate {
namespace {

/// The worker's own judgement of one event.
class judge {
public:
  judge() : transform_(settings_, std::make_shared<event::pseudonymiser>()) {}

  [[nodiscard]] std::size_t value_bytes_max() const {
    return static_cast<std::size_t>(settings_.input.value_bytes_max);
  }

  std::string operator()(const generated_event& event) {
    core::record_batch batch;
    batch.layout = std::make_shared<core::topic_layout>();
    core::record_view in;
    in.key = event.key;
    in.value = event.value;
    in.headers = event.headers;
    transform_.apply(in, batch, 1729894460);
    if (!batch.failures.empty()) return std::string{core::name_of(batch.failures.front().reason)};
    return batch.outputs.front().result == core::outcome::processed ? "processed" : "filtered";
  }

private:
  core::settings settings_ = core::default_settings();
  tests::login_transform transform_;
};

event_mix mix_named(std::string_view text) {
  const auto parsed = parse_mix(text);
  REQUIRE(parsed.fault == "");
  return parsed.mix;
}

std::string text_of(const core::maybe_bytes& bytes) {
  return bytes ? std::string{*bytes} : "(null)";
}

TEST_CASE("each event of each preset ends as its kind says") {
  judge judged;
  for (const auto* preset : {"seed", "mixed", "good", "bad"}) {
    event_factory factory{mix_named(preset), 7, judged.value_bytes_max()};
    for (int i = 0; i < 5000; ++i) {
      const auto event = factory.next();
      const std::string end = judged(event);
      if (end != name_of(event.kind)) {
        CAPTURE(preset);
        CAPTURE(text_of(event.value).substr(0, 500));
        CHECK(end == name_of(event.kind));
      }
    }
  }
}

TEST_CASE("a padded event has the size that was asked for, and ends as its kind says") {
  judge judged;
  for (const auto* mix : {"good", "filtered=1", "missing_fields=1"}) {
    event_factory factory{mix_named(mix), 7, judged.value_bytes_max(), 2000};
    for (int i = 0; i < 100; ++i) {
      const auto event = factory.next();
      CHECK(event.value->size() == 2000);
      CHECK(judged(event) == name_of(event.kind));
    }
  }
}

TEST_CASE("an event of the real stream looks like the contract's example") {
  event_mix real = mix_named("seed");
  real.shares = {};
  real.shares[0] = 1;
  event_factory seed{real, 1, 1048576};
  std::size_t bytes = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto event = seed.next();
    REQUIRE(event.key);
    CHECK(event.key->size() == 36);
    CHECK(event.headers.empty());
    CHECK(event.value->find("\"app_version\": \"2.3.0\"") != std::string_view::npos);
    CHECK(event.value->find("\"timestamp\": 17298940") != std::string_view::npos);
    bytes += event.value->size();
  }
  CHECK(bytes / 1000 >= 205);
  CHECK(bytes / 1000 <= 220);
}

TEST_CASE("the default mix has the real stream's shares, and lacks only device_type") {
  event_factory factory{mix_named(""), 3, 1048576};
  by_kind<int> counts{};
  for (int i = 0; i < 100'000; ++i) {
    const auto event = factory.next();
    ++counts[static_cast<std::size_t>(event.kind)];
    if (event.kind == event_kind::missing_fields) {
      CHECK(event.value->find("device_type") == std::string_view::npos);
      CHECK(event.value->find("user_id") != std::string_view::npos);
    }
  }
  CHECK(std::abs(counts[static_cast<std::size_t>(event_kind::missing_fields)] - 5000) < 400);
  CHECK(std::abs(counts[static_cast<std::size_t>(event_kind::filtered)] - 400) < 120);
}

TEST_CASE("the mixed preset has every reason that a record can give") {
  event_factory factory{mix_named("mixed"), 3, 4096};
  std::set<event_kind> seen;
  for (int i = 0; i < 100'000; ++i) seen.insert(factory.next().kind);
  CHECK(seen.size() == event_kind_count);
}

TEST_CASE("the bad preset has no good event") {
  event_factory factory{mix_named("bad"), 3, 4096};
  for (int i = 0; i < 10'000; ++i) CHECK(reason_of(factory.next().kind).has_value());
}

TEST_CASE("the same seed gives the same events, another seed others") {
  const auto made = [](std::uint64_t seed) {
    event_factory factory{mix_named("mixed"), seed, 4096};
    std::string all;
    for (int i = 0; i < 1000; ++i) {
      const auto event = factory.next();
      all += text_of(event.key) + text_of(event.value);
    }
    return all;
  };
  CHECK(made(1) == made(1));
  CHECK(made(1) != made(2));
}

TEST_CASE("keys and ids do not repeat") {
  event_factory factory{mix_named("seed"), 9, 1048576};
  std::set<std::string> keys;
  for (int i = 0; i < 10'000; ++i) {
    const auto event = factory.next();
    CHECK(keys.insert(std::string{*event.key}).second);
    CHECK((*event.key)[14] == '4');
  }
}

TEST_CASE("the order of fields varies") {
  event_factory factory{mix_named("seed"), 9, 1048576};
  std::set<std::string> first_fields;
  for (int i = 0; i < 1000; ++i) {
    const auto value = *factory.next().value;
    first_fields.insert(std::string{value.substr(0, value.find(':'))});
  }
  CHECK(first_fields.size() == 7);
}

TEST_CASE("shares are relative and may be given for any kind") {
  event_factory factory{mix_named("processed=1,tombstone=1"), 5, 1048576};
  int tombstones = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto event = factory.next();
    if (event.kind == event_kind::tombstone) {
      ++tombstones;
      CHECK_FALSE(event.value.has_value());
    } else {
      CHECK(event.kind == event_kind::processed);
    }
  }
  CHECK(std::abs(tombstones - 5000) < 300);
}

TEST_CASE("a mix that cannot be is refused with what would be right") {
  CHECK(parse_mix("missing=5").fault.empty());
  CHECK(parse_mix("sead").fault.find("seed, mixed, good or bad") != std::string::npos);
  CHECK(parse_mix("good=1").fault.find("no kind \"good\"") == 0);
  CHECK(parse_mix("processed=x").fault.find("no number") != std::string::npos);
  CHECK(parse_mix("processed=-1").fault.find("no number") != std::string::npos);
  CHECK(parse_mix("processed=nan").fault.find("no number") != std::string::npos);
  CHECK(parse_mix("processed=0").fault == "all shares are 0");
  CHECK_FALSE(parse_mix("processed=1,,").fault.empty());
}

TEST_CASE("counts are one line of JSON by outcome and reason") {
  by_kind<std::uint64_t> counts{};
  CHECK(counts_json(counts) == R"({"sent":0,"processed":0,"filtered":0,"errors":{}})");
  counts[0] = 90;
  counts[1] = 4;
  counts[static_cast<std::size_t>(event_kind::missing_fields)] = 5;
  counts[static_cast<std::size_t>(event_kind::tombstone)] = 1;
  CHECK(counts_json(counts) == R"({"sent":100,"processed":90,"filtered":4,)"
                               R"("errors":{"tombstone":1,"missing_fields":5}})");
}

TEST_CASE("kinds carry the names of outcomes and reasons") {
  CHECK(name_of(event_kind::processed) == "processed");
  CHECK(name_of(event_kind::tombstone) == "tombstone");
  CHECK(name_of(event_kind::duplicate_key) == "duplicate_key");
  CHECK(name_of(event_kind::bad_timestamp) == "bad_timestamp");
}

}  // namespace
}  // namespace turnstile::generate
