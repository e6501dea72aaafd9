// A stand-in for the transaction coordinator, with controls: the fifth interface of
// kafka_io/io.hpp.
//
// Beside fake_broker, which keeps the records. Owned by the test through a shared pointer, used on
// its thread only. `calls` is what the actor did, in order, as text: "offsets 3:5 4:9". A call is
// answered when a test says so, or at once where `answers_itself`.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fakes.hpp"

namespace turnstile::tests {

class fake_coordinator : public std::enable_shared_from_this<fake_coordinator> {
public:
  explicit fake_coordinator(std::shared_ptr<fake_broker> broker) : broker_(std::move(broker)) {}

  [[nodiscard]] kafka_io::transaction_client_factory factory();

  /// Answers the call that is open.
  void answer(kafka_io::transaction_answer with = std::nullopt) {
    if (is_open_ && answer_) {
      is_open_ = false;
      answer_(std::move(with));
    }
  }
  void fail(kafka_io::transaction_failure kind, kafka_io::error_code code = -1) {
    answer(
        kafka_io::transaction_error{kind, {code, "error " + std::to_string(code.number()), false}});
  }
  [[nodiscard]] bool is_waiting() const { return is_open_; }

  [[nodiscard]] std::size_t count(const std::string& call) const {
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
  }

  std::vector<std::string> calls;
  std::vector<kafka_io::membership> members;  ///< Of each call of send_offsets.
  bool answers_itself = true;
  std::string abort_reason;
  /// Answers in place of success, each once, by the call's first word.
  std::deque<std::pair<std::string, kafka_io::transaction_error>> failures;

private:
  friend class fake_transaction_client;
  void called(std::string call) {
    const std::string verb = call.substr(0, call.find(' '));
    calls.push_back(std::move(call));
    is_open_ = true;
    if (!failures.empty() && failures.front().first == verb) {
      auto failure = failures.front().second;
      failures.pop_front();
      return answer(std::move(failure));
    }
    if (answers_itself) answer();
  }

  std::shared_ptr<fake_broker> broker_;
  kafka_io::transaction_client::answer_fn answer_;
  bool is_open_ = false;
};

class fake_transaction_client final : public kafka_io::transaction_client {
public:
  fake_transaction_client(std::shared_ptr<fake_broker> broker,
                          std::shared_ptr<fake_coordinator> coordinator)
    : broker_(broker), records_(std::move(broker)), coordinator_(std::move(coordinator)) {}

  void wake_with(kafka_io::wake_fn wake) override { records_.wake_with(std::move(wake)); }
  kafka_io::send_result send(const core::output_record& record,
                             std::optional<std::int32_t> input_partition, std::int32_t partition,
                             void* slot) override {
    return records_.send(record, input_partition, partition, slot);
  }
  bool poll(std::vector<kafka_io::delivery>& deliveries) override {
    return records_.poll(deliveries);
  }
  [[nodiscard]] std::optional<kafka_io::io_error> fatal_error() const override {
    return records_.fatal_error();
  }
  void purge_queued() override { records_.purge_queued(); }
  void purge() override { records_.purge(); }
  [[nodiscard]] std::size_t request_bytes() const override { return records_.request_bytes(); }
  [[nodiscard]] std::string error_text(kafka_io::error_code code) const override {
    return records_.error_text(code);
  }

  void answer_with(answer_fn answer) override { coordinator_->answer_ = std::move(answer); }
  void open() override { coordinator_->called("open"); }
  void send_offsets(std::vector<kafka_io::partition_offset> offsets,
                    kafka_io::membership member) override {
    coordinator_->members.push_back(std::move(member));
    std::string text = "offsets";
    for (const auto& [partition, offset] : offsets)
      text += " " + std::to_string(partition) + ":" + std::to_string(offset);
    coordinator_->called(std::move(text));
  }
  void commit() override { coordinator_->called("commit"); }
  /// librdkafka purges what is under way and waits for its deliveries.
  void abort() override {
    broker_->deliver_all(kafka_io::delivery_status::failed, -152);
    coordinator_->called("abort");
  }
  [[nodiscard]] std::string abort_reason() const override { return coordinator_->abort_reason; }
  [[nodiscard]] const std::string& transactional_id() const override { return id_; }

private:
  std::shared_ptr<fake_broker> broker_;
  fake_delivery_client records_;
  std::shared_ptr<fake_coordinator> coordinator_;
  std::string id_ = "group-w1-0";
};

inline kafka_io::transaction_client_factory fake_coordinator::factory() {
  return [self = shared_from_this()](std::size_t) {
    self->broker_->fatal.reset();
    self->is_open_ = false;
    return std::make_unique<fake_transaction_client>(self->broker_, self);
  };
}

}  // namespace turnstile::tests
