// The transform of login events: validate, filter, pseudonymise, republish.
//
// Owned by one transformer actor, used on it only; keeps copies of the settings it needs and its
// buffers. GUARANTEES: each input ends as processed, filtered or failed by the data contract; no
// value of `ip` or `device_id` reaches an output, nor a failure unless `errors.content` is raw; a
// failure repeats nothing that the worker does not know, unless `errors` say so.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.hpp"
#include "core/timestamps.hpp"
#include "core/transform.hpp"
#include "event/json_event.hpp"
#include "event/methods/pseudonymiser.hpp"

namespace turnstile::core {

class login_transform final : public record_transform {
public:
  login_transform(const settings& options, std::shared_ptr<const core::pseudonymiser> pseudonyms);

  void apply(const record_view& in, record_batch& batch, std::int64_t now_s) override;

  /// With key and headers as `privacy.record_keys` and `privacy.headers` have it.
  [[nodiscard]] output_record carry(const record_view& in, arena& memory) const override;

private:
  /// The string that stands for a field that is absent or null.
  struct default_value {
    std::string text;
    std::string token;  ///< `text` as JSON.
  };
  enum class form : std::uint8_t { output, cleaned, error };
  struct written {
    std::string_view object;
    std::array<std::string_view, login_field_count> tokens;  ///< Of the known fields' values.
  };
  template <class T>
  using by_field = std::array<T, login_field_count>;

  [[nodiscard]] std::optional<event_error> check();
  /// True: the next two have nothing against the event, as is usual. False: they tell.
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] std::optional<event_error> check_present() const;
  [[nodiscard]] std::optional<event_error> check_types() const;
  [[nodiscard]] std::optional<event_error> check_timestamp();
  [[nodiscard]] bool is_kept() const;

  /// The field, where it is there and not null.
  [[nodiscard]] const json_field* present(login_field f) const {
    const json_field* field = event_.find(f);
    return field && field->kind != json_kind::null ? field : nullptr;
  }
  [[nodiscard]] const std::optional<default_value>& fallback(login_field f) const {
    return defaults_[static_cast<std::size_t>(f)];
  }
  [[nodiscard]] std::string_view text_of(login_field f) const;

  [[nodiscard]] bool make_processed(output_record& out, record_batch& batch) const;
  void make_filtered(output_record& out, record_batch& batch, std::int64_t now_s) const;
  void append_failed(output_record&& out, record_batch& batch, const record_view& in,
                     const event_error& error, stage where) const;

  /// The event as one compact object, in the arena's reserve: `output` has the formatted timestamp
  /// and the defaults, the contents have the event's own. `error` is fail closed: only known
  /// fields, of their type.
  [[nodiscard]] written write_object(arena& memory, form as) const;
  [[nodiscard]] char* write_value(char* to, const json_field& field, form as) const;
  [[nodiscard]] char* write_default(char* to, login_field f) const;
  [[nodiscard]] char* write_pseudonym(char* to, std::string_view value) const;
  [[nodiscard]] char* write_event_time(char* to) const;

  /// Whether the event has fields that its outputs repeat and an error record must not.
  [[nodiscard]] bool hides_unknown() const;
  [[nodiscard]] std::string_view user_id_token() const;
  [[nodiscard]] std::string_view content_for_error(const record_view& in, arena& memory) const;
  [[nodiscard]] maybe_bytes carry_bytes(const maybe_bytes& bytes, core::carry how,
                                        arena& memory) const;

  std::shared_ptr<const core::pseudonymiser> pseudonyms_;
  std::size_t value_bytes_max_;
  std::size_t origin_value_bytes_;
  time_rule time_rule_;
  timestamp_format timestamp_format_;
  bool drop_unknown_;
  std::vector<std::string> app_versions_;
  by_field<std::optional<default_value>> defaults_;
  core::carry record_keys_;
  core::carry headers_;
  error_content error_content_;
  bool errors_keep_unknown_;
  std::size_t growth_max_ = 0;  ///< By which an output may exceed its input.

  json_event event_;
  std::int64_t epoch_s_ = 0;  ///< Of the event being transformed.
};

}  // namespace turnstile::core
