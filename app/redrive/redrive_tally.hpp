// What a redrive did, or would do: counts, examples, and both as text and JSON.
//
// A plain value of its redrive, used by one thread. The JSON's fields never change their meaning
// (docs/redrive.md). GUARANTEES: bounded; nothing of what a record holds is in it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/redrive/dead_letter.hpp"
#include "core/batch.hpp"

namespace turnstile::app {

inline constexpr int redrive_schema = 1;

/// Columns of the table: the outcomes, then the reasons of those that failed again.
inline constexpr std::size_t redrive_columns = 2 + core::reason_count;
inline constexpr std::size_t redrive_rows = core::reason_count + 2;

struct redrive_tally {
  static constexpr std::size_t examples_max = 5;

  std::array<std::array<std::int64_t, redrive_columns>, redrive_rows> table{};
  std::int64_t selected = 0;     ///< Error records, or missing inputs, that were asked for.
  std::int64_t has_outcome = 0;  ///< Of these: their inputs ended well already.
  std::int64_t same_input = 0;   ///< And those of which an earlier error record is.
  struct left_entry {
    std::int64_t count = 0;
    std::vector<std::string> examples;
  };
  std::array<left_entry, left_count> left_alone;
  std::int64_t errors_written = 0;  ///< For missing inputs that fail.
  std::int64_t more_missing = 0;    ///< Ranges that an audit misses beside those selected.
  bool stopped = false;             ///< By a signal, before all was done.
  bool went_on = false;             ///< Where an earlier redrive had come to.

  void add(std::uint8_t old_reason, core::outcome result) {
    ++table[old_reason][result == core::outcome::processed ? 0 : 1];
  }
  void add_failed(std::uint8_t old_reason, core::reason now) {
    ++table[old_reason][2 + static_cast<std::size_t>(now)];
  }
  /// `where()` gives the example's text.
  template <typename Where>
  void leave(left_why why, const Where& where) {
    auto& of = left_alone[static_cast<std::size_t>(why)];
    ++of.count;
    if (of.examples.size() < examples_max) of.examples.push_back(where());
  }

  [[nodiscard]] std::int64_t redriven() const;
  [[nodiscard]] std::int64_t failed_again() const;
  [[nodiscard]] std::int64_t left_count_of_all() const;
  /// Nothing remains that was asked for.
  [[nodiscard]] bool complete() const {
    return !stopped && more_missing == 0 && failed_again() == 0 && left_count_of_all() == 0;
  }
};

struct redrive_facts {
  bool dry_run = false;
  double seconds = 0;
};

/// One line without a line feed.
[[nodiscard]] std::string to_json(const redrive_tally& tally, const redrive_facts& facts);

/// The table of old reason and new outcome, and what there is to say besides. Empty: nothing.
[[nodiscard]] std::string to_text(const redrive_tally& tally, const redrive_facts& facts);

/// The last line.
[[nodiscard]] std::string to_sentence(const redrive_tally& tally, const redrive_facts& facts);

}  // namespace turnstile::app
