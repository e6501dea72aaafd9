// The part of a saved audit that says which keys wrote what.
//
// Pure, used within audit/saved/saved_audit.cpp only. Reading throws `not_saved` as saved_values
// does.
#pragma once

#include <cstddef>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "audit/key_audit.hpp"

namespace turnstile::audit::saved {

void write_keys(rapidjson::Writer<rapidjson::StringBuffer>& to, const key_audit& keys,
                std::size_t partitions);
void read_keys(const rapidjson::Value& from, key_audit& to, std::size_t partitions);

}  // namespace turnstile::audit::saved
