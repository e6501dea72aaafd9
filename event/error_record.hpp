// Error records: what is written in place of an input that could not be processed.
//
// Free functions; called by whoever holds the batch (error_router, producer), and by the transform
// for cleaned records, which share their form and size rule. Everything written lies in the batch's
// arena. A record never exceeds its topic's limit as long as its own few hundred bytes fit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/batch.hpp"
#include "core/own_headers.hpp"
#include "event/errors/foreign_headers.hpp"

namespace turnstile::event {

/// Upper bound of what the record costs alone in a batch, uncompressed, the headers of origin and
/// key id included: what a broker compares with `max.message.bytes`.
[[nodiscard]] std::size_t wire_bytes(const core::output_record& record,
                                     std::size_t origin_value_bytes = core::origin_bytes_max);

/// The value of an error or cleaned record: `{"user_id":` user_id `,` before `"message_content":`
/// content `,` after `}`. What is in pieces is written one behind the other.
struct wrapped_event {
  std::string_view user_id;                  ///< JSON token; empty: "Unknown".
  std::span<const std::string_view> before;  ///< Fields, each with a comma behind.
  std::string_view content;                  ///< JSON object; empty: `{}`.
  std::span<const std::string_view> after;   ///< Fields without a comma at the end.
  bool content_left_out = false;             ///< It is named as one that went.
};

/// Fills value, user_id and content of `record`, which has its key and the carried headers, and
/// appends `own_headers`. Where it would exceed `bytes_max`, content goes (`{}`), then the carried
/// headers, the key, and the user_id; the header turnstile-truncated names what went.
/// GUARANTEES: where it throws, `record` is as before.
void write_wrapped(core::output_record& record, core::arena& memory, const wrapped_event& event,
                   std::span<const core::header_view> own_headers, std::size_t bytes_max,
                   std::size_t origin_value_bytes = core::origin_bytes_max);

/// Makes the slot of `failed` the error record of the contract. May be called again for the same
/// slot, with another failure.
void write_error_record(core::record_batch& batch, const core::failure& failed,
                        std::string_view worker_id, std::int64_t now_s,
                        std::size_t origin_value_bytes = core::origin_bytes_max,
                        const foreign_headers& foreign = {});

/// Why a broker will refuse the record for certain, by what is known of its topic; empty: it is to
/// be sent.
[[nodiscard]] std::string_view sure_refusal(const core::output_record& record,
                                            const core::topic_layout& layout, std::int64_t now_s);

/// The failure for an output that the broker refused, from its slot alone. `error_text` is the
/// client's or broker's. The content comes back pseudonymised, with the source's timestamp, and
/// with unknown fields only where error records may have them; none for `too_large`, and none for
/// an error record.
[[nodiscard]] core::failure refused_output(core::record_batch& batch, std::size_t slot,
                                           core::reason why, std::string_view error_text,
                                           std::uint32_t attempts);

}  // namespace turnstile::event
