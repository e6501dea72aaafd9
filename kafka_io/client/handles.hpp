// Owners of librdkafka's objects: every deleter and unique_ptr alias in one place.
//
// Each handle belongs to whoever holds the unique_ptr. A client is shared, because all else that it
// made must be destroyed first: whoever keeps a queue, topic, message or event of a client keeps a
// shared_client beside it, declared before it. THREAD: destroying a client blocks (a consumer
// leaves its group, a producer waits for its threads), so the last owner must be one that may wait.
#pragma once

#include <memory>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace turnstile::kafka_io {

/// Deletes by one named C function.
template <auto Destroy>
struct destroy_with {
  template <typename T>
  void operator()(T* p) const {
    Destroy(p);
  }
};

using shared_client = std::shared_ptr<rd_kafka_t>;

using conf_ptr = std::unique_ptr<rd_kafka_conf_t, destroy_with<rd_kafka_conf_destroy>>;
using queue_ptr = std::unique_ptr<rd_kafka_queue_t, destroy_with<rd_kafka_queue_destroy>>;
using event_ptr = std::unique_ptr<rd_kafka_event_t, destroy_with<rd_kafka_event_destroy>>;
using topic_ptr = std::unique_ptr<rd_kafka_topic_t, destroy_with<rd_kafka_topic_destroy>>;
using message_ptr = std::unique_ptr<rd_kafka_message_t, destroy_with<rd_kafka_message_destroy>>;
using headers_ptr = std::unique_ptr<rd_kafka_headers_t, destroy_with<rd_kafka_headers_destroy>>;
using error_ptr = std::unique_ptr<rd_kafka_error_t, destroy_with<rd_kafka_error_destroy>>;
using group_metadata_ptr = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                           destroy_with<rd_kafka_consumer_group_metadata_destroy>>;
using topic_partition_list_ptr =
    std::unique_ptr<rd_kafka_topic_partition_list_t,
                    destroy_with<rd_kafka_topic_partition_list_destroy>>;

struct destroy_metadata {
  void operator()(const rd_kafka_metadata_t* m) const { rd_kafka_metadata_destroy(m); }
};
using metadata_ptr = std::unique_ptr<const rd_kafka_metadata_t, destroy_metadata>;

using admin_options_ptr =
    std::unique_ptr<rd_kafka_AdminOptions_t, destroy_with<rd_kafka_AdminOptions_destroy>>;
using new_topic_ptr = std::unique_ptr<rd_kafka_NewTopic_t, destroy_with<rd_kafka_NewTopic_destroy>>;
using config_resource_ptr =
    std::unique_ptr<rd_kafka_ConfigResource_t, destroy_with<rd_kafka_ConfigResource_destroy>>;
using mock_cluster_ptr =
    std::unique_ptr<rd_kafka_mock_cluster_t, destroy_with<rd_kafka_mock_cluster_destroy>>;

}  // namespace turnstile::kafka_io
