// Everyone's figures as a table for people.
//
// A free function; any thread may call it: figures are read without their owners. Plain text, one
// line a row, a newline at the end.
#pragma once

#include <string>

#include "actors/metrics_reporter.hpp"

namespace turnstile::actors {

/// What does not exist (no errors) has no rows; what is unknown is a dash.
[[nodiscard]] std::string render_figures(const worker_figures& figures);

}  // namespace turnstile::actors
