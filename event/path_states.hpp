// What is known of a value by where it stands: the paths of all rules as one table of states, so
// that reading an event matches all of them with one look for each name.
//
// Made once from the rules' paths, constant from then on, shared by all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_text.hpp"
#include "event/path.hpp"

namespace turnstile::event {

inline constexpr std::uint16_t none = 0xffff;

/// What a rule makes of the inside of an object or array that it holds for.
enum class inside : std::uint8_t {
  open,     ///< There is no rule: what no other rule names is unknown.
  covered,  ///< It is kept: nothing in it is unknown.
  hidden,   ///< It is replaced as a whole: no rule applies below.
};

/// What a top-level scalar needs, so that most events are checked by sums taken while they are
/// read.
struct scalar_needs {
  /// By `bit`: kinds that are there and of their type whatever the value.
  std::uint8_t right = 0xff;
  bool required = false;
  /// What is written may be longer by so many bytes, where the token is short.
  std::uint16_t growth = 0;

  static constexpr std::size_t short_bytes = 64;
  [[nodiscard]] static unsigned bit(core::json_kind kind, bool is_empty_string) {
    return is_empty_string ? 6U : static_cast<unsigned>(kind);
  }
};

/// A path that something is known of: a rule's, or one that is only looked at (id, filter, count).
struct known_path {
  path at;
  std::uint16_t rule = none;
  event::inside inside = event::inside::open;
  std::uint16_t place = none;  ///< Where the values found are noted; none with `**`.
  bool is_looked_at = false;   ///< Values are found though there is no rule.
  scalar_needs needs;          ///< Of its rule.
};

/// A rule for a member that an object may lack: it is required, or has a default.
struct expected_member {
  std::uint16_t rule = none;
  std::string name;
};

class path_states {
public:
  using index = std::uint16_t;
  static constexpr index dead = 0;  ///< Nothing is known of the value nor of what is in it.
  static constexpr index root = 1;

  struct state {
    std::uint16_t rule = none;
    std::uint16_t place = none;
    event::inside inside = event::inside::open;  ///< What holds for what is in the value.
    bool is_looked_at = false;
    bool on_way = false;   ///< A rule may hold for something in it.
    bool tracked = false;  ///< Something in it may be known.
    scalar_needs needs;
    index element = dead;
    index other = dead;  ///< Members of names that no path has.
    std::uint32_t first_slot = 0;
    std::uint32_t slot_mask = 0;
    std::uint32_t hash_factor = 1;
    std::vector<expected_member> expected;
  };

  /// `expected` says for each rule whether an object that lacks its member matters.
  path_states(const std::vector<known_path>& paths, const std::vector<bool>& expected);

  [[nodiscard]] const state& at(index i) const { return states_[i]; }

  struct known_member {
    std::string_view name;  ///< Lives as long as the states.
    index next = dead;      ///< dead: no path has such a name.
  };

  /// Of a member of an object in state `s`.
  [[nodiscard]] known_member find(const state& s, std::string_view name) const {
    for (std::uint32_t i = slot_of(name, s.hash_factor);; ++i) {
      const known_member& found = slots_[s.first_slot + (i & s.slot_mask)];
      if (found.next == dead || is_same(found.name, name)) return found;
    }
  }
  [[nodiscard]] index member(const state& s, std::string_view name) const {
    const index next = find(s, name).next;
    return next == dead ? s.other : next;
  }

  [[nodiscard]] std::size_t places() const { return places_; }

  /// As ==, without a call: names are short, and two loads that overlap compare one.
  static bool is_same(std::string_view a, std::string_view b) {
    const std::size_t size = a.size();
    if (size != b.size()) return false;
    if (size < 4 || size > 16) return a == b;
    const auto both_ends = [&]<class Word>(Word) {
      Word first[2], last[2];
      std::memcpy(&first[0], a.data(), sizeof(Word));
      std::memcpy(&first[1], b.data(), sizeof(Word));
      std::memcpy(&last[0], a.data() + size - sizeof(Word), sizeof(Word));
      std::memcpy(&last[1], b.data() + size - sizeof(Word), sizeof(Word));
      return first[0] == first[1] && last[0] == last[1];
    };
    return size < 8 ? both_ends(std::uint32_t{}) : both_ends(std::uint64_t{});
  }

private:
  struct node;
  class builder;

  static std::uint32_t slot_of(std::string_view name, std::uint32_t factor) {
    if (name.empty()) return 0;
    const auto byte = [name](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    const std::uint32_t sum = static_cast<std::uint32_t>(name.size()) + byte(0) * 64U +
                              byte(name.size() / 2) * 1024U + byte(name.size() - 1) * 16384U;
    return sum * factor >> 16U;
  }
  static std::uint32_t best_factor(const std::vector<known_member>& members, std::uint32_t mask);
  void fill_slots(state& s, std::vector<known_member> members);

  std::vector<std::unique_ptr<const std::string>> names_;  ///< That slots point into.
  std::vector<state> states_;
  std::vector<known_member> slots_;
  std::size_t places_ = 0;
};

}  // namespace turnstile::event
