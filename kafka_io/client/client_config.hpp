// librdkafka configurations of our clients: our defaults < `[kafka]` < `[kafka.consumer]` or
// `[kafka.producer]` < what the engine must own.
//
// Pure but for librdkafka's own checks; every thread may call it. GUARANTEES: a property that
// librdkafka does not know or accept gives one line that names it and holds no secret; what the
// engine forces cannot be overridden. The defaults and their reasons stand in client_defaults.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/client/memory_shares.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

/// The largest record that our producers give to librdkafka; a topic's own limit may be smaller.
inline constexpr int send_bytes_max = 100'000'000;

/// One property of ours, and why it has this value.
struct client_property {
  std::string name;
  std::string value;
  std::string_view why;
};

// What a user may override.
[[nodiscard]] std::vector<client_property> common_defaults(const core::settings& settings);
[[nodiscard]] std::vector<client_property> consumer_defaults(const core::settings& settings,
                                                             const prefetch_shares& shares);
[[nodiscard]] std::vector<client_property> producer_defaults(const core::settings& settings,
                                                             std::int64_t queue_bytes);

// What nobody may override; the first holds for all clients.
[[nodiscard]] std::vector<client_property> common_forced(const core::settings& settings);
[[nodiscard]] std::vector<client_property> consumer_forced(const core::settings& settings);
[[nodiscard]] std::vector<client_property> producer_forced();

/// `kafka.brokers` as librdkafka wants it.
[[nodiscard]] std::string broker_list(const core::settings& settings);

/// For the member of the group.
[[nodiscard]] result<conf_ptr> consumer_config(const core::settings& settings,
                                               const prefetch_shares& shares);

/// For one of `workers.producers` delivery clients; `queue_bytes` is its part of
/// memory_shares::producer_bytes.
[[nodiscard]] result<conf_ptr> producer_config(const core::settings& settings,
                                               std::int64_t queue_bytes);

/// The same for one whose records are in transactions.
[[nodiscard]] result<conf_ptr> transactional_config(const core::settings& settings,
                                                    std::int64_t queue_bytes,
                                                    const std::string& transactional_id);

/// For clients without a group that only need the way to the brokers: admin, reader, writer,
/// lookups. Only `[kafka]` applies; the caller sets what is special to it with `set_property`.
[[nodiscard]] result<conf_ptr> plain_config(const core::settings& settings);

/// rd_kafka_conf_set; an error where librdkafka refuses.
[[nodiscard]] std::optional<io_error> set_property(rd_kafka_conf_t* conf, const std::string& name,
                                                   const std::string& value);

/// For every consumer of ours: a partition whose queue is full is fetched again soon after it is
/// not. librdkafka from 2.2 on waits a second unless told (`fetch.queue.backoff.ms`), in which all
/// that was read ahead is used up; older ones know no such property, see fetch_sleeps().
[[nodiscard]] std::optional<io_error> set_full_queue_pause(rd_kafka_conf_t* conf);

/// rd_kafka_conf_get; empty where unset.
[[nodiscard]] std::string property_of(const rd_kafka_conf_t* conf, const std::string& name);

/// rd_kafka_new. A dropped client is destroyed by whoever drops it last.
[[nodiscard]] result<shared_client> make_client(rd_kafka_type_t type, conf_ptr conf);

/// rd_kafka_err2str with its code.
[[nodiscard]] io_error error_of(rd_kafka_resp_err_t code);
[[nodiscard]] io_error error_of(rd_kafka_resp_err_t code, std::string_view doing);

}  // namespace turnstile::kafka_io
