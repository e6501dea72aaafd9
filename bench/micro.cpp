// Nanoseconds of what a record costs in the pure parts: parse, pseudonyms, the whole transform,
// the order of batches, the summary's counts.
//
//   build/bench/micro [--benchmark_filter=transform]
#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <sodium.h>

#include "core/in_order.hpp"
#include "core/summary_tally.hpp"
#include "event/error_record.hpp"
#include "event/errors/content_seal.hpp"
#include "event/json_event.hpp"
#include "event/methods/key_file.hpp"
#include "event/methods/pseudonymiser.hpp"
#include "events.hpp"

namespace turnstile::bench {
namespace {

constexpr std::size_t batch_records = 512;

std::shared_ptr<event::pseudonymiser> pseudonyms(bool keyed) {
  if (!keyed) return std::make_shared<event::pseudonymiser>();
  const std::vector<unsigned char> key(event::key_bytes_min, 7);
  return std::make_shared<event::pseudonymiser>(event::secret_key{key});
}

void parse(benchmark::State& state) {
  const events given{batch_records};
  event::json_event event;
  for (auto _ : state)
    for (const auto& view : given.views())
      benchmark::DoNotOptimize(event.parse(view.value, 1024 * 1024));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch_records));
}
BENCHMARK(parse);

void pseudonym(benchmark::State& state) {
  const auto pseudonymiser = pseudonyms(state.range(0) != 0);
  std::array<char, event::pseudonym_bytes> text{};
  for (auto _ : state)
    benchmark::DoNotOptimize(
        pseudonymiser->write(text.data(), "f6a1baa4-af52-443f-b54f-0eeccb502f12"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pseudonym)->ArgName("keyed")->Arg(0)->Arg(1);

void transform(benchmark::State& state) {
  const events given{batch_records};
  tests::login_transform login{tests::default_settings(), pseudonyms(state.range(0) != 0)};
  for (auto _ : state) {
    const auto batch = given.batch();
    core::transform_batch(login, *batch, now_s);
    benchmark::DoNotOptimize(batch->outputs.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch_records));
}
BENCHMARK(transform)->ArgName("keyed")->Arg(0)->Arg(1);

/// One event in ten lacks a field; its error record has its content pseudonymised, or sealed.
void transform_with_errors(benchmark::State& state) {
  const events given{batch_records};
  std::deque<std::string> kept;
  const auto lacking = [&kept](std::string_view event) {
    std::string& changed = kept.emplace_back(event);
    const std::size_t at = changed.find("\"locale\"");
    if (at != std::string::npos) changed[at + 1] = 'L';
    return std::string_view(changed);
  };
  auto options = tests::default_settings();
  std::optional<event::seal_key> seal;
  if (state.range(0) != 0) {
    options.errors.content = core::error_content::sealed;
    std::array<unsigned char, event::seal_key_bytes> open{}, secret{};
    crypto_box_keypair(open.data(), secret.data());
    seal = event::seal_key::of(open);
  }
  tests::login_transform login{options, pseudonyms(true), seal};
  std::size_t failed = 0;
  for (auto _ : state) {
    const auto batch = given.batch();
    kept.clear();
    for (std::size_t i = 0; i < batch_records; i += 10)
      batch->inputs[i].value = lacking(*batch->inputs[i].value);
    core::transform_batch(login, *batch, now_s);
    for (const auto& failure : batch->failures)
      event::write_error_record(*batch, failure, "worker-1", now_s);
    failed += batch->failures.size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch_records));
  state.counters["errors"] = static_cast<double>(failed) / static_cast<double>(state.iterations());
}
BENCHMARK(transform_with_errors)->ArgName("sealed")->Arg(0)->Arg(1);

void order_of_batches(benchmark::State& state) {
  core::in_order<std::size_t> waiting;
  std::uint64_t next = 0;
  for (auto _ : state) {
    waiting.put(next + 1, next + 1);
    waiting.put(next, next);
    next += 2;
    while (auto item = waiting.next()) benchmark::DoNotOptimize(*item);
  }
  state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(order_of_batches);

void summary_counts(benchmark::State& state) {
  const events given{batch_records};
  tests::login_transform login{tests::default_settings(), pseudonyms(false)};
  const auto batch = given.batch();
  core::transform_batch(login, *batch, now_s);
  core::summary_tally tally{
      "user-login", 0, {"device_type_counts", "locale_counts"}, {1000, 1'000'000}};
  for (auto _ : state)
    for (const auto& output : batch->outputs) tally.count(0, output.source_offset, output);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch_records));
}
BENCHMARK(summary_counts);

}  // namespace
}  // namespace turnstile::bench

BENCHMARK_MAIN();
