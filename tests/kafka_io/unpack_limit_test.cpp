#include "kafka_io/client/unpack_limit.hpp"

#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "batch_fixture.hpp"
#include "kafka_io/tools/range_reader.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::batch_fixture;
using testing::patience;

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

/// The limits are the process's: taken back behind each test.
struct limit_fixture : batch_fixture {
  ~limit_fixture() { limit_unpacking({}); }

  /// How many bytes the one value has; -1: it cannot be read.
  std::int64_t read_value() {
    auto reader = range_reader::open(settings, isolation::read_committed);
    REQUIRE(reader);
    std::int64_t bytes = -1;
    const auto reached = reader->read({{topic, 0, 0, 1}},
                                      {.record =
                                           [&](std::size_t, const core::record_view& record) {
                                             bytes =
                                                 static_cast<std::int64_t>(record.value->size());
                                           }},
                                      patience);
    return bytes;
  }
};

TEST_CASE_FIXTURE(limit_fixture, "a batch that unpacks to more than the limit is not read") {
  std::string codec;
  SUBCASE("gzip") { codec = "gzip"; }
  SUBCASE("lz4") { codec = "lz4"; }
  SUBCASE("zstd") { codec = "zstd"; }
  constexpr std::int64_t bytes = 20'000'000;
  send_batch(codec, 1, std::string(bytes, 'x'));
  limit_unpacking({bytes - 1'000'000, any});
  // Of a small zstd librdkafka's own limit is the bound.
  if (codec != "zstd") CHECK(survey(0) == range{{0, 1}});
  limit_unpacking({bytes + 1'000'000, any});
  CHECK(read_value() == bytes);
}

TEST_CASE_FIXTURE(limit_fixture, "a batch that finds no memory is waited for, and read with it") {
  std::string codec;
  SUBCASE("gzip") { codec = "gzip"; }
  SUBCASE("lz4") { codec = "lz4"; }
  SUBCASE("zstd") { codec = "zstd"; }
  constexpr std::int64_t bytes = 20'000'000;
  send_batch(codec, 1, std::string(bytes, 'x'));
  const auto before = refused_for_memory();
  limit_unpacking({2 * bytes, 1});
  CHECK(survey(0) == range{});
  CHECK(refused_for_memory() > before);
  CHECK(read_value() == -1);
  limit_unpacking({2 * bytes, any});
  CHECK(read_value() == bytes);
}

TEST_CASE_FIXTURE(limit_fixture, "ordinary batches are read however little memory there is") {
  for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    send_batch(codec, 1, "v");
  }
  limit_unpacking({unpacked_without_look, 1});
  CHECK(survey(0) == range{});
  CHECK(read_value() == 1);
}

}  // namespace
}  // namespace turnstile::kafka_io
