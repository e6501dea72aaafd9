// One golden test: an event, and what its rules are expected to make of it.
//
// Functions that block on files; used on the main thread.
#pragma once

#include <string>

#include "app/trial/event_files.hpp"
#include "app/trial/trial.hpp"

namespace turnstile::app {

/// How an outcome is kept: the file's ending and its bytes. `.out.json` of a processed event (its
/// value), `.error` of an error (its reason), `.filtered` of what the filter took.
struct golden_outcome {
  std::string ending;
  std::string bytes;
};
[[nodiscard]] golden_outcome outcome_of(const tried_event& tried);

/// Empty where the case came out as its file says; else the difference, in lines.
[[nodiscard]] std::string difference(const std::string& folder, const golden_case& one,
                                     const trial& rules);

/// Writes the outcome's file and removes those of other outcomes; empty, or why it cannot.
[[nodiscard]] std::string update(const std::string& folder, const golden_case& one,
                                 const trial& rules);

}  // namespace turnstile::app
