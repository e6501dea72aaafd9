// The topics of a worker as the brokers have them, and what is missing.
//
// Free functions that block up to their timeout; called at the start and by the broker_lookup's
// thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "kafka_io/admin.hpp"

namespace turnstile::kafka_io {

/// The input topic first, then the output topics in the order of core::output_topic.
[[nodiscard]] std::vector<std::string> topic_list(const core::settings& settings);

struct topics_state {
  core::topic_layout layout;         ///< Where nothing is missing.
  std::vector<std::string> missing;  ///< Names.
};

[[nodiscard]] result<topics_state> read_topics(const admin& brokers, const core::settings& settings,
                                               std::chrono::milliseconds timeout);

/// Creates those that are missing: the input with `topics.create_partitions`, outputs with as many
/// or, where that is 0, as many as the input has.
[[nodiscard]] std::optional<io_error> create_missing(const admin& brokers,
                                                     const core::settings& settings,
                                                     const topics_state& state,
                                                     std::chrono::milliseconds timeout);

}  // namespace turnstile::kafka_io
