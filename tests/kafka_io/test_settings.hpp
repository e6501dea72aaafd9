// Settings for tests of kafka_io: the shipped defaults' values where kafka_io reads them, without
// core/options. Each test owns its copy.
#pragma once

#include <string>

#include "core/settings.hpp"

namespace turnstile::kafka_io::testing {

inline core::settings test_settings(const std::string& brokers = "127.0.0.1:1") {
  core::settings settings;
  settings.kafka.brokers = {brokers};
  settings.kafka.group = "turnstile-test";
  settings.topics.input = "user-login";
  settings.topics.processed = "processed-output";
  settings.topics.errors = "processed-errors";
  settings.topics.cleaned = "cleaned-data";
  settings.topics.summary = "summary-output";
  settings.input.value_bytes_max = 1024 * 1024;
  settings.producer.linger_ms = 5;
  settings.producer.compression = "snappy";
  settings.producer.message_timeout_ms = 120000;
  settings.workers.producers = 1;
  settings.memory.budget_mib = 256;
  return settings;
}

}  // namespace turnstile::kafka_io::testing
