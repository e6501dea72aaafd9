// One event through the whole program: what comes out, what is committed, how it ends.
#include "event/error_record.hpp"
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

const prepared_worker worker{{.name = "journey", .partitions = 3, .as_the_program = true}};

using headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

TEST_CASE("an event goes through every actor and its offset is committed") {
  const std::string binary{"\x00\xff\x01", 3};
  const headers sent{{"trace", "a"}, {"trace", "b"}, {"bin", binary}, {"nil", {}}, {"void", ""}};
  const auto out = worker->process({{.value = login_event{}.text(),
                                     .key = std::string{"k\0y", 3},
                                     .headers = sent,
                                     .partition = 2,
                                     .timestamp_ms = 1'700'000'000'123}});
  CHECK(out.errors.empty());
  CHECK(out.cleaned.empty());
  CHECK(out.summaries.empty());
  REQUIRE(out.processed.size() == 1);
  const auto& record = out.processed[0];
  CHECK(record.partition == 2);
  CHECK(record.timestamp_ms == 1'700'000'000'123);
  CHECK(record.key == std::string{"k\0y", 3});
  headers expected{{"turnstile-origin", "journey.user-login/2/0"},
                   {"turnstile-origin-timestamp", "1700000000123"}};
  expected.insert(expected.end(), sent.begin(), sent.end());
  CHECK(record.headers == expected);
  CHECK(record.value ==
        R"({"user_id":"62001a69-dc2c-4b28-8650-521ac278de26","app_version":"2.3.0",)"
        R"("ip":"3caabc4c875e44d6a17393c758be1ed65d4340f07b3f1ad21bf2d8cb69c4282e",)"
        R"("locale":"KS",)"
        R"("device_id":"e5ceebc539cd57ad365232ae29b72202a9b35a0bd050fb76a2cce74d9b3f508e",)"
        R"("timestamp":"2024-10-25 22:07:54","device_type":"iOS"})");
  CHECK(worker->committed(2) == 1);
  CHECK(worker->committed(0) == -1);
}

TEST_CASE("a stop publishes the last summary and ends with code 0") {
  if (worker->committed(2) < 0) static_cast<void>(worker->process(good_inputs(1, 2)));
  CHECK(worker->stop() == 0);
  const auto out = worker->read_new();
  REQUIRE(out.summaries.size() == 1);
  const auto summary = json_of(out.summaries[0]);
  CHECK(number_of(summary, "processed_count") == 1);
  CHECK(number_of(summary, "sequence") == 1);
  CHECK(number_of(summary["window"], "processed_count") == 1);
  CHECK(out.summaries[0].key == text_of(summary, "worker"));
  CHECK(text_of(summary, "worker").starts_with("journey-"));
  CHECK(header_of(out.summaries[0], core::origin_header) == "none");
  CHECK(out.summaries[0].value->find(R"("covers":{"journey.user-login":{"2":[[0,1]]}})") !=
        std::string::npos);
}

}  // namespace
}  // namespace turnstile::tests
