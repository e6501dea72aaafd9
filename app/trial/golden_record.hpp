// What a golden test says of a record beside its value: the key and the headers.
//
// Pure functions; any thread may call them. GUARANTEES: a fault is one line that can be printed.
#pragma once

#include <string>

#include "app/trial/trial.hpp"

namespace turnstile::app {

/// Takes `{"key": "a", "headers": {"trace": "b"}, "timestamp": 1}` into `event`: key and headers
/// may be null, the time is in milliseconds, each member may be absent. Empty, or what is wrong.
[[nodiscard]] std::string read_record(const std::string& json, given_event& event);

/// For people, ending in a line's end. The headers of an error are those of its input: the
/// worker's own stand in the error's file, or change from run to run.
[[nodiscard]] std::string record_json(const tried_event& tried);

}  // namespace turnstile::app
