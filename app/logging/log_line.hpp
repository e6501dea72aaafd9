// How one log event looks as one line.
//
// Pure functions; any thread may call them. GUARANTEES: whatever the fields hold, the line is valid
// UTF-8 without line breaks or control characters, and reads back as the same fields.
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/log.hpp"

namespace turnstile::app {

/// `2026-11-23T03:22:13.123Z`.
[[nodiscard]] std::string timestamp_text(std::chrono::system_clock::time_point time);

/// `ts=… level=info event="partition assigned" partition=3`, or the same as a JSON object.
[[nodiscard]] std::string log_line(core::log_format format,
                                   std::chrono::system_clock::time_point time, core::severity level,
                                   std::string_view event, core::log_fields fields);

}  // namespace turnstile::app
