// Stand-ins for Kafka, with controls: the four interfaces of kafka_io/io.hpp.
//
// Owned by the test through shared pointers, so that a test can look at one after its actor has
// gone. Used on the test's thread only. Nothing happens by itself: a test pushes records, answers
// deliveries, finishes commits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "kafka_io/io.hpp"

namespace turnstile::tests {

using kafka_io::error_kind;

class fake_partition_source final : public kafka_io::partition_source {
public:
  /// Records with the offsets that follow, each with a value of `value_bytes`.
  void push(std::size_t count, std::size_t value_bytes = 10) {
    const bool was_empty = waiting_.empty();
    for (std::size_t i = 0; i < count; ++i) waiting_.push_back({next_offset++, value_bytes});
    if (was_empty && count > 0 && !loses_wakes) wake();
  }
  void wake() {
    if (wake_) wake_();
  }
  [[nodiscard]] bool has_wake() const { return wake_ != nullptr; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  void wake_with(kafka_io::wake_fn wake) override { wake_ = std::move(wake); }
  std::size_t read(core::record_batch& batch, std::size_t records_max) override;
  void finished(std::size_t records, std::size_t bytes) override {
    finished_records += records;
    finished_bytes += bytes;
  }
  std::vector<kafka_io::io_error> take_errors() override { return std::exchange(errors, {}); }
  [[nodiscard]] bool lost() const override { return is_lost; }
  void read_again(std::int64_t offset) override {
    is_lost = false;
    read_again_from.push_back(offset);
  }
  std::int64_t take_end() override {
    // As librdkafka tells it: behind all records that are there.
    return waiting_.empty() ? std::exchange(end, -1) : -1;
  }
  [[nodiscard]] std::int64_t log_start() const override { return start; }
  [[nodiscard]] std::int64_t high_watermark() const override { return high; }
  void wake_if_readable() override {
    ++looks;
    if (!waiting_.empty()) wake();
  }

  std::int64_t next_offset = 0;  ///< Of the next record pushed.
  std::int64_t start = -1;
  std::int64_t high = -1;
  std::int64_t end = -1;  ///< Of take_end.
  bool loses_wakes = false;
  int reads = 0;
  std::size_t finished_records = 0;
  std::size_t finished_bytes = 0;
  int looks = 0;  ///< Calls of wake_if_readable.
  std::vector<kafka_io::io_error> errors;
  bool is_lost = false;
  std::vector<std::int64_t> read_again_from;

private:
  struct record {
    std::int64_t offset;
    std::size_t value_bytes;
  };
  std::deque<record> waiting_;
  kafka_io::wake_fn wake_;
};

class fake_lookup final : public kafka_io::broker_lookup {
public:
  void describe(std::vector<std::int32_t> partitions,
                std::function<void(std::optional<kafka_io::assignment_facts>)> answer) override {
    questions.emplace_back(std::move(partitions), std::move(answer));
    if (answers_itself) this->answer();
  }
  void set_starving(std::int32_t partition, bool is) override {
    if (is)
      starving.insert(partition);
    else
      starving.erase(partition);
  }

  void ask_ends(std::vector<std::int32_t> partitions,
                std::function<void(std::vector<kafka_io::log_end_fact>)> answer) override {
    ends_questions.emplace_back(std::move(partitions), std::move(answer));
  }
  void answer_ends(std::vector<kafka_io::log_end_fact> ends) {
    REQUIRE_FALSE(ends_questions.empty());
    auto oldest = std::move(ends_questions.front());
    ends_questions.pop_front();
    oldest.second(std::move(ends));
  }

  /// The oldest question, with what `committed` says.
  void answer() { answer_with(kafka_io::assignment_facts{layout, committed}); }
  void answer_with(std::optional<kafka_io::assignment_facts> facts) {
    auto oldest = std::move(questions.front());
    questions.pop_front();
    oldest.second(std::move(facts));
  }

  using question = std::pair<std::vector<std::int32_t>,
                             std::function<void(std::optional<kafka_io::assignment_facts>)>>;
  std::deque<question> questions;
  std::deque<std::pair<std::vector<std::int32_t>,
                       std::function<void(std::vector<kafka_io::log_end_fact>)>>>
      ends_questions;
  bool answers_itself = true;
  std::shared_ptr<const core::topic_layout> layout = std::make_shared<core::topic_layout>();
  std::vector<kafka_io::partition_offset> committed;
  std::set<std::int32_t> starving;
};

/// `calls` is what the actor did, in order, as text: "commit 0:5 1:7".
class fake_group_client final : public kafka_io::group_client {
public:
  void wake_with(kafka_io::wake_fn wake) override { wake_ = std::move(wake); }
  void subscribe() override { calls.emplace_back("subscribe"); }
  std::vector<kafka_io::group_event> poll() override {
    ++polls;
    return std::exchange(events_, {});
  }
  std::shared_ptr<kafka_io::partition_source> open(std::int32_t partition) override;
  /// Noted as `assign 0 1:42`: without an offset, and with one.
  void assign(const std::vector<kafka_io::partition_offset>& partitions) override;
  void unassign(const std::vector<std::int32_t>& partitions) override;
  void commit(const std::vector<kafka_io::partition_offset>& offsets) override;
  void start_close() override { calls.emplace_back("close"); }
  [[nodiscard]] bool closed() override { return is_closed; }

  void happen(kafka_io::group_event event) {
    events_.push_back(std::move(event));
    if (wake_) wake_();
  }
  void assigned(std::vector<std::int32_t> partitions) {
    happen(kafka_io::partitions_assigned{std::move(partitions)});
  }
  void revoked(std::vector<std::int32_t> partitions) {
    happen(kafka_io::partitions_revoked{std::move(partitions), false});
  }
  void lost(std::vector<std::int32_t> partitions) {
    happen(kafka_io::partitions_revoked{std::move(partitions), true});
  }
  /// The oldest commit that was not answered, where there is one.
  void finish_commit(std::optional<kafka_io::io_error> error = std::nullopt);

  [[nodiscard]] std::vector<std::string> calls_of(const std::string& verb) const;

  std::vector<std::string> calls;
  std::map<std::int32_t, std::shared_ptr<fake_partition_source>> sources;  ///< The newest of each.
  std::deque<std::vector<kafka_io::partition_offset>> commits_open;
  bool commits_itself = true;
  bool is_closed = false;
  bool opened_while_read = false;  ///< A partition whose earlier reader was still there.
  int polls = 0;

private:
  kafka_io::wake_fn wake_;
  std::vector<kafka_io::group_event> events_;
};

struct sent_record {
  core::output_topic topic{};
  std::int32_t partition = -1;
  std::optional<std::int32_t> input_partition;
  std::int64_t source_offset = 0;
  std::string value;
  int client = 0;  ///< Which one sent it, from 1.
  void* slot = nullptr;
  bool answered = false;
};

/// The broker behind all delivery clients of a test. Nothing is delivered before a test says so.
class fake_broker : public std::enable_shared_from_this<fake_broker> {
public:
  [[nodiscard]] kafka_io::delivery_client_factory factory();

  /// Answers everything under way, in the order it was sent; how many there were.
  std::size_t deliver_all(kafka_io::delivery_status status = kafka_io::delivery_status::delivered,
                          kafka_io::error_code code = {});
  /// Answers what is under way of the record with that source offset; false: it is not.
  bool answer(std::int64_t source_offset, kafka_io::delivery_status status,
              kafka_io::error_code code = {},
              std::optional<std::int32_t> input_partition = std::nullopt);
  bool deliver(std::int64_t source_offset) {
    return answer(source_offset, kafka_io::delivery_status::delivered);
  }
  bool fail(std::int64_t source_offset) {
    return answer(source_offset, kafka_io::delivery_status::failed, -192);
  }
  bool refuse(std::int64_t source_offset,
              kafka_io::error_code code = code_of(error_kind::message_too_large)) {
    return answer(source_offset, kafka_io::delivery_status::refused, code);
  }
  void wake() {
    if (wake_) wake_();
  }

  [[nodiscard]] bool has_wake() const { return wake_ != nullptr; }
  [[nodiscard]] std::size_t under_way() const;
  /// Source offsets in the order of `sent`, from the `from`th on; of one topic where given.
  [[nodiscard]] std::vector<std::int64_t> offsets_sent(
      std::size_t from = 0, std::optional<core::output_topic> topic = std::nullopt) const;

  std::vector<sent_record> sent;
  std::size_t request_bytes = 1000000;
  std::size_t queue_max = 1000000;  ///< Records under way before `queue_full`.
  /// Answers in place of the queue, where it answers.
  std::function<std::optional<kafka_io::send_result>(const core::output_record&)> on_send;
  std::optional<kafka_io::io_error> fatal;  ///< Of the newest client; a new one has none.
  std::function<void()> on_close;           ///< While a client is destroyed.
  int clients = 0;
  int purges = 0;
  int queue_purges = 0;
  std::vector<kafka_io::sending> kinds;  ///< Of the clients, in the order they were made.

private:
  friend class fake_delivery_client;
  std::vector<kafka_io::delivery> deliveries_;
  kafka_io::wake_fn wake_;
};

class fake_delivery_client final : public kafka_io::delivery_client {
public:
  explicit fake_delivery_client(std::shared_ptr<fake_broker> broker)
    : broker_(std::move(broker)), number_(++broker_->clients) {}
  ~fake_delivery_client() override {
    if (broker_->on_close) broker_->on_close();
  }
  fake_delivery_client(const fake_delivery_client&) = delete;
  fake_delivery_client& operator=(const fake_delivery_client&) = delete;

  void wake_with(kafka_io::wake_fn wake) override { broker_->wake_ = std::move(wake); }
  kafka_io::send_result send(const core::output_record& record,
                             std::optional<std::int32_t> input_partition, std::int32_t partition,
                             void* slot) override;
  bool poll(std::vector<kafka_io::delivery>& deliveries) override;
  [[nodiscard]] std::optional<kafka_io::io_error> fatal_error() const override {
    return broker_->fatal;
  }
  void purge_queued() override { ++broker_->queue_purges; }
  void purge() override {
    ++broker_->purges;
    broker_->deliver_all(kafka_io::delivery_status::failed, -152);
  }
  [[nodiscard]] std::size_t request_bytes() const override { return broker_->request_bytes; }
  [[nodiscard]] std::string error_text(kafka_io::error_code code) const override {
    return "error " + std::to_string(code.number());
  }

private:
  std::shared_ptr<fake_broker> broker_;
  int number_;
};

}  // namespace turnstile::tests
