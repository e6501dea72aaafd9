// The part of CONFIGURATION.md that tells which properties of librdkafka have another default here.
//
// A pure function; any thread may call it.
#pragma once

#include <string>

namespace turnstile::kafka_io {

/// Markdown, made from the tables of client_defaults.cpp. Without what the user cannot set.
[[nodiscard]] std::string defaults_reference();

}  // namespace turnstile::kafka_io
