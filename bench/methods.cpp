// Nanoseconds of what a method makes of one value, beside those of a pseudonym.
//
//   build/bench/micro --benchmark_filter=method
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "event/methods/field_method.hpp"
#include "event/times.hpp"

namespace turnstile::bench {
namespace {

constexpr std::string_view v4 = R"("203.0.113.7")";
constexpr std::string_view v6 = R"("2001:db8:85a3::8a2e:370:7334")";
constexpr std::string_view email = R"("anna.mustermann@example.com")";
constexpr std::string_view number = "48.137154";

const event::method_keys& keys() {
  static const event::method_keys made = [] {
    const event::secret_key secret(std::vector<unsigned char>(32, 7));
    return event::make_method_keys(&secret, nullptr, nullptr);
  }();
  return made;
}

void method(benchmark::State& state, const core::method_rule& rule, std::string_view token) {
  const bool is_string = token.front() == '"';
  const event::json_value value{is_string ? core::json_kind::string : core::json_kind::number,
                                token, is_string ? token.substr(1, token.size() - 2) : ""};
  const auto made = event::field_method::make(rule, "client.ip", keys());
  std::string room(made->bytes_max(token.size()), '\0');
  for (auto _ : state) {
    char* to = room.data();
    benchmark::DoNotOptimize(made->apply(value, to));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

using of = core::field_method;

#define TURNSTILE_METHOD(name, token, ...) \
  BENCHMARK_CAPTURE(method, name, core::method_rule __VA_ARGS__, token)

TURNSTILE_METHOD(pseudonym_v4, v4, {.method = of::pseudonym});
TURNSTILE_METHOD(pseudonym_v6, v6, {.method = of::pseudonym});
TURNSTILE_METHOD(pseudonym_email, email, {.method = of::pseudonym});
TURNSTILE_METHOD(pseudonym_number, number, {.method = of::pseudonym});
TURNSTILE_METHOD(pseudonym_ip_v4, v4,
                 {.method = of::pseudonym, .canonical = core::canonical_form::ip});
TURNSTILE_METHOD(ipcrypt_v4, v4, {.method = of::ipcrypt});
TURNSTILE_METHOD(ipcrypt_v6, v6, {.method = of::ipcrypt});
TURNSTILE_METHOD(ipcrypt_pfx_v4, v4, {.method = of::ipcrypt_pfx});
TURNSTILE_METHOD(ipcrypt_pfx_v6, v6, {.method = of::ipcrypt_pfx});
TURNSTILE_METHOD(truncate_ip_v4, v4, {.method = of::truncate_ip});
TURNSTILE_METHOD(truncate_ip_v6, v6, {.method = of::truncate_ip});
TURNSTILE_METHOD(mask_ip_v4, v4, {.method = of::mask_ip});
TURNSTILE_METHOD(mask_ip_v6, v6, {.method = of::mask_ip});
TURNSTILE_METHOD(mask, email, {.method = of::mask, .keep_last = 4});
TURNSTILE_METHOD(encrypt, email, {.method = of::encrypt});
TURNSTILE_METHOD(round, number, {.method = of::round, .to = 0.1});
TURNSTILE_METHOD(replace, email, {.method = of::replace, .value = R"("hidden")"});

void time(benchmark::State& state, core::json_kind kind, std::string_view text) {
  const core::time_rule rule{.units = core::time_units::magnitude,
                             .iso8601 = true,
                             .output = core::time_output::rfc3339,
                             .precision = core::time_precision::ms};
  std::string room(event::time_bytes_max, '\0');
  for (auto _ : state) {
    const auto parsed = event::parse_time(kind, text, text, rule);
    benchmark::DoNotOptimize(event::write_time(room.data(), parsed, rule));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(time, epoch_ms, core::json_kind::number, "1729894074123");
BENCHMARK_CAPTURE(time, rfc3339, core::json_kind::string, "2024-10-25T22:07:54.123+02:00");

}  // namespace
}  // namespace turnstile::bench
