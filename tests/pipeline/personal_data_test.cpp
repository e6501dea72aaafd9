// A canary: addresses and device ids that exist nowhere else go every way through the worker, and
// none of them may be found in what it writes or logs.
#include <map>

#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

const prepared_worker worker{{.name = "canary",
                              .adjust =
                                  [](core::settings& s) {
                                    s.log.level = core::severity::debug;
                                    s.input.value_bytes_max = 4096;
                                    s.kafka.common["debug"] = "msg,topic,eos,cgrp";
                                  },
                              .engine = {.one_request_in_flight = true}}};

/// Events with canaries, each unlike all others.
class canary_source {
public:
  login_event next() {
    const auto n = std::to_string(++count_);
    canaries.push_back("203.0.113." + n + "-canary");
    canaries.push_back("device-canary-" + n + ".");
    login_event event;
    event.ip = '"' + canaries[canaries.size() - 2] + '"';
    event.device_id = '"' + canaries.back() + '"';
    return event;
  }

  std::vector<std::string> canaries;

private:
  int count_ = 0;
};

/// Every way an event can be bad and still hold an address.
std::vector<input> bad_inputs(canary_source& source) {
  std::vector<input> inputs;
  const auto add = [&](const std::function<void(login_event&)>& spoil) {
    auto event = source.next();
    spoil(event);
    inputs.push_back({.value = event.text()});
  };
  add([](auto& e) { e.user_id = ""; });
  add([](auto& e) { e.device_type = ""; });
  add([](auto& e) { e.ip = '[' + e.ip + ']'; });
  add([](auto& e) { e.device_id = "{\"id\":" + e.device_id + '}'; });
  add([](auto& e) { e.timestamp = "-5"; });
  add([](auto& e) { e.more = R"(,"ip":)" + e.ip; });
  add([](auto& e) { e.more = R"(,"x":"\ud800")"; });
  add([](auto& e) { e.more = "} " + e.ip; });
  add([](auto& e) { e.more = ",\"x\":\"\xff\""; });
  add([](auto& e) { e.more = ",\"x\":" + std::string(40, '[') + std::string(40, ']'); });
  add([](auto& e) { e.more = ",\"x\":\"" + std::string(5000, 'x') + '"'; });
  inputs.push_back({.value = source.next().ip});
  return inputs;
}

void check_free_of(const std::vector<std::string>& canaries, const written& out) {
  for (const auto* records : {&out.processed, &out.errors, &out.cleaned, &out.summaries})
    for (const auto& record : *records)
      for (const auto& canary : canaries) CHECK_FALSE(holds(record, canary));
}

TEST_CASE("no address and no device id leaves the worker, whatever becomes of its event") {
  canary_source source;
  std::vector<input> inputs = bad_inputs(source);
  const auto bad = inputs.size();
  for (int i = 0; i < 20; ++i) {
    auto event = source.next();
    if (i % 2 == 1) event.app_version = R"("0.1")";
    inputs.push_back({.value = event.text()});
  }
  const auto ways = worker->process(inputs);
  CHECK(ways.errors.size() == bad);
  CHECK(ways.processed.size() == 10);
  CHECK(ways.cleaned.size() == 10);
  check_free_of(source.canaries, ways);

  // Refused by the broker: invalid, which is final, and not authorized, which is tried again.
  worker->fail_produce({RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const auto refused = worker->process({{.value = source.next().text()}});
  CHECK(refused.errors.size() == 1);
  check_free_of(source.canaries, refused);

  REQUIRE(worker->stop() == 0);
  const auto last = worker->read_new();
  CHECK(last.summaries.size() == 1);
  check_free_of(source.canaries, last);
  CHECK(fleet_log().count("client=canary") > 0);
  for (const auto& line : fleet_log().lines())
    for (const auto& canary : source.canaries) CHECK(line.find(canary) == std::string::npos);
}

}  // namespace
}  // namespace turnstile::tests
