// Records that cannot be processed: each becomes its error record, wherever in a batch it stands,
// and nothing else suffers.
#include <map>

#include "core/reason.hpp"
#include "event/error_record.hpp"
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

constexpr std::size_t value_bytes_max = 4096;
constexpr std::size_t batch_records = 5;

const prepared_worker worker{
    {.name = "bad-input", .partitions = 4, .adjust = [](core::settings& s) {
       s.input.value_bytes_max = value_bytes_max;
       s.batch.records_max = batch_records;
     }}};

struct bad_case {
  core::reason reason;
  std::optional<std::string> value;
  std::string error_type;  ///< What people read: field names and byte offsets.
  bool has_user = false;   ///< Whether the error record can name the user.
};

std::string with(login_event event, const std::function<void(login_event&)>& change) {
  change(event);
  return event.text();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::vector<bad_case> unreadable() {
  const std::string good = login_event{}.text();
  std::string broken_utf8 = good;
  broken_utf8[good.find("KS")] = '\xff';
  using enum core::reason;
  return {{tombstone, std::nullopt, "Tombstone: the record has no value"},
          {empty_value, "", "Empty value"},
          {too_large, std::string(value_bytes_max + 1, 'x'), "Value too large: 4097 bytes"},
          {invalid_utf8, broken_utf8, "at byte " + std::to_string(good.find("KS"))},
          {invalid_json, good.substr(0, good.size() - 1), " at byte "},
          {invalid_json, good + "x", "at byte " + std::to_string(good.size())},
          {invalid_json, std::string("\0", 1) + good, "at byte 0"},
          {too_deep, with({}, [](auto& e) { e.more = ",\"deep\":" + nested(40); }), "too deep: 41"},
          {not_an_object, "[" + good + "]", "Not a JSON object"},
          {duplicate_key, with({}, [](auto& e) { e.more = R"(,"i\u0070":"1.2.3.4")"; }),
           "Duplicate key at byte " + std::to_string(good.size())}};
}

std::vector<bad_case> invalid() {
  using enum core::reason;
  return {
      {missing_fields, with({}, [](auto& e) { e.user_id = ""; }), "Missing user_id"},
      {missing_fields, with({}, [](auto& e) { e.user_id = R"("")"; }), "Missing user_id"},
      {missing_fields, with({}, [](auto& e) { e.device_type = e.timestamp = ""; }),
       "Missing fields: device_type, timestamp", true},
      {missing_fields, with({}, [](auto& e) { e.ip = "null"; }), "Missing fields: ip", true},
      {wrong_type, with({}, [](auto& e) { e.locale = "[70]"; }), "Wrong type: locale", true},
      {wrong_type, with({}, [](auto& e) { e.device_id = "17"; }), "Wrong type: device_id", true},
      {bad_timestamp, with({}, [](auto& e) { e.timestamp = "-5"; }), "Bad timestamp: ", true},
      {bad_timestamp, with({}, [](auto& e) { e.timestamp = "1.5"; }), "Bad timestamp: ", true}};
}

std::vector<bad_case> all_cases() {
  auto all = unreadable();
  for (auto& one : invalid()) all.push_back(std::move(one));
  return all;
}

void check_error(const kept_record& record, const bad_case& expected) {
  const std::string name{core::name_of(expected.reason)};
  CAPTURE(name);
  const auto error = json_of(record);
  CHECK(text_of(error, "reason") == name);
  CHECK(header_of(record, core::reason_header) == name);
  CHECK(header_of(record, core::stage_header) ==
        (expected.reason > core::reason::duplicate_key ? "validate" : "parse"));
  CHECK(header_of(record, core::worker_header) == "bad-input-test");
  CHECK(header_of(record, core::attempts_header) == "1");
  CAPTURE(expected.error_type);
  CHECK(text_of(error, "error_type").find(expected.error_type) != std::string::npos);
  CHECK((text_of(error, "user_id") != "Unknown") == expected.has_user);
  CHECK(error["message_content"].IsObject());
  CHECK(error["message_content"].ObjectEmpty() == (expected.reason <= core::reason::duplicate_key));
  for (const auto* raw : {"70.201.62.158", "f6a1baa4-af52", "1.2.3.4"})
    CHECK_FALSE(holds(record, raw));
}

TEST_CASE("a partition with nothing but bad records is committed to its end") {
  const auto cases = all_cases();
  std::vector<input> inputs;
  for (const auto& one : cases) inputs.push_back({.value = one.value, .partition = 3});
  const auto out = worker->process(inputs);
  CHECK(worker->committed(3) == static_cast<std::int64_t>(cases.size()));
  CHECK(out.processed.empty());
  CHECK(out.cleaned.empty());
  REQUIRE(out.errors.size() == cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) check_error(out.errors[i], cases[i]);
}

TEST_CASE("a bad record at the first, middle or last place of a batch harms no neighbour") {
  const auto cases = all_cases();
  std::vector<input> inputs;
  std::map<std::int64_t, const bad_case*> bad;
  const auto start = std::max<std::int64_t>(0, worker->committed(0));
  for (const auto& one : cases) {
    for (const std::size_t place : {std::size_t{0}, batch_records / 2, batch_records - 1}) {
      auto batch = good_inputs(batch_records);
      batch[place].value = one.value;
      bad[start + static_cast<std::int64_t>(inputs.size() + place)] = &one;
      inputs.insert(inputs.end(), batch.begin(), batch.end());
    }
  }
  const auto out = worker->process(inputs);
  REQUIRE(out.errors.size() == bad.size());
  for (const auto& record : out.errors) {
    REQUIRE(bad.contains(origin_of(record)));
    check_error(record, *bad.at(origin_of(record)));
  }
  std::vector<std::int64_t> good;
  for (const auto offset : consecutive(start, inputs.size()))
    if (!bad.contains(offset)) good.push_back(offset);
  CHECK(origins_of(out.processed) == good);
}

TEST_CASE("none, one, half or all of the records bad: each input has its one output") {
  constexpr std::size_t count = 300;
  constexpr std::array<std::size_t, 4> one_bad_in{0, 100, 2, 1};
  const auto cases = all_cases();
  std::vector<input> inputs;
  std::map<std::int32_t, std::size_t> expected;
  for (std::int32_t p = 0; p < 4; ++p) {
    const std::size_t one_in = one_bad_in[static_cast<std::size_t>(p)];
    for (std::size_t i = 0; i < count; ++i) {
      inputs.push_back({.value = login_event{}.text(), .partition = p});
      if (one_in == 0 || i % one_in != one_in - 1) continue;
      inputs.back().value = cases[i / one_in % cases.size()].value;
      ++expected[p];
    }
  }
  const auto out = worker->process(inputs);
  std::map<std::int32_t, std::size_t> errors;
  for (const auto& record : out.errors) ++errors[record.partition];
  CHECK(errors == expected);
  CHECK(expected == std::map<std::int32_t, std::size_t>{{1, 3}, {2, 150}, {3, 300}});
  CHECK(out.processed.size() + out.errors.size() == inputs.size());
  std::map<std::int32_t, std::vector<std::int64_t>> origins;
  for (const auto* records : {&out.processed, &out.errors})
    for (const auto& record : *records) origins[record.partition].push_back(origin_of(record));
  for (auto& [partition, all] : origins) {
    std::sort(all.begin(), all.end());
    CHECK(all == consecutive(all.front(), count));
  }
}

}  // namespace
}  // namespace turnstile::tests
