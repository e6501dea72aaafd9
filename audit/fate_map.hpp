// What is known of each offset of one input partition: four bits an offset.
//
// A plain value of its ledger, used by one thread. Grows at its end, and is dropped at its
// beginning by whole chunks, so that a moving window stays small. GUARANTEES: never more than half
// a byte an offset and one chunk at each end; a chunk of which nothing was set takes a few bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace turnstile::audit {

/// Where an input ended: the topic in which its output was found.
enum class fate : std::uint8_t { none, processed, error, cleaned };
inline constexpr std::size_t fate_count = 4;

/// What is known of an offset without a fate.
enum class absence : std::uint8_t {
  open,       ///< No output was seen yet.
  no_record,  ///< There never was a record here that a reader sees: a control record, an aborted
              ///< one, or one that compaction removed.
  unknown,    ///< What would tell is no longer there.
  missing,    ///< It is a record, and nothing became of it.
};

/// More copies than these are not told apart.
inline constexpr unsigned copies_max = 4;

struct offset_range {
  std::int64_t low = 0;
  std::int64_t high = 0;  ///< One beyond the last.

  [[nodiscard]] std::int64_t size() const { return high - low; }
  friend bool operator==(const offset_range&, const offset_range&) = default;
};

/// One offset's four bits.
class offset_state {
public:
  constexpr offset_state() = default;
  constexpr explicit offset_state(absence why) : bits_(static_cast<std::uint8_t>(why)) {}
  constexpr offset_state(fate where, unsigned copies)
    : bits_(static_cast<std::uint8_t>(static_cast<unsigned>(where) << 2 |
                                      (copies < copies_max ? copies - 1 : copies_max - 1))) {}

  [[nodiscard]] static constexpr offset_state of_bits(unsigned bits) {
    offset_state state;
    state.bits_ = static_cast<std::uint8_t>(bits & 0xfU);
    return state;
  }
  [[nodiscard]] constexpr unsigned bits() const { return bits_; }
  [[nodiscard]] constexpr fate where() const { return static_cast<fate>(bits_ >> 2U); }

  /// How often it was written: 0 to `copies_max`.
  [[nodiscard]] constexpr unsigned copies() const { return bits_ < 4 ? 0 : (bits_ & 3U) + 1; }

  [[nodiscard]] constexpr bool is(absence why) const {
    return bits_ == static_cast<std::uint8_t>(why);
  }

  friend constexpr bool operator==(offset_state, offset_state) = default;

private:
  std::uint8_t bits_ = 0;
};

class fate_map {
public:
  explicit fate_map(std::int64_t low);

  /// The offsets that it holds: from `low` to below `high`.
  [[nodiscard]] std::int64_t low() const { return low_; }
  [[nodiscard]] std::int64_t high() const { return high_; }
  [[nodiscard]] bool holds(std::int64_t offset) const { return low_ <= offset && offset < high_; }

  /// The offsets up to `high` are open now, where they were not held before.
  void extend(std::int64_t high);

  /// Forgets the offsets below `low`.
  void drop_below(std::int64_t low);

  /// REQUIRES: it holds `offset`.
  [[nodiscard]] offset_state at(std::int64_t offset) const;
  void set(std::int64_t offset, offset_state state);

  /// All of `range` at once.
  void fill(offset_range range, offset_state state);

  /// The end of the run of equal states that begins at `from`, at most `to`. REQUIRES: both within.
  [[nodiscard]] std::int64_t run_end(std::int64_t from, std::int64_t to) const;

  /// Calls `each(offset_range, offset_state)` for the runs of equal states in `range`.
  template <typename Each>
  void for_each_run(offset_range range, const Each& each) const {
    for (std::int64_t at = range.low; at < range.high;) {
      const std::int64_t end = run_end(at, range.high);
      each(offset_range{at, end}, this->at(at));
      at = end;
    }
  }

  /// Memory of the chunks.
  [[nodiscard]] std::size_t bytes() const;

private:
  static constexpr std::size_t chunk_bytes = 4096;
  static constexpr std::int64_t chunk_offsets = 2 * static_cast<std::int64_t>(chunk_bytes);
  using chunk = std::vector<std::uint8_t>;  ///< Empty: all are open.

  [[nodiscard]] std::size_t byte_of(std::int64_t offset) const {
    return static_cast<std::size_t>(offset - base_) / 2;
  }
  [[nodiscard]] std::uint8_t pair_at(std::size_t byte) const {
    const chunk& of = chunks_[byte / chunk_bytes];
    return of.empty() ? std::uint8_t{0} : of[byte % chunk_bytes];
  }
  [[nodiscard]] chunk& chunk_of(std::size_t byte);

  std::int64_t low_;
  std::int64_t high_;
  std::int64_t base_;  ///< Of the first chunk; even.
  std::deque<chunk> chunks_;
};

}  // namespace turnstile::audit
