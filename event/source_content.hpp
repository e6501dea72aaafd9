// The event of an output that could not be delivered, as an error record may repeat it.
//
// Free functions over one record and its batch's arena; called by whoever holds the batch.
#pragma once

#include <string_view>

#include "core/arena.hpp"
#include "core/batch.hpp"

namespace turnstile::event {

/// `content` with its `edits`: times as they came in, and without what error records do not
/// repeat. Empty where nothing is repeated.
[[nodiscard]] std::string_view source_content(const core::output_record& record,
                                              core::arena& memory);

}  // namespace turnstile::event
