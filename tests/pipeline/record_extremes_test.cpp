// Records at the edges: as large as a broker takes, null, empty, and with tokens that must not
// change.
#include "event/error_record.hpp"
#include "kafka_io/ask/admin.hpp"
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

const prepared_worker worker{{.name = "extremes", .partitions = 2, .adjust = [](core::settings& s) {
                                // Above what an output may be, so that the output's own limit is
                                // what counts.
                                s.input.value_bytes_max = 2 * 1024 * 1024;
                              }}};

constexpr std::size_t output_bytes_max = core::record_bytes_max_default;

/// How much longer the output of an event is than the event.
std::size_t growth() {
  const login_event event;
  return 2 * 64 + sizeof("2024-10-25 22:07:54") + 1 - (event.ip.size() - 2) -
         (event.device_id.size() - 2) - event.timestamp.size();
}

/// An event whose output is as large as its topic takes, plus `beyond` bytes.
std::string largest(std::size_t beyond) {
  login_event event;
  event.more = R"(,"padding":"")";
  core::output_record output;
  const auto fixed =
      event::wire_bytes(output, core::origin_bytes(worker->settings().topics.input.size()));
  const auto padding = output_bytes_max - fixed - event.text().size() - growth() + beyond;
  event.more.insert(event.more.size() - 1, padding, 'p');
  return event.text();
}

TEST_CASE("an output exactly as large as its topic takes passes, one byte more does not") {
  const auto out = worker->process({{.value = largest(0)}, {.value = largest(1)}});
  REQUIRE(out.processed.size() == 1);
  CHECK(out.processed[0].value->size() == largest(0).size() + growth());
  REQUIRE(out.errors.size() == 1);
  const auto error = json_of(out.errors[0]);
  CHECK(text_of(error, "reason") == "too_large");
  CHECK(header_of(out.errors[0], core::stage_header) == "transform");
  CHECK(origin_of(out.errors[0]) == origin_of(out.processed[0]) + 1);
}

TEST_CASE("a key nearly as large as a record may be is kept; a larger one is given up by name") {
  const std::string key(1'000'000, 'k');
  const std::string huge(output_bytes_max, 'K');
  const auto out = worker->process(
      {{.value = login_event{}.text(), .key = key}, {.value = login_event{}.text(), .key = huge}});
  REQUIRE(out.processed.size() == 1);
  CHECK(out.processed[0].key == key);
  REQUIRE(out.errors.size() == 1);
  CHECK_FALSE(out.errors[0].key.has_value());
  CHECK(header_of(out.errors[0], core::truncated_header) == "key");
  CHECK(text_of(json_of(out.errors[0]), "reason") == "too_large");
}

TEST_CASE("null and empty keys stay null and empty, in every topic") {
  login_event filtered, bad;
  filtered.app_version = R"("0.1")";
  bad.user_id = "";
  std::vector<input> inputs;
  for (const auto& event : {login_event{}, filtered, bad}) {
    inputs.push_back({.value = event.text(), .key = std::nullopt, .partition = 1});
    inputs.push_back({.value = event.text(), .key = "", .partition = 1});
  }
  inputs.push_back({.value = std::nullopt, .key = "", .partition = 1});
  const auto out = worker->process(inputs);
  REQUIRE(out.processed.size() == 2);
  REQUIRE(out.cleaned.size() == 2);
  REQUIRE(out.errors.size() == 3);
  for (const auto* records : {&out.processed, &out.cleaned, &out.errors}) {
    CHECK_FALSE((*records)[0].key.has_value());
    CHECK((*records)[1].key == "");
  }
  CHECK(out.errors[2].key == "");
}

TEST_CASE("long numbers and unknown fields keep their bytes") {
  const std::string tokens =
      R"(,"n":123456789012345678901234567890,"m":-0.10000000000000000000000000001e+05,)"
      R"("s":"\u00e9\/\ud83d\ude00 é","o":{"b":[1,2.50,{"a":null}],"a":1E300},"":[],)"
      R"("ip2":"1.1.1.1")";
  login_event event;
  event.more = tokens;
  login_event filtered = event;
  filtered.app_version = R"("0.1")";
  const auto out = worker->process({{.value = event.text()}, {.value = filtered.text()}});
  REQUIRE(out.processed.size() == 1);
  CHECK(out.processed[0].value->ends_with(tokens + "}"));
  REQUIRE(out.cleaned.size() == 1);
  CHECK(out.cleaned[0].value->find(tokens + "}") != std::string::npos);
}

}  // namespace
}  // namespace turnstile::tests
