// What `turnstile check --connect` found at the brokers, and the rules by which it judges them.
//
// Plain values and pure functions over what brokers told; any thread may call them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/settings.hpp"

namespace turnstile::kafka_io {

/// Sentences, a line each.
struct broker_report {
  std::vector<std::string> problems;   ///< With which no worker would work.
  std::vector<std::string> warnings;   ///< A worker works, and something is lost.
  std::vector<std::string> hints;      ///< What could be better.
  std::vector<std::string> unchecked;  ///< What could not be found out, and why.
};

using config_values = std::map<std::string, std::string, std::less<>>;

/// A topic as the brokers describe it.
struct topic_shape {
  std::string name;
  std::int32_t partitions = 0;  ///< 0: there is no such topic.
  std::int32_t replicas = 0;    ///< Of the partition that has the fewest.
  config_values config;         ///< Empty where the broker does not tell.
  std::vector<std::int32_t> without_leader;
};

/// The first is the input, the others are the outputs in the order of core::output_topic.
void judge_topics(const core::settings& settings, const std::vector<topic_shape>& topics,
                  broker_report& report);

/// `broker` is the configuration of one.
void judge_broker(const core::settings& settings, const config_values& broker,
                  broker_report& report);

}  // namespace turnstile::kafka_io
