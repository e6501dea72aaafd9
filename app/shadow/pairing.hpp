// Brings together the old and the new outcome of each input of one partition, in whatever order
// they come, and has them judged.
//
// Owned by a lane, used by its thread. Knows no broker. One of the two waits for the other; of the
// ordinary case, where outputs are read in the order of their inputs, few wait. GUARANTEES: nine
// bytes an offset, and the bytes of those that wait as far as `memory` has room: beyond it only a
// fingerprint waits, and an input that then differs is looked at again in a later pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "app/shadow/tally.hpp"
#include "audit/fate_map.hpp"

namespace turnstile::shadow {

/// What all pairings of a lane may keep waiting.
struct waiting_room {
  std::size_t bytes_max = 0;
  std::size_t bytes = 0;
};

/// One of the two outcomes of an input.
struct side {
  std::string_view bytes;           ///< `append_bytes`
  std::int64_t input_time_ms = -1;  ///< -1: not known.
  std::uint16_t key = 0;            ///< Number of its key's id; 0: none is said.
  bool redriven = false;            ///< Of an output.
};

class pairing {
public:
  /// Judges two outcomes, and says under which id they were counted.
  using judge = std::function<tally::id(input_place at, const side& before, const side& after)>;

  pairing(std::int32_t partition, audit::offset_range range, waiting_room& room);
  ~pairing();
  pairing(const pairing&) = delete;
  pairing& operator=(const pairing&) = delete;

  [[nodiscard]] audit::offset_range range() const { return range_; }

  /// Whether the new outcome of this input is wanted. REQUIRES of all: the offset is in the range.
  [[nodiscard]] bool wants(std::int64_t offset) const;

  void add_made(std::int64_t offset, const side& made, const judge& to);
  void add_found(std::int64_t offset, const side& found, tally& counts, const judge& to);

  struct figures {
    std::int64_t repeated = 0;   ///< Outputs beyond an input's first.
    std::int64_t earlier = 0;    ///< Outputs of an earlier topic of the same name.
    std::int64_t redriven = 0;   ///< Inputs.
    std::int64_t inputless = 0;  ///< Outputs whose input was not there.
  };
  [[nodiscard]] const figures& counted() const { return figures_; }

  /// What the next pass must read: all inputs in `inputs`, and the outputs too if `outputs`.
  struct rest {
    audit::offset_range inputs;
    bool outputs = false;
  };
  /// `each(offset, ending)` for the inputs without an outcome.
  [[nodiscard]] rest finish_pass(const std::function<void(std::int64_t, ending)>& each);

private:
  enum class state : std::uint8_t {
    open,
    made,        ///< The new outcome waits.
    made_print,  ///< Only its fingerprint does.
    found,       ///< The old one, or several.
    found_print,
    judged,
    again,           ///< Both are needed again.
    redriven,        ///< A redriven outcome waits for the input to be read again.
    redriven_again,  ///< Both.
  };
  struct waiting;
  /// What goes with the state.
  union slot {
    waiting* kept;
    std::uint64_t print;
    tally::id id;
  };

  [[nodiscard]] std::size_t index_of(std::int64_t offset) const {
    return static_cast<std::size_t>(offset - range_.low);
  }
  [[nodiscard]] input_place at(std::size_t i) const {
    return {partition_, range_.low + static_cast<std::int64_t>(i)};
  }
  void set(std::size_t i, state to, slot with);
  [[nodiscard]] bool keep(std::size_t i, state as, const side& one);
  void release(std::size_t i);
  void judge_kept(std::size_t i, const side& made, const judge& to);
  void add_further(std::size_t i, const side& found);
  void add_redriven(std::size_t i, const side& found, tally& counts);
  [[nodiscard]] bool is_first_pass() const { return passes_ == 0; }
  void finish_slot(std::size_t i, rest& next,
                   const std::function<void(std::int64_t, ending)>& each);

  std::int32_t partition_;
  audit::offset_range range_;
  waiting_room* room_;
  std::vector<slot> slots_;
  std::vector<state> states_;
  /// Of a later pass: those whose redriven outcome alone counts.
  std::unordered_set<std::int64_t> only_redriven_;
  unsigned passes_ = 0;
  figures figures_;
};

}  // namespace turnstile::shadow
