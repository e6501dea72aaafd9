// What an error record says under the names of other systems: the headers of dead letters of Kafka
// Streams (KIP-1034) and of Kafka Connect (KIP-298).
//
// Free functions over one record and its batch's arena; called by whoever holds the batch.
// GUARANTEES: no value but those that the record has anyway, and no stack trace.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/batch.hpp"
#include "core/settings.hpp"

namespace turnstile::event {

/// What is the same for all records of a worker.
struct foreign_headers {
  core::header_style style{};
  std::string input_topic;
  std::string group;
};

/// Whether an input's header has a name that the style gives to the worker.
[[nodiscard]] bool is_foreign_header(std::string_view name, core::header_style style);

/// `carried`, and behind them those of the style.
[[nodiscard]] std::span<core::header_view> with_foreign_headers(
    std::span<core::header_view> carried, const foreign_headers& wanted, core::record_batch& batch,
    const core::failure& failed, std::string_view worker_id);

}  // namespace turnstile::event
