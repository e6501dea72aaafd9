#include "core/transform.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include "event/error_record.hpp"
#include "tests/event/login_fixture.hpp"

using namespace turnstile::core;
using namespace turnstile::tests;
using turnstile::event::write_error_record;

namespace {

/// Allocations until one fails; negative: none does.
thread_local int allocations_left = -1;

void* allocate(std::size_t bytes) {
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left > 0) --allocations_left;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

/// Appends half an output, then throws, for inputs that say so.
class throwing_transform final : public record_transform {
public:
  void apply(const record_view& in, record_batch& batch, std::int64_t) override {
    batch.outputs.emplace_back().source_offset = in.offset;
    if (in.value == "std") throw std::runtime_error("quotes 203.0.113.7 of the record");
    if (in.value == "memory") throw std::bad_alloc();
    if (in.value == "int") throw 42;
  }
};

record_view view(std::int64_t offset, std::string_view value) {
  record_view in;
  in.offset = offset;
  in.timestamp_ms = 5;
  in.key = "key";
  in.value = value;
  return in;
}

}  // namespace

// Replaced for the whole test program; plain malloc unless a test says otherwise.
void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return std::malloc(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return std::malloc(bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE_FIXTURE(
    login_fixture,
    "a transformed batch holds its outputs and no room for failures that did not happen") {
  constexpr std::size_t count = 500;
  batch.layout = layout;
  for (std::size_t i = 0; i < count; ++i) batch.inputs.push_back(input(real_event));
  batch.input_bytes = count * real_event.size();
  turnstile::tests::login_transform transform(options, pseudonyms);
  transform_batch(transform, batch, test_now_s);
  REQUIRE(batch.outputs.size() == count);
  CHECK(batch.failures.capacity() == 0);
  CHECK(batch.memory.bytes_held() <= count * (real_event.size() + 192));
}

TEST_CASE_FIXTURE(login_fixture, "each input of a batch that could not be read fails, unseen") {
  batch.layout = layout;
  batch.unreadable = "Unreadable: offsets 7 to 8, Local: Bad message format";
  for (const std::int64_t offset : {7, 8}) batch.inputs.push_back({.offset = offset});
  turnstile::tests::login_transform transform(options, pseudonyms);
  transform_batch(transform, batch, test_now_s);
  REQUIRE(batch.outputs.size() == 2);
  REQUIRE(batch.failures.size() == 2);
  for (const std::size_t slot : {std::size_t{0}, std::size_t{1}}) {
    CHECK(batch.failures[slot].reason == reason::unreadable);
    write_error_record(batch, batch.failures[slot], "w", test_now_s);
    const auto& out = batch.outputs[slot];
    CHECK(out.source_offset == static_cast<std::int64_t>(7 + slot));
    CHECK(out.topic == output_topic::errors);
    CHECK(!out.key);
    CHECK(out.value.starts_with("{\"user_id\":\"Unknown\",\"error_type\":\"" + batch.unreadable));
    CHECK(out.value.find("\"reason\":\"unreadable\",\"message_content\":{}") !=
          std::string_view::npos);
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "a batch has one output for each input and lets go of the inputs") {
  batch.layout = layout;
  batch.keep_alive = std::make_shared<int>(1);
  const std::weak_ptr<void> alive = batch.keep_alive;
  for (const auto& value : {real_event, std::string("{"), with(real_event, "2.3.0", "9")})
    batch.inputs.push_back(input(value));
  batch.inputs.push_back(input(std::nullopt));
  turnstile::tests::login_transform transform(options, pseudonyms);
  transform_batch(transform, batch, test_now_s);
  CHECK(batch.inputs.empty());
  CHECK(alive.expired());
  REQUIRE(batch.outputs.size() == 4);
  CHECK(batch.outputs[0].result == outcome::processed);
  CHECK(batch.outputs[1].result == outcome::failed);
  CHECK(batch.outputs[2].result == outcome::filtered);
  REQUIRE(batch.failures.size() == 2);
  CHECK(batch.failures[0].slot == 1);
  CHECK(batch.failures[1].slot == 3);
}

TEST_CASE("an empty batch stays empty") {
  record_batch batch;
  throwing_transform transform;
  transform_batch(transform, batch, 0);
  CHECK(batch.outputs.size() == 0);
}

TEST_CASE("a record whose transform throws fails alone and the batch goes on") {
  record_batch batch;
  const std::string_view values[] = {"ok", "std", "ok", "memory", "int", "ok"};
  for (std::size_t i = 0; i < 6; ++i)
    batch.inputs.push_back(view(static_cast<std::int64_t>(i), values[i]));
  throwing_transform transform;
  transform_batch(transform, batch, 0);
  REQUIRE(batch.outputs.size() == 6);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(batch.outputs[i].source_offset == static_cast<std::int64_t>(i));
  REQUIRE(batch.failures.size() == 3);
  CHECK(batch.failures[0].error_type == "Transformation error: std::runtime_error");
  CHECK(batch.failures[1].error_type == "Transformation error: std::bad_alloc");
  CHECK(batch.failures[2].error_type == "Transformation error: unknown exception");
  for (const auto& failure : batch.failures) {
    CHECK(failure.reason == reason::transform_failed);
    CHECK(failure.stage == stage::transform);
    CHECK(failure.content.empty());
    CHECK(batch.outputs[failure.slot].result == outcome::failed);
    CHECK(batch.outputs[failure.slot].topic == output_topic::errors);
    CHECK(batch.outputs[failure.slot].timestamp_ms == 5);
    CHECK_FALSE(batch.outputs[failure.slot].key);
  }
}

TEST_CASE_FIXTURE(login_fixture,
                  "wherever memory runs out, apply leaves outputs and failures as they were") {
  headers = {{"trace", "t1"}};
  for (const auto& value : {real_event, with(real_event, "iOS", R"(\u0069OS)"), std::string("{"),
                            with(real_event, "\"ip\"", "\"x\""), with(real_event, "2.3.0", "9")}) {
    bool done = false;
    for (int left = 0; !done; ++left) {
      record_batch fresh;
      fresh.layout = layout;
      turnstile::tests::login_transform transform(options, pseudonyms);
      const record_view in = input(value);
      allocations_left = left;
      try {
        transform.apply(in, fresh, test_now_s);
        done = true;
      } catch (const std::bad_alloc&) {
      }
      allocations_left = -1;
      REQUIRE(fresh.outputs.size() == (done ? 1U : 0U));
      REQUIRE(fresh.failures.size() ==
              (done && fresh.outputs[0].result == outcome::failed ? 1U : 0U));
      REQUIRE(left < 100);
    }
  }
}

TEST_CASE_FIXTURE(login_fixture, "what is carried over needs no valid value") {
  options.event.key.method = field_method::pseudonym;
  const turnstile::tests::login_transform transform(options, pseudonyms);
  const record_view in = input("{");
  const output_record carried = transform.carry(in, batch.memory);
  CHECK(carried.key == pseudonyms->of("key"));
  CHECK(carried.source_offset == in.offset);
  CHECK(carried.timestamp_ms == in.timestamp_ms);
}

TEST_CASE_FIXTURE(login_fixture, "a thrown record keeps what its transform lets it carry") {
  struct : record_transform {
    void apply(const record_view&, record_batch&, std::int64_t) override { throw 42; }
    [[nodiscard]] output_record carry(const record_view& in, arena& memory) const override {
      output_record out;
      out.key = memory.copy(*in.key);
      return out;
    }
  } transform;
  batch.inputs.push_back(input("x"));
  transform_batch(transform, batch, test_now_s);
  CHECK(batch.outputs[0].key == "key");
}

TEST_CASE_FIXTURE(login_fixture,
                  "one hostile record leaves no memory behind in the next batch's way") {
  batch.layout = layout;
  turnstile::tests::login_transform transform(options, pseudonyms);
  std::string many = "{";
  for (int i = 0; many.size() < 900000; ++i) many += "\"" + std::to_string(i) + "\":0,";
  many.back() = '}';
  transform.apply(input(many), batch, test_now_s);
  transform.apply(input(real_event), batch, test_now_s);
  CHECK(batch.outputs[0].result == outcome::failed);
  CHECK(batch.outputs[1].result == outcome::processed);
}
