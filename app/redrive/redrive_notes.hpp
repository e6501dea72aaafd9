// What a redrive notes beside its position in a partition of the error topic: which selection it
// is at, up to where, and how often which inputs failed again.
//
// Plain values, used by one thread. GUARANTEES: the text has at most `note_bytes_max` bytes,
// whatever was counted; of what does not fit the inputs that were tried least are forgotten first,
// so that none is ever taken for tried more often than it was. A text of anybody else is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace turnstile::app {

/// Brokers refuse more than 4,096 bytes unless told otherwise (`offset.metadata.max.bytes`).
inline constexpr std::size_t note_bytes_max = 4000;

/// How often each error record's input was redriven in vain, by runs of neighbours.
class attempt_counts {
public:
  /// Far more than a note has room for. Beyond it those tried least are forgotten.
  static constexpr std::size_t runs_max = 10'000;

  [[nodiscard]] std::uint32_t at(std::int64_t error_offset) const;
  void add(std::int64_t error_offset);

  /// Those below are gone from the error topic.
  void forget_below(std::int64_t error_offset);

  [[nodiscard]] std::string text(std::size_t bytes_max) const;
  [[nodiscard]] static std::optional<attempt_counts> of(std::string_view text);

private:
  struct run {
    std::int64_t end = 0;  ///< One beyond the last.
    std::uint32_t count = 0;
  };
  void insert(std::int64_t first, run added);
  void forget_least();

  std::map<std::int64_t, run> runs_;  ///< By their first; none touches another of its count.
};

struct redrive_note {
  std::string selection;  ///< See selection_id.
  std::int64_t end = 0;   ///< Where the error partition ended when the pass began.
  attempt_counts attempts;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<redrive_note> of(std::string_view text);
};

}  // namespace turnstile::app
