#include "app/redrive/redriver.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace turnstile::app {
namespace {

/// An event that says "bad" fails, one that says "old" is filtered, all others pass.
class plain_transform final : public core::record_transform {
public:
  void apply(const core::record_view& in, core::record_batch& batch,
             std::int64_t /*now_s*/) override {
    auto out = carry(in, batch.memory);
    out.value = batch.memory.copy(in.value.value_or(""));
    if (out.value == "bad") {
      out.result = core::outcome::failed;
      out.topic = core::output_topic::errors;
      batch.failures.push_back({.slot = batch.outputs.size(), .reason = core::reason::bad_value});
    } else if (out.value == "old") {
      out.result = core::outcome::filtered;
      out.topic = core::output_topic::cleaned;
    }
    batch.outputs.push_back(out);
  }
};

struct written {
  core::output_topic topic{};
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// What a broker would have of it: what was sent since the last commit is not there yet.
struct sink_of_test {
  std::vector<written> open;
  std::vector<written> committed;
  std::vector<std::int64_t> positions;
  std::optional<kafka_io::io_error> fails;

  [[nodiscard]] redrive_sink sink() {
    return {
        .send = [this](const core::output_record& record, std::int32_t /*source*/,
                       std::int32_t partition) -> redrive_sink::failure {
          written one{record.topic, partition, record.source_offset, {}};
          for (const auto& header : record.headers)
            one.headers.emplace_back(header.name, header.value.value_or(""));
          open.push_back(one);
          return {};
        },
        .commit = [this](const std::vector<kafka_io::noted_position>& at) -> redrive_sink::failure {
          if (fails) return fails;
          committed.insert(committed.end(), open.begin(), open.end());
          open.clear();
          positions.push_back(at.empty() ? -1 : at[0].offset);
          return {};
        }};
  }
};

struct fixture {
  sink_of_test to;
  redrive_tally tally;
  std::int64_t next = 0;  ///< The position: behind the letter that is done.
  std::vector<bool> failed;
  redriver made;

  explicit fixture(bool dry_run = false)
    : made{{.settings = settings(),
            .layout = std::make_shared<const core::topic_layout>(
                core::topic_layout{.input_partitions = 4, .partitions = {4, 4, 4, 1}}),
            .version = std::make_shared<const core::transform_version>(core::transform_version{
                .generation = 1,
                .key_id = "k1",
                .make = [] { return std::make_unique<plain_transform>(); }}),
            .sink = dry_run ? redrive_sink{} : to.sink(),
            .positions =
                [this] {
                  return std::vector<kafka_io::noted_position>{{0, next, {}}};
                },
            .done =
                [this](const dead_letter& letter, bool again) {
                  next = letter.error_offset + 1;
                  failed.push_back(again);
                }},
           tally} {}

  static core::settings settings() {
    core::settings values;
    values.topics.input = "in";
    values.topics.errors = "errors";
    values.event.key.method = core::field_method::keep;
    return values;
  }

  redriver::failure take(std::int64_t offset, std::string_view value, std::int64_t origin_ms = 5,
                         std::int32_t error_partition = 0) {
    return made.take({.partition = 2,
                      .offset = offset,
                      .error_partition = error_partition,
                      .error_offset = offset,
                      .origin_ms = origin_ms,
                      .key_hash = hash_of_key("k"),
                      .has_key = true,
                      .reason = static_cast<std::uint8_t>(core::reason::bad_value),
                      .tried = 1},
                     {.offset = offset, .timestamp_ms = 5, .key = "k", .value = value});
  }
};

}  // namespace

TEST_CASE("a redriven outcome goes where the worker would put it, and says of which error") {
  fixture f;
  REQUIRE_FALSE(f.take(7, "good"));
  REQUIRE_FALSE(f.take(8, "old"));
  REQUIRE_FALSE(f.made.commit(false));
  REQUIRE(f.to.committed.size() == 2);
  CHECK(f.to.committed[0].topic == core::output_topic::processed);
  CHECK(f.to.committed[1].topic == core::output_topic::cleaned);
  CHECK(f.to.committed[0].partition == 2);
  CHECK(f.to.committed[0].headers ==
        std::vector<std::pair<std::string, std::string>>{{"turnstile-redrive", "errors/0/7"},
                                                         {"turnstile-attempts", "2"}});
  CHECK(f.tally.redriven() == 2);
}

TEST_CASE("outputs are committed together with the position that says so") {
  fixture f;
  for (std::size_t n = 0; n + 1 < redriver::records_max; ++n)
    REQUIRE_FALSE(f.take(static_cast<std::int64_t>(n), "good"));
  CHECK(f.to.committed.empty());
  CHECK(f.to.positions.empty());
  REQUIRE_FALSE(f.take(redriver::records_max - 1, "good"));
  CHECK(f.to.committed.size() == redriver::records_max);
  CHECK(f.to.positions == std::vector<std::int64_t>{redriver::records_max});
}

TEST_CASE("a commit that fails is told, and nothing of it counts as there") {
  fixture f;
  f.to.fails = kafka_io::io_error{code_of(kafka_io::error_kind::producer_fenced), "fenced"};
  REQUIRE_FALSE(f.take(7, "good"));
  const auto error = f.made.commit(false);
  REQUIRE(error);
  CHECK(kafka_io::transactional_writer::is_fenced(*error));
  CHECK(f.to.committed.empty());
}

TEST_CASE("an input that fails again gets no second error record, and moves the position") {
  fixture f;
  REQUIRE_FALSE(f.take(7, "bad"));
  REQUIRE_FALSE(f.made.commit(false));
  CHECK(f.to.committed.empty());
  CHECK(f.to.positions == std::vector<std::int64_t>{8});
  CHECK(f.failed == std::vector<bool>{true});
  CHECK(f.tally.failed_again() == 1);
}

TEST_CASE("a missing input that fails gets its error record") {
  fixture f;
  REQUIRE_FALSE(f.take(7, "bad", dead_letter::not_told, -1));
  REQUIRE_FALSE(f.made.commit(false));
  REQUIRE(f.to.committed.size() == 1);
  CHECK(f.to.committed[0].topic == core::output_topic::errors);
  CHECK(f.to.committed[0].headers.back() ==
        std::pair<std::string, std::string>{"turnstile-redrive", "missing"});
  CHECK(f.tally.errors_written == 1);
}

TEST_CASE("an input of another time or key is another topic's, and is left") {
  fixture f;
  REQUIRE_FALSE(f.take(7, "good", 6));
  REQUIRE_FALSE(f.made.take({.partition = 2,
                             .offset = 8,
                             .error_partition = 0,
                             .error_offset = 8,
                             .origin_ms = 5,
                             .key_hash = hash_of_key("other"),
                             .has_key = true},
                            {.offset = 8, .timestamp_ms = 5, .key = "k", .value = "good"}));
  REQUIRE_FALSE(f.made.commit(false));
  CHECK(f.to.committed.empty());
  CHECK(f.tally.left_alone[static_cast<std::size_t>(left_why::remade)].count == 2);
}

TEST_CASE("a dry run writes nothing and says the same") {
  fixture f{true};
  REQUIRE_FALSE(f.take(7, "good"));
  REQUIRE_FALSE(f.take(8, "bad"));
  REQUIRE_FALSE(f.made.commit(true));
  CHECK(f.to.open.empty());
  CHECK(f.to.positions.empty());
  CHECK(f.tally.redriven() == 1);
  CHECK(f.tally.failed_again() == 1);
}

}  // namespace turnstile::app
