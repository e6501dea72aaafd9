// The transformer and the error_router: what a batch becomes before it is written.
#include "actors/transformer.hpp"

#include <stdexcept>

#include <doctest/doctest.h>

#include "actors/error_router.hpp"
#include "event/error_record.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/batches.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;
using namespace turnstile::messages;
using namespace turnstile::tests;

namespace {

/// Decides by the first letter of the value: p, f, e (an error), t (throws), x (throws no
/// std::exception).
class letter_transform final : public core::record_transform {
public:
  void apply(const core::record_view& in, core::record_batch& batch, std::int64_t) override {
    const char letter = in.value->front();
    if (letter == 't') throw std::runtime_error("the record says: secret");
    if (letter == 'x') throw 42;
    auto out = carry(in, batch.memory);
    out.value = batch.memory.copy(*in.value);
    if (letter == 'f') out.result = core::outcome::filtered;
    if (letter == 'f') out.topic = core::output_topic::cleaned;
    if (letter == 'e') {
      out.result = core::outcome::failed;
      out.topic = core::output_topic::errors;
      batch.failures.push_back({batch.outputs.size(),
                                core::reason::missing_fields,
                                core::stage::validate,
                                "Missing fields: ip",
                                {},
                                {},
                                1});
    }
    out.key_id = batch.key_id();
    batch.outputs.push_back(out);
  }
};

using producer_probe =
    probe<transformed_batch, repaired_records, wake, close_lane, retry_tick, layout_described>;

struct fixture : actor_fixture {
  producer_probe producers[2] = {new_producer(), new_producer()};
  probe<batch_done> owner = spawn_probe<batch_done>();
  std::shared_ptr<core::error_router_figures> reasons =
      std::make_shared<core::error_router_figures>();
  std::shared_ptr<core::transformer_figures> figures =
      std::make_shared<core::transformer_figures>();
  bool clock_throws = false;
  error_router_actor router =
      spawn(actors::error_router,
            actors::error_router_args{.worker_id = "w1",
                                      .origin_value_bytes = core::origin_bytes(1),
                                      .figures = reasons,
                                      .now_s = [] { return std::int64_t{1729894460}; }});
  std::shared_ptr<core::version_board> versions =
      core::one_version([] { return std::make_unique<letter_transform>(); });
  transformer_actor transformer = spawn(
      actors::transformer, actors::transformer_args{versions,
                                                    {producers[0].actor(), producers[1].actor()},
                                                    router,
                                                    figures,
                                                    [this]() -> std::int64_t {
                                                      if (clock_throws) throw 42;
                                                      return 0;
                                                    }});

  producer_probe new_producer() {
    return spawn_probe<transformed_batch, repaired_records, wake, close_lane, retry_tick,
                       layout_described>();
  }
  /// One record for each letter.
  void give(std::int32_t partition, std::string_view letters) {
    auto batch = std::make_shared<core::record_batch>();
    auto values = std::make_shared<std::string>(letters);
    batch->source = core::partition_epoch{partition, 1};
    batch->layout = layout_of(4);
    batch->version = versions->in_force();
    for (std::size_t i = 0; i < letters.size(); ++i) {
      core::record_view view;
      view.offset = static_cast<std::int64_t>(i);
      view.value = std::string_view(*values).substr(i, 1);
      batch->inputs.push_back(view);
    }
    batch->keep_alive = values;
    send(transformer, raw_batch{batch, owner.actor()});
  }
  core::batch_ptr result(std::size_t producer = 0) {
    return producers[producer].take<transformed_batch>().batch;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a batch goes to the producer of its partition") {
  give(4, "pfp");
  give(7, "p");
  CHECK(producers[0].count<transformed_batch>() == 1);
  CHECK(producers[1].count<transformed_batch>() == 1);
  CHECK(figures->batches.get() == 2);
  CHECK(figures->records.get() == 4);
  CHECK(figures->processed.get() == 3);
  CHECK(figures->filtered.get() == 1);
  CHECK(result()->inputs.empty());
}

TEST_CASE_FIXTURE(fixture, "failed records get their error records before the producer sees them") {
  give(0, "pep");
  const auto batch = result();
  REQUIRE(batch->outputs.size() == 3);
  CHECK(batch->failures.empty());
  CHECK(batch->outputs[1].topic == core::output_topic::errors);
  const std::string value{batch->outputs[1].value};
  CHECK(value.find("\"error_type\":\"Missing fields: ip\"") != std::string::npos);
  CHECK(batch->outputs[2].value == "p");
  CHECK(reasons->by_reason[static_cast<std::size_t>(core::reason::missing_fields)].get() == 1);
}

TEST_CASE_FIXTURE(fixture, "a record whose transform throws fails alone and the actor lives") {
  const auto ended = watch_end(transformer);
  give(0, "ptpxp");
  const auto batch = result();
  REQUIRE(batch->outputs.size() == 5);
  for (const std::size_t i : {0U, 2U, 4U})
    CHECK(batch->outputs[i].result == core::outcome::processed);
  for (const std::size_t i : {1U, 3U}) {
    CHECK(batch->outputs[i].topic == core::output_topic::errors);
    const std::string value{batch->outputs[i].value};
    CHECK(value.find("\"reason\":\"transform_failed\"") != std::string::npos);
    CHECK(value.find("secret") == std::string::npos);
  }
  CHECK(figures->failed.get() == 2);
  give(0, "p");
  CHECK(producers[0].count<transformed_batch>() == 1);
  CHECK_FALSE(*ended);
}

TEST_CASE_FIXTURE(fixture, "an exception outside of the transform ends the actor") {
  const auto ended = watch_end(transformer);
  clock_throws = true;
  give(0, "p");
  CHECK(*ended);
  CHECK(producers[0].count<transformed_batch>() == 0);
}

TEST_CASE_FIXTURE(fixture, "a refused output becomes an error record and goes back") {
  probe<repaired_records> asking = spawn_probe<repaired_records>();
  auto batch = batch_of({0, 1}, 0, 0, 2);
  std::vector<core::failure> failures{
      event::refused_output(*batch, 1, core::reason::too_large, "too large", 3)};
  send(router, refused_records{batch, failures, asking.actor()});
  REQUIRE(asking.count<repaired_records>() == 1);
  CHECK(asking.take<repaired_records>().batch == batch);
  CHECK(batch->outputs[0].topic == core::output_topic::processed);
  CHECK(batch->outputs[1].topic == core::output_topic::errors);
  CHECK(batch->outputs[1].result == core::outcome::failed);
  CHECK(reasons->by_reason[static_cast<std::size_t>(core::reason::too_large)].get() == 1);
}

TEST_CASE_FIXTURE(fixture, "an error record is measured with the origin of the real input topic") {
  probe<repaired_records> asking = spawn_probe<repaired_records>();
  const auto repaired = [&](std::size_t limit) {
    auto batch = batch_of({0, 1}, 0, 0, 1);
    auto layout = std::make_shared<core::topic_layout>();
    layout->record_bytes_max[static_cast<std::size_t>(core::output_topic::errors)] = limit;
    batch->layout = layout;
    core::failure failure{.slot = 0};
    failure.content = R"({"a":1})";
    send(router, refused_records{batch, {failure}, asking.actor()});
    (void)asking.take<repaired_records>();
    return batch;
  };
  const auto whole = repaired(10'000);
  const std::size_t bytes = event::wire_bytes(whole->outputs[0], core::origin_bytes(1));
  CHECK(repaired(bytes)->outputs[0].value == whole->outputs[0].value);
  CHECK(repaired(bytes - 1)->outputs[0].value != whole->outputs[0].value);
}

TEST_CASE_FIXTURE(fixture, "a batch is made with its own version, whatever is in force") {
  int made = 0;
  const auto counted = [&made] {
    ++made;
    return std::make_unique<letter_transform>();
  };
  const auto first = versions->in_force();
  const auto next = std::make_shared<const core::transform_version>(
      core::transform_version{.generation = 2, .key_id = "b", .make = counted});
  versions->put(next);
  give(0, "pet");
  CHECK(made == 1);
  const auto made_first = result();
  for (const auto& output : made_first->outputs) CHECK(output.key_id == "b");
  give(0, "p");
  CHECK(made == 1);
  CHECK(result()->version == next);
  versions = core::one_version(first->make);
  give(0, "p");  // A batch that was read before, from another partition.
  CHECK(made == 1);
  CHECK(result()->outputs[0].key_id.empty());
}

TEST_CASE_FIXTURE(fixture, "an idle transformer lets go of a version that is no longer in force") {
  give(0, "p");
  const std::weak_ptr<const core::transform_version> old = versions->in_force();
  versions->put(std::make_shared<const core::transform_version>(
      core::transform_version{.generation = 2, .key_id = "b", .make = old.lock()->make}));
  CHECK_FALSE(old.expired());  // Of the batch that is not finished, and the transformer.
  static_cast<void>(result());
  CHECK_FALSE(old.expired());
  send(transformer, show_life{});
  CHECK(old.expired());
}
