// Sends records to one topic and counts what the broker has acknowledged.
//
// Owned and used by one thread, which waits in `send` while the queue is full. For generate, demo
// and tests; the worker sends through delivery_client. GUARANTEES: idempotent; a record counts as
// delivered once, under the tag it was sent with, and only when all in-sync replicas have it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/record.hpp"
#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

/// A record to send. Null and empty differ, for key and value.
struct record_to_send {
  core::maybe_bytes key;
  core::maybe_bytes value;
  std::span<const core::header_view> headers;
  std::int32_t partition = -1;     ///< -1: by key, as Java's default partitioner does.
  std::int64_t timestamp_ms = -1;  ///< -1: now.
  std::uint8_t tag = 0;            ///< Under which its delivery is counted.
};

class topic_writer {
public:
  using duration = std::chrono::milliseconds;

  /// True: give up waiting.
  using stop_check = std::function<bool()>;

  [[nodiscard]] static result<topic_writer> open(const core::settings& settings,
                                                 const std::string& topic);
  topic_writer(topic_writer&&) = default;
  topic_writer& operator=(topic_writer&&) = delete;
  ~topic_writer();

  /// rd_kafka_producev. Copies the record; waits for room until `stopped`. False: not queued, see
  /// `error`.
  bool send(const record_to_send& record, const stop_check& stopped = {});

  /// Serves delivery reports, waiting up to `timeout` for the first.
  void poll(duration timeout);

  /// Waits until everything is delivered or failed. False: `timeout` came first.
  bool flush(duration timeout);

  [[nodiscard]] std::uint64_t delivered(std::uint8_t tag) const { return counts_->delivered[tag]; }
  [[nodiscard]] std::uint64_t delivered() const { return counts_->delivered_total; }
  [[nodiscard]] std::uint64_t failed() const { return counts_->failed; }

  /// The last reason for a record that was not sent or not delivered.
  [[nodiscard]] const std::optional<io_error>& error() const { return counts_->error; }

private:
  /// At an address that stays: librdkafka hands it to the delivery callback.
  struct counts {
    std::array<std::uint64_t, 256> delivered{};
    std::uint64_t delivered_total = 0;
    std::uint64_t failed = 0;
    std::optional<io_error> error;
  };

  topic_writer(std::unique_ptr<counts> counted, shared_client client, topic_ptr topic)
    : counts_(std::move(counted)), client_(std::move(client)), topic_(std::move(topic)) {}

  static void note_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* counted);
  [[nodiscard]] rd_kafka_resp_err_t produce(const record_to_send& record);

  std::unique_ptr<counts> counts_;
  shared_client client_;
  topic_ptr topic_;
};

}  // namespace turnstile::kafka_io
