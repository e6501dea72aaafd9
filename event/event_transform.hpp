// The transform of events: check, filter, treat each field by its rule, republish.
//
// Owned by one transformer actor, used on it only; the plan is shared, the buffers are its own.
// GUARANTEES: each input ends as processed, filtered or failed by the data contract; no value of a
// path that a rule treats reaches an output as it came in, nor a failure unless `errors.content` is
// raw; a failure repeats nothing that no rule names, unless `errors` say so. What it seals it
// cannot open once the batch has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/settings.hpp"
#include "core/transform.hpp"
#include "event/errors/content_seal.hpp"
#include "event/event_checks.hpp"
#include "event/event_writer.hpp"
#include "event/json_event.hpp"
#include "event/plan.hpp"

namespace turnstile::event {

class event_transform : public core::record_transform {
public:
  /// Where contents are to be sealed and there is no key, error records have none.
  event_transform(const core::settings& options, std::shared_ptr<const plan> rules,
                  const std::optional<seal_key>& seal = {});

  void apply(const core::record_view& in, core::record_batch& batch, std::int64_t now_s) override;
  void end_batch() override;

  /// With key and headers as their rules have it; what a method cannot take is left out.
  [[nodiscard]] core::output_record carry(const core::record_view& in,
                                          core::arena& memory) const override;

private:
  using maybe_error = std::optional<event_error>;

  /// What is wrong with the event itself, or with what came with it.
  [[nodiscard]] maybe_error check(const core::record_view& in);
  [[nodiscard]] maybe_error make_output(const core::record_view& in, core::output_record& out,
                                        core::record_batch& batch, std::int64_t now_s);
  [[nodiscard]] maybe_error make_processed(const core::record_view& in, core::output_record& out,
                                           core::record_batch& batch);
  [[nodiscard]] maybe_error make_filtered(const condition& by, core::output_record& out,
                                          core::record_batch& batch, std::int64_t now_s);
  void append_failed(core::output_record&& out, const core::record_view& in,
                     core::record_batch& batch, const event_error& error, core::stage where);
  void tell_unknown(const core::record_view& in, const core::record_batch& batch) const;
  void append_made(core::output_record&& out, const core::record_view& in,
                   core::record_batch& batch, std::int64_t now_s);

  /// Of the event that was written last, and of one that was not.
  [[nodiscard]] std::string_view id_token(core::arena& memory) const;
  [[nodiscard]] std::string_view failed_id(core::arena& memory) const;
  [[nodiscard]] std::string_view treated(const json_field& field, core::arena& memory) const;
  void note_counted(core::output_record& out, core::arena& memory) const;
  [[nodiscard]] std::string_view counted_text(const watched_path& path, core::arena& memory) const;
  void note_edits(core::output_record& out, core::arena& memory) const;
  void add_content(core::failure& failed, const core::record_view& in, core::record_batch& batch);
  void add_sealed(core::failure& failed, std::string_view input, core::record_batch& batch);
  /// The first key or header that its method cannot take, by name; empty: there is none.
  [[nodiscard]] std::string carry_into(core::output_record& out, const core::record_view& in,
                                       core::arena& memory) const;

  std::shared_ptr<const plan> plan_;
  std::size_t value_bytes_max_;
  std::size_t origin_value_bytes_;
  core::error_content error_content_;
  bool repeats_outputs_;  ///< An error record may be made of an output that its topic refuses.
  std::optional<content_sealer> sealer_;

  json_event event_;
  event_checks checks_;
  event_writer writer_;
  std::string unfit_;  ///< Of the key and the headers of the record being transformed.
};

}  // namespace turnstile::event
