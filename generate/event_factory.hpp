// Login events as the real generator makes them, good and bad, each with what must become of it.
//
// Owned and used by one thread. Pure: the same mix, seed and limit give the same events. About a
// million a second. GUARANTEES: under the default settings, and `value_bytes_max` as given, an
// event of a kind ends as that kind says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/record.hpp"
#include "generate/event_mix.hpp"
#include "generate/fast_random.hpp"

namespace turnstile::generate {

/// Good until the next one is made.
struct generated_event {
  event_kind kind{};
  core::maybe_bytes key;
  core::maybe_bytes value;
  std::span<const core::header_view> headers;
};

class event_factory {
public:
  /// REQUIRES: `value_bytes_max` (`input.value_bytes_max`) of a kibibyte at least.
  /// `event_bytes`: what is processed, filtered, or lacks a field is padded to about so many, with
  /// text that hardly compresses; 0 or less than it has: not at all.
  event_factory(const event_mix& mix, std::uint64_t seed, std::size_t value_bytes_max,
                std::size_t event_bytes = 0);

  [[nodiscard]] generated_event next();

private:
  static constexpr std::size_t field_count = 7;
  enum field : std::uint8_t {
    user_id,
    app_version,
    ip,
    locale,
    device_id,
    timestamp,
    device_type,
  };

  [[nodiscard]] event_kind draw_kind();
  [[nodiscard]] core::maybe_bytes draw_key();
  [[nodiscard]] std::span<const core::header_view> draw_headers();
  [[nodiscard]] core::maybe_bytes make_value(event_kind kind);

  /// Fills `tokens_` with a good event's and chooses its form.
  void draft();
  void vary();
  [[nodiscard]] std::string_view written();

  // Each makes one kind of bad event; `written` is the good one.
  [[nodiscard]] std::string_view with_missing();
  [[nodiscard]] std::string_view with_wrong_type();
  [[nodiscard]] std::string_view with_bad_timestamp();
  [[nodiscard]] std::string_view with_duplicate();
  [[nodiscard]] std::string_view with_invalid_utf8();
  [[nodiscard]] std::string_view no_object();
  [[nodiscard]] std::string_view too_deep();
  [[nodiscard]] std::string_view invalid_json();
  [[nodiscard]] std::string_view too_large();
  [[nodiscard]] std::string_view with_field_at_end(std::string_view added);
  [[nodiscard]] std::string_view padded(std::string_view event);

  [[nodiscard]] std::string_view one_of(std::span<const std::string_view> texts) {
    return texts[random_.below(texts.size())];
  }

  event_mix mix_;
  by_kind<double> cumulative_{};
  std::size_t value_bytes_max_;
  std::size_t event_bytes_;
  std::string padding_;  ///< Any window of it pads an event.
  fast_random random_;
  std::uint64_t made_ = 0;

  std::array<std::string_view, field_count> tokens_;  ///< JSON; empty: the field is absent.
  std::array<std::uint8_t, field_count> order_{};
  bool compact_ = false;
  std::string_view extra_;  ///< A further field, `"name": value`.

  std::array<char, 36> key_{};
  std::array<char, 38> user_id_{};
  std::array<char, 38> device_id_{};
  std::array<char, 32> ip_{};
  std::array<char, 16> timestamp_{};
  std::array<char, 1024> text_{};
  std::string changed_;  ///< For events that do not fit `text_` or are changed as text.
  std::array<core::header_view, 3> headers_{};
};

}  // namespace turnstile::generate
