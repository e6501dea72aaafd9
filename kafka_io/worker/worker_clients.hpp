// The librdkafka clients of one worker, put together.
//
// A free function called once at the start, on any thread. Everything it makes is handed over.
#pragma once

#include <memory>
#include <string>

#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/result.hpp"
#include "kafka_io/worker/credit_pool.hpp"

namespace turnstile::kafka_io {

class rd_delivery_client;

struct worker_clients {
  std::shared_ptr<group_client> group;
  std::shared_ptr<broker_lookup> lookup;
  batch_survey survey;                                 ///< Null unless `input.unreadable` is skip.
  delivery_client_factory make_delivery_client;        ///< At least once.
  transaction_client_factory make_transaction_client;  ///< Exactly once.
  in_flight credit;  ///< Of all partitions together; the bytes are a share of `memory.budget_mib`.
  bool credit_is_pooled = false;  ///< Kept by `group`: each partition may take all of it.
};

/// `layout`: the topics as they are now; prefetch limits and request sizes follow from it.
/// `worker_id`: unique for each start of a process. An error: librdkafka refuses a property.
[[nodiscard]] result<worker_clients> make_worker_clients(const core::settings& settings,
                                                         const core::topic_layout& layout,
                                                         const std::string& worker_id);

/// A transactional producer, and what sends records by it.
struct transactional_records {
  shared_client client;
  std::unique_ptr<rd_delivery_client> records;
};

/// With requests as large as the topics of `layout` take, and the queue of a worker. Whatever the
/// settings promise: what is sent is in transactions.
[[nodiscard]] result<transactional_records> make_transactional_records(
    core::settings settings, const core::topic_layout& layout, const std::string& transactional_id);

/// `<kafka.group>-<workers.id>-<index>`. Without a workers.id it has the worker's unique id in its
/// place: two workers on one host must not take each other for a predecessor.
[[nodiscard]] std::string transactional_id(const core::settings& settings,
                                           const std::string& worker_id, std::size_t index);

}  // namespace turnstile::kafka_io
