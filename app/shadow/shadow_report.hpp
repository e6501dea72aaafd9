// What a shadow found, for people and as JSON.
//
// A plain value and pure functions; any thread. GUARANTEES: values of events only where
// `show_values` says so.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/shadow/expectation.hpp"
#include "app/shadow/pairing.hpp"
#include "app/shadow/tally.hpp"

namespace turnstile::shadow {

struct changed_outcome {
  ending from = processed;
  ending to = processed;
  std::int64_t count = 0;
  bool expected = false;
  std::vector<input_place> examples;
};

struct changed_part {
  std::string name;
  std::int64_t count = 0;  ///< Inputs.
  bool expected = false;
  std::vector<input_place> examples;
  std::vector<value_example> values;  ///< Where they are to be shown.
};

struct shadow_report {
  std::string input_topic;
  std::int64_t same = 0;
  std::int64_t other_outcome = 0;
  std::int64_t other_bytes = 0;
  std::int64_t expected = 0;  ///< Of these two, those of which all was expected.
  std::int64_t by_broker = 0;
  std::int64_t no_outcome = 0;
  std::int64_t unknown = 0;
  std::vector<changed_outcome> outcomes;         ///< The most frequent first.
  std::vector<changed_part> parts;               ///< The same.
  std::map<std::string, std::int64_t> would_be;  ///< Of those without an outcome.
  pairing::figures outputs;
  std::int64_t foreign = 0;     ///< Outputs whose origin is no input.
  std::int64_t unreadable = 0;  ///< Offsets of inputs in batches that cannot be read.
  std::vector<std::string> missing_topics;
  std::vector<std::string> keyed;  ///< What another key changes.
  bool stopped_early = false;
  bool incomplete = false;  ///< A partition gave nothing more.
  double seconds = 0;

  [[nodiscard]] std::int64_t compared() const { return same + other_outcome + other_bytes; }
  [[nodiscard]] std::int64_t inputs() const {
    return compared() + by_broker + no_outcome + unknown;
  }
  [[nodiscard]] std::int64_t unexpected() const { return other_outcome + other_bytes - expected; }
  /// Whether the new configuration is shown to change nothing but what was expected.
  [[nodiscard]] bool is_fine() const {
    return unexpected() == 0 && compared() > 0 && !stopped_early && !incomplete &&
           missing_topics.empty();
  }
  [[nodiscard]] bool has_other_key() const;
};

/// Fills what `counts` says.
void add_counts(shadow_report& to, const tally& counts, const expectations& expected);

[[nodiscard]] std::string to_text(const shadow_report& report);
[[nodiscard]] std::string to_sentence(const shadow_report& report);
[[nodiscard]] std::string to_json(const shadow_report& report);

}  // namespace turnstile::shadow
