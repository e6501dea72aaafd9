// Reads what nearly every event is: a JSON object without a backslash and without a fault.
//
// A part of json_event, used for the time of one parse. It judges nothing: what it does not take,
// RapidJSON reads from the beginning, and says what is wrong. REQUIRES: the text is valid UTF-8
// without a backslash and without a control character but blanks, and `scan_padding` bytes of NUL
// follow.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "event/json_event.hpp"
#include "event/json_walk.hpp"
#include "event/quote_scan.hpp"

namespace turnstile::event {

class json_event::plain_reader {
public:
  explicit plain_reader(json_event& event) : event_(event), walker_(event) {}

  /// False: it is no such object, or deeper than `json_depth_max`.
  [[nodiscard]] bool read() {
    const std::string_view text = event_.value_;
    const char* at = behind_blanks(text.data());
    if (*at != '{') return false;
    walker_.start(true);
    at = read_event(at + 1);
    return at != nullptr && behind_blanks(at) == text.data() + text.size();
  }

private:
  struct scalar {
    core::json_kind kind = core::json_kind::null;
    std::string_view raw, text;
  };

  // Each takes where the text goes on and returns where it goes on behind what was read; null: this
  // is no plain object.

  static const char* behind_blanks(const char* at) {
    // From 0x01 to the blank: there are no other control characters.
    while (static_cast<unsigned char>(*at - 1) < 0x20) ++at;
    return at;
  }
  static std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  static const char* read_string(const char* at) {
    if (*at != '"') return nullptr;
    const char* const end = quote_or_control(at + 1);
    return *end == '"' ? end + 1 : nullptr;
  }
  /// To the value, behind the colon.
  static const char* read_key(const char* at, std::string_view& key) {
    const char* const end = read_string(at);
    if (end == nullptr) return nullptr;
    key = between(at, end);
    at = behind_blanks(end);
    return *at == ':' ? behind_blanks(at + 1) : nullptr;
  }
  static std::string_view unquoted(std::string_view token) {
    return {token.data() + 1, token.size() - 2};
  }

  /// The event itself, from behind its bracket: as `read_object`, with one look at each scalar.
  const char* read_event(const char* at) {
    depth_ = 1;
    at = behind_blanks(at);
    if (*at == '}') return at + 1;
    for (std::size_t n = 0;; ++n, at = behind_blanks(at + 1)) {
      std::string_view key;
      at = read_key(at, key);
      if (at == nullptr) return nullptr;
      if (*at == '{' || *at == '[') {
        walker_.key(key, unquoted(key));
        at = read_within(at);
      } else {
        scalar value;
        at = read_scalar(at, value);
        if (at != nullptr) add_field(state_of(unquoted(key), n), key, value);
      }
      if (at == nullptr) return nullptr;
      at = behind_blanks(at);
      if (*at != ',') return *at == '}' ? at + 1 : nullptr;
    }
  }

  /// Of the event's own member that is its `n`th.
  path_states::index state_of(std::string_view name, std::size_t n) {
    auto& order = event_.order_;
    const bool is_noted = n < order.size();
    if (is_noted && path_states::is_same(order[n].name, name) && order[n].next != path_states::dead)
      return order[n].next;
    const auto& root = event_.paths_.at(path_states::root);
    const path_states::known_member found = event_.paths_.find(root, name);
    if (found.next == path_states::dead) return root.other;
    if (is_noted) order[n] = found;
    return found.next;
  }

  void add_field(path_states::index state, std::string_view key, const scalar& value) {
    const auto& known = event_.paths_.at(state);
    const auto at = static_cast<std::uint32_t>(event_.fields_.size());
    event_.fields_.push_back({.key = key,
                              .raw = value.raw,
                              .name = unquoted(key),
                              .text = value.text,
                              .end = at + 1,
                              .state = state,
                              .rule = known.rule,
                              .kind = value.kind});
    const bool is_empty = value.raw.size() == 2 && value.kind == core::json_kind::string;
    const unsigned bit = scalar_needs::bit(value.kind, is_empty);
    const bool is_right = (known.needs.right >> bit & 1U) != 0;
    scalar_sums& sums = event_.sums_;
    if (!is_right || value.raw.size() > scalar_needs::short_bytes) sums.is_right = false;
    sums.growth += known.needs.growth;
    if (known.place == none) {
      ++event_.other_names_;
      return;
    }
    std::uint32_t& first = event_.first_[known.place];
    if (first == absent) {
      first = at;
      sums.required += known.needs.required ? 1U : 0U;
    } else if (event_.second_known_at_ == nullptr) {
      event_.second_known_at_ = key.data();
    }
  }

  const char* read_object(const char* at) {
    at = behind_blanks(at);
    if (*at == '}') return at + 1;
    for (;; at = behind_blanks(at + 1)) {
      std::string_view key;
      at = read_key(at, key);
      if (at == nullptr) return nullptr;
      if (walker_.is_live()) walker_.key(key, unquoted(key));
      at = read_value(at);
      if (at == nullptr) return nullptr;
      if (*at != ',') return *at == '}' ? at + 1 : nullptr;
    }
  }

  const char* read_array(const char* at) {
    at = behind_blanks(at);
    if (*at == ']') return at + 1;
    for (;; at = behind_blanks(at + 1)) {
      at = read_value(at);
      if (at == nullptr) return nullptr;
      if (*at != ',') return *at == ']' ? at + 1 : nullptr;
    }
  }

  /// And the blanks behind it.
  const char* read_value(const char* at) {
    if (*at == '{' || *at == '[') {
      at = read_within(at);
    } else {
      scalar value;
      at = read_scalar(at, value);
      if (at != nullptr && walker_.is_live()) walker_.scalar(value.kind, value.raw, value.text);
    }
    return at == nullptr ? nullptr : behind_blanks(at);
  }

  /// An object or an array.
  const char* read_within(const char* at) {
    const bool is_array = *at == '[';
    if (++depth_ > json_depth_max) return nullptr;
    walker_.open(at, is_array);
    const char* const end = is_array ? read_array(at + 1) : read_object(at + 1);
    if (end == nullptr) return nullptr;
    walker_.close(end, is_array ? core::json_kind::array : core::json_kind::object);
    --depth_;
    return end;
  }

  static const char* read_scalar(const char* at, scalar& to) {
    const auto take = [&to, at](core::json_kind kind, const char* end) {
      if (end == nullptr) return end;
      to.kind = kind;
      to.raw = between(at, end);
      return end;
    };
    switch (*at) {
      case '"': {
        const char* const end = take(core::json_kind::string, read_string(at));
        if (end != nullptr) to.text = unquoted(to.raw);
        return end;
      }
      case 't':
        return take(core::json_kind::boolean, behind(at, "true"));
      case 'f':
        return take(core::json_kind::boolean, behind(at, "false"));
      case 'n':
        return take(core::json_kind::null, behind(at, "null"));
      default:
        return take(core::json_kind::number, behind_number(at));
    }
  }

  static const char* behind(const char* at, std::string_view literal) {
    const bool is_there = std::memcmp(at, literal.data(), literal.size()) == 0;
    return is_there ? at + literal.size() : nullptr;
  }

  /// Of numbers that are a double's whatever their digits: RapidJSON judges longer ones.
  static const char* behind_number(const char* begin) {
    constexpr std::ptrdiff_t bytes_max = 100;
    constexpr std::ptrdiff_t exponent_digits_max = 2;
    const char* at = begin;
    if (*at == '-') ++at;
    at = *at == '0' ? at + 1 : behind_digits(at);
    if (at != nullptr && *at == '.') at = behind_digits(at + 1);
    if (at != nullptr && (*at == 'e' || *at == 'E')) {
      ++at;
      if (*at == '+' || *at == '-') ++at;
      const char* const digits = at;
      at = behind_digits(at);
      if (at != nullptr && at - digits > exponent_digits_max) return nullptr;
    }
    return at != nullptr && at - begin <= bytes_max ? at : nullptr;
  }
  /// One at least.
  static const char* behind_digits(const char* at) {
    const char* const begin = at;
    while (*at >= '0' && *at <= '9') ++at;
    return at == begin ? nullptr : at;
  }

  json_event& event_;
  walk walker_;
  std::size_t depth_ = 0;
};

}  // namespace turnstile::event
