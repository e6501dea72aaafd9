// What the command line of `watch` may say of where to begin.
//
// Pure functions, on the main thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

/// More of the last records than this are asked for by an offset or a time.
inline constexpr std::int64_t watch_last_max = 1'000'000;

/// Of `beginning`, `end`, an offset, `-N`, a time in ISO 8601, or a duration before `now` such as
/// `10m`. None: it is none of these.
[[nodiscard]] std::optional<kafka_io::read_scope> watch_start_of(
    const std::string& text, std::chrono::system_clock::time_point now);

/// Empty: `watch_start_of` can read it.
[[nodiscard]] std::string watch_start_fault(const std::string& text);

/// `from the end`, `the last 5 of each partition`, for people.
[[nodiscard]] std::string watch_start_text(const kafka_io::read_scope& start);

}  // namespace turnstile::app
