// Brokers that go away and come back: the worker resumes without help.
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

const prepared_worker worker{{.name = "outage",
                              .partitions = 2,
                              .adjust = [](core::settings& s) { s.batch.records_max = 50; },
                              .own_broker = true}};

// The shortest time that may be configured.
const prepared_worker impatient{{.name = "impatient",
                                 .adjust =
                                     [](core::settings& s) {
                                       s.batch.records_max = 20;
                                       s.producer.message_timeout_ms = 1000;
                                       s.producer.retry_backoff_max_ms = 200;
                                     },
                                 .own_broker = true}};

// Its error records get through while its outputs do not.
const prepared_worker split{{.name = "split",
                             .adjust = [](core::settings& s) { s.batch.records_max = 1; },
                             .errors_broker = input_broker,
                             .own_broker = true}};

std::vector<input> inputs_of_both(std::size_t count) {
  auto inputs = good_inputs(count, 0);
  const auto others = good_inputs(count, 1);
  inputs.insert(inputs.end(), others.begin(), others.end());
  return inputs;
}

TEST_CASE("all brokers down for two seconds: the worker resumes by itself, nothing is lost") {
  constexpr std::size_t count = 1500;
  REQUIRE(worker->process(inputs_of_both(10)).processed.size() == 20);
  worker->send(inputs_of_both(count));
  for (const int broker : {output_broker, input_broker}) worker->set_down(broker, true);
  // How long they are away is what this is about.
  std::this_thread::sleep_for(std::chrono::seconds(2));
  for (const int broker : {input_broker, output_broker}) worker->set_down(broker, false);

  worker->await_all_committed();
  const auto out = worker->read_new();
  for (const std::int32_t partition : {0, 1}) {
    std::vector<kept_record> records;
    for (const auto& record : out.processed)
      if (record.partition == partition) records.push_back(record);
    CHECK(first_origins(records) == consecutive(10, count));
  }
  CHECK(out.errors.empty());
  CHECK(worker->counts().rebuilds == 0);
}

TEST_CASE("deliveries that ran out of time are sent again in order until the broker is back") {
  constexpr std::size_t count = 400;
  impatient->set_down(output_broker, true);
  impatient->send(good_inputs(count));
  REQUIRE(eventually([] { return impatient->counts().repetitions >= 2; }));
  CHECK(impatient->counts().delivery_failures >= 2);
  CHECK(impatient->committed() <= 0);
  impatient->set_down(output_broker, false);
  impatient->await_all_committed();
  const auto out = impatient->read_new();
  CHECK(last_origins(out.processed) == consecutive(0, count));
  CHECK(out.errors.empty());
}

TEST_CASE("no offset beyond an output that is missing is committed, though later ones are there") {
  const auto& errors = split->settings().topics.errors;
  std::vector<input> inputs(21, input{.value = "not JSON"});
  inputs[10] = good_inputs(1)[0];
  split->set_down(output_broker, true);
  split->send(inputs);
  REQUIRE(eventually([&] { return split->end_of(errors) == 20; }));
  REQUIRE(eventually([] { return split->committed() >= 10; }));
  // Time for a few more commits.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(split->committed() == 10);

  split->set_down(output_broker, false);
  split->await_all_committed();
  CHECK(split->committed() == 21);
  const auto out = split->read_new();
  CHECK(origins_of(out.processed) == std::vector<std::int64_t>{10});
  CHECK(out.errors.size() == 20);
}

}  // namespace
}  // namespace turnstile::tests
