// The small readers of what others write: origins, summaries, addresses, timestamps, keys of a
// configuration, quoting.
#include <array>
#include <string>

#include "audit/origin.hpp"
#include "audit/summaries.hpp"
#include "audit/values/addresses.hpp"
#include "config/config.hpp"
#include "config/kafka_property.hpp"
#include "core/quoting.hpp"
#include "core/timestamps.hpp"
#include "event/ciphers/address.hpp"
#include "tests/fuzz/support.hpp"

using namespace turnstile;
using fuzz::must;

namespace {

void read_timestamp(std::string_view text) {
  for (const auto units : {core::time_units::seconds, core::time_units::magnitude})
    for (const bool iso8601 : {false, true}) {
      const auto parsed = core::parse_timestamp_text(
          text, {.units = units, .fraction = iso8601, .iso8601 = iso8601, .zone_utc = iso8601});
      if (!parsed.error.empty()) continue;
      must(parsed.epoch_s >= 0 && parsed.epoch_s <= core::epoch_s_max &&
               parsed.nanosecond < 1'000'000'000,
           "a time is in its range");
      std::array<char, core::timestamp_bytes_max> written{};
      const char* end =
          core::write_timestamp(written.data(), parsed.epoch_s, core::timestamp_format::rfc3339);
      must(end == written.data() + written.size(), "a time has its bytes");
    }
}

void read_address(std::string_view text) {
  const auto parsed = event::parse_address(text);
  if (!parsed) return;
  std::array<char, event::address_bytes_max> written{};
  const char* const end = event::write_address(written.data(), *parsed);
  const auto again = event::parse_address({written.data(), end});
  must(again && again->bytes == parsed->bytes, "an address's canonical text is that address");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::choices choose(data, size);
  const std::string first(choose.part());
  const std::string rest(choose.rest());
  if (const auto origin = audit::parse_origin(first))
    must(origin->partition >= 0 && origin->offset >= 0 && !origin->topic.empty(),
         "an origin is a place");
  static_cast<void>(audit::parse_summary(rest, "user-login"));
  const auto addresses = audit::addresses_in(rest);
  must(addresses.size() <= audit::addresses_max, "addresses are bounded");
  static_cast<void>(core::property_fault(first, rest));
  static_cast<void>(core::shown_property(first, rest));
  static_cast<void>(core::parse_override(rest));
  const std::string shown = core::printable(rest);
  must(core::printable(shown) == shown, "what is printable stays so");
  rapidjson::Document json;
  must(fuzz::read_json("[" + core::quoted(rest) + "]", json), "what is quoted is JSON");
  read_timestamp(first);
  read_address(first);
  return 0;
}
