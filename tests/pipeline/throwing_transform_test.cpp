// Transforms that throw: one record's fault is one error record; a transformer that dies takes the
// process down without a commit that is not earned.
#include <stdexcept>

#include "event/error_record.hpp"
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"
#include "tests/pipeline/hooked_transform.hpp"

namespace turnstile::tests {
namespace {

bool asks_for(const core::record_view& in, std::string_view what) {
  return in.value && in.value->find(what) != std::string_view::npos;
}

void throw_where_asked(const core::record_view& in) {
  if (asks_for(in, "throw a std::exception")) throw std::runtime_error{std::string{*in.value}};
  if (asks_for(in, "throw something else")) throw 42;
}

void die_where_asked(const core::record_view& in) {
  if (asks_for(in, "die")) throw 42;
}

const prepared_worker thrower{
    {.name = "thrower", .engine = {.make_transform = hooked(throw_where_asked)}}};

// With short deadlines: its last batch never finishes.
const prepared_worker mortal{
    {.name = "mortal",
     .adjust =
         [](core::settings& s) {
           s.drain.timeout_ms = 500;
           s.shutdown.timeout_ms = 2000;
           s.workers.transformers = 1;
         },
     .engine = {.make_transform = hooked(die_where_asked, die_where_asked)}}};

input asking(std::string_view what) {
  login_event event;
  event.more = ",\"ask\":\"" + std::string{what} + "\"";
  return {.value = event.text(), .key = "k"};
}

TEST_CASE("a record whose transform throws becomes an error record and its batch goes on") {
  auto inputs = good_inputs(5);
  inputs[1] = asking("throw a std::exception");
  inputs[3] = asking("throw something else");
  const auto out = thrower->process(inputs);
  CHECK(origins_of(out.processed) == std::vector<std::int64_t>{0, 2, 4});
  REQUIRE(origins_of(out.errors) == std::vector<std::int64_t>{1, 3});
  for (const auto& record : out.errors) {
    const auto error = json_of(record);
    CHECK(text_of(error, "reason") == "transform_failed");
    CHECK(header_of(record, core::reason_header) == "transform_failed");
    CHECK(header_of(record, core::stage_header) == "transform");
    CHECK(error["message_content"].ObjectEmpty());
    CHECK(record.key == "k");
    CHECK_FALSE(holds(record, "70.201.62.158"));
  }
  // The type of what was thrown, never its text.
  CHECK(text_of(json_of(out.errors[0]), "error_type") ==
        "Transformation error: std::runtime_error");
}

TEST_CASE("the death of a transformer ends the process and commits nothing unfinished") {
  REQUIRE(mortal->process(good_inputs(10)).processed.size() == 10);
  auto inputs = good_inputs(9);
  inputs[4] = asking("die");
  mortal->send(inputs);
  CHECK(mortal->await_end() == 70);
  // Batches before the fatal one may have finished; that one and what follows has not.
  CHECK(mortal->committed() >= 10);
  CHECK(mortal->committed() <= 14);
  for (const auto origin : origins_of(mortal->read_new().processed)) CHECK(origin < 14);
  CHECK(fleet_log().count("actor died actor=transformer") == 1);
}

}  // namespace
}  // namespace turnstile::tests
