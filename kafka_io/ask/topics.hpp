// The topics of a worker as the brokers have them, and what is missing.
//
// Free functions that block up to their timeout, called at the start and by the broker_lookup's
// thread; and what that thread remembers of the topics.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/layout.hpp"
#include "core/log.hpp"
#include "kafka_io/ask/admin.hpp"

namespace turnstile::kafka_io {

/// The input topic first, then the output topics in the order of core::output_topic.
[[nodiscard]] std::vector<std::string> topic_list(const core::settings& settings);

struct topics_state {
  core::topic_layout layout;         ///< Where nothing is missing.
  std::vector<std::string> missing;  ///< Names.
};

[[nodiscard]] result<topics_state> read_topics(const admin& brokers, const core::settings& settings,
                                               std::chrono::milliseconds timeout);

/// An output topic that is missing keeps the place it had: what is to go there waits for it, as it
/// does where the topic goes while it is written, and all else goes on.
class layout_memory {
public:
  explicit layout_memory(const core::topic_layout& at_start) : last_(at_start) {}

  /// The layout to go by now; nothing where the input topic is missing. The log names what is.
  [[nodiscard]] std::optional<core::topic_layout> fill(const topics_state& read);

private:
  core::topic_layout last_;
  core::log_limiter log_{std::chrono::seconds(1)};
};

/// Creates those that are missing: the input with `topics.create_partitions`, outputs with as many
/// or, where that is 0, as many as the input has.
[[nodiscard]] std::optional<io_error> create_missing(const admin& brokers,
                                                     const core::settings& settings,
                                                     const topics_state& state,
                                                     std::chrono::milliseconds timeout);

}  // namespace turnstile::kafka_io
