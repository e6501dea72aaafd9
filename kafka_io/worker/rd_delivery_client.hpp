// librdkafka's idempotent producer.
//
// Owned by a producer actor, which makes every call. THREAD: the wake function is called on a
// librdkafka thread. GUARANTEES: payloads are sent from the batch's memory without a copy; each
// record that `send` queued gets exactly one delivery, unless the client is destroyed before;
// `delivered` means that the broker named the offset it wrote the record at. The first record to an
// output partition goes alone: until it is delivered, `send` takes no other for that partition. A
// request of several records that is larger than its topic takes lowers the request_size, and asks
// by a fatal error for a client that goes by it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/worker/request_size.hpp"

namespace turnstile::kafka_io {

/// Names of the input topic, for the origin header, and of the output topics; empty: not written
/// to.
struct topic_names {
  std::string input;
  std::array<std::string, core::output_topic_count> outputs;
};

class rd_delivery_client final : public delivery_client {
public:
  /// `client`: a producer made with `enable_delivery_events` and a batch.size of `bytes`.
  rd_delivery_client(shared_client client, const topic_names& names,
                     std::shared_ptr<request_size> requests, std::size_t bytes);
  ~rd_delivery_client() override;
  rd_delivery_client(const rd_delivery_client&) = delete;
  rd_delivery_client& operator=(const rd_delivery_client&) = delete;

  void wake_with(wake_fn wake) override;

  /// rd_kafka_producev
  send_result send(const core::output_record& record, std::optional<std::int32_t> input_partition,
                   std::int32_t partition, void* slot) override;

  /// rd_kafka_queue_poll
  bool poll(std::vector<delivery>& deliveries) override;

  /// rd_kafka_fatal_error
  [[nodiscard]] std::optional<io_error> fatal_error() const override;

  /// rd_kafka_purge
  void purge_queued() override;
  void purge() override;

  [[nodiscard]] std::size_t request_bytes() const override { return bytes_; }

  /// rd_kafka_err2str
  [[nodiscard]] std::string error_text(error_code code) const override;

private:
  /// An output partition, as this producer knows it.
  struct target_state {
    bool proven = false;  ///< It has acknowledged a record of ours.
    bool tried = false;   ///< Its first record is under way.
  };
  target_state& target_of(core::output_topic topic, std::int32_t partition);
  void note_delivery(const rd_kafka_message_t& message, delivery_status status);
  void take_request(rd_kafka_event_t* event, std::vector<delivery>& deliveries);
  bool learn_size(const std::string& topic, std::size_t records, std::size_t bytes);

  [[nodiscard]] headers_ptr headers_of(const core::output_record& record,
                                       std::optional<std::int32_t> input_partition);
  /// `<input topic>/<partition>/`
  const std::string& origin_prefix(std::int32_t partition);

  shared_client client_;
  std::string input_topic_;
  std::vector<std::string> origin_prefixes_;  ///< By source partition.
  queue_ptr queue_;
  std::array<topic_ptr, core::output_topic_count> topics_;
  std::array<std::vector<target_state>, core::output_topic_count> targets_;  ///< By partition.
  std::unique_ptr<wake_fn> wake_;
  std::shared_ptr<request_size> requests_;
  std::size_t bytes_;       ///< Of a request, at most.
  bool too_large_ = false;  ///< One was: this client is to be replaced.
  std::size_t refused_requests_ = 0;
};

/// Lets delivery reports and errors come as events. Before the client is made.
void enable_delivery_events(rd_kafka_conf_t* conf);

}  // namespace turnstile::kafka_io
