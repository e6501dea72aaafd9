// What the demo tells at its end, and as it goes.
//
// Free functions that print to standard output, on the demo's thread.
#pragma once

#include <string>

#include "app/demo/origin_tally.hpp"
#include "app/terminal/terminal.hpp"
#include "core/settings.hpp"
#include "generate/event_mix.hpp"

namespace turnstile::app {

/// What the generator says it sent, beside what was found.
struct demo_outcome {
  const core::settings& settings;
  const generate::by_kind<std::uint64_t>& sent;
  const origin_tally& tally;
  std::string figures;  ///< The actors', as a table; empty: not asked for.
  double seconds = 0;
};

void print_demo_report(const demo_outcome& outcome, const painter& paint);

/// The last line. True: every input offset ended in exactly one output, and as the generator meant.
[[nodiscard]] bool print_demo_verdict(const demo_outcome& outcome, const painter& paint);

}  // namespace turnstile::app
