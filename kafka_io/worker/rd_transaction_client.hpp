// librdkafka's transactional producer.
//
// Owned by a transactional_producer, which makes every call. THREAD: the wake function is called on
// a librdkafka thread, the answer function on a thread of this object's own: what librdkafka does
// for a transaction blocks for round trips to the coordinator, and would hold a scheduler thread
// for as long. GUARANTEES: calls are carried out one after the other; a call is answered once,
// unless the object is destroyed before; all but `open` within a few times the transaction's
// timeout. The destructor waits for librdkafka's part of the call that is being made.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/worker/rd_delivery_client.hpp"

namespace turnstile::kafka_io {

class rd_transaction_client final : public transaction_client {
public:
  /// `client`: a producer made with that transactional.id and `timeout` for transaction.timeout.ms;
  /// `records` sends by it.
  rd_transaction_client(shared_client client, std::unique_ptr<rd_delivery_client> records,
                        std::string input_topic, std::string transactional_id,
                        std::chrono::milliseconds timeout);
  ~rd_transaction_client() override;
  rd_transaction_client(const rd_transaction_client&) = delete;
  rd_transaction_client& operator=(const rd_transaction_client&) = delete;

  void wake_with(wake_fn wake) override { records_->wake_with(std::move(wake)); }
  send_result send(const core::output_record& record, std::optional<std::int32_t> input_partition,
                   std::int32_t partition, void* slot) override {
    return records_->send(record, input_partition, partition, slot);
  }
  bool poll(std::vector<delivery>& deliveries) override { return records_->poll(deliveries); }
  [[nodiscard]] std::optional<io_error> fatal_error() const override {
    return records_->fatal_error();
  }
  void purge_queued() override { records_->purge_queued(); }
  void purge() override { records_->purge(); }
  [[nodiscard]] std::size_t request_bytes() const override { return records_->request_bytes(); }
  [[nodiscard]] std::string error_text(error_code code) const override {
    return records_->error_text(code);
  }

  void answer_with(answer_fn answer) override;

  /// rd_kafka_init_transactions, rd_kafka_begin_transaction
  void open() override;
  /// rd_kafka_send_offsets_to_transaction
  void send_offsets(std::vector<partition_offset> offsets, membership member) override;
  /// rd_kafka_commit_transaction, rd_kafka_begin_transaction
  void commit() override;
  /// rd_kafka_abort_transaction, rd_kafka_begin_transaction
  void abort() override;

  [[nodiscard]] std::string abort_reason() const override;
  [[nodiscard]] const std::string& transactional_id() const override { return transactional_id_; }

private:
  using rd_call = std::function<rd_kafka_error_t*()>;

  void post(std::function<transaction_answer()> call);
  void serve();
  /// Repeats what may be repeated; what still fails after `patience` is fatal.
  [[nodiscard]] transaction_answer carry_out(const char* what, const rd_call& call,
                                             std::chrono::milliseconds patience);
  [[nodiscard]] transaction_answer begin();
  void note_abort_reason();
  [[nodiscard]] bool stopped_within(std::chrono::milliseconds pause);

  shared_client client_;
  std::unique_ptr<rd_delivery_client> records_;
  std::string input_topic_;
  std::string transactional_id_;
  std::chrono::milliseconds patience_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<transaction_answer()>> calls_;
  answer_fn answer_;
  std::string abort_reason_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace turnstile::kafka_io
