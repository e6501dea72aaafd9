// Questions to the librdkafka that is linked, which need no client and no broker.
//
// Pure functions; any thread may call them.
#pragma once

#include <string>

namespace turnstile::kafka_io {

/// `rd_kafka_version()`: 0xMMmmrrxx.
[[nodiscard]] int library_version();

/// "2.0.2".
[[nodiscard]] std::string library_version_text();

/// What this build of it can, comma separated: "gzip,snappy,ssl,sasl,…".
[[nodiscard]] std::string library_features();

/// Before 2.2 a broker thread whose partitions had all reached their prefetch limit slept for up to
/// a second, whatever was consumed meanwhile; any request wakes it.
[[nodiscard]] bool fetch_sleeps();

/// What librdkafka has against a configuration property, in its own words and with the name that
/// was probably meant; empty where it takes it. The words may repeat the value.
[[nodiscard]] std::string library_fault(const std::string& name, const std::string& value);

}  // namespace turnstile::kafka_io
