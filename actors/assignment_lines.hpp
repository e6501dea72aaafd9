// What the log says of an assignment: which partitions, where each begins, and why.
//
// Free functions; the group_consumer calls them. GUARANTEES: bounded, however many partitions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kafka_io/io.hpp"

namespace turnstile::actors {

/// Partitions whose offset a line names; the others are counted.
inline constexpr std::size_t begins_in_line_max = 64;

/// `partitions` begin at what `facts` says: a line for each reason that there is.
void log_begins(const std::vector<std::int32_t>& partitions,
                const kafka_io::assignment_facts& facts);

}  // namespace turnstile::actors
