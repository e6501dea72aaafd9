// The five interfaces of kafka_io/io.hpp over a model_kafka.
//
// Made for one simulated process each, shared with the simulation, which decides when what was
// asked for happens. Used on the simulation's thread only.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka_io/io.hpp"
#include "tests/simulation/model_kafka.hpp"

namespace turnstile::simulation {

using kafka_io::partition_offset;

/// Offset of a record that is too large for its topic, however often it is sent.
inline bool is_too_large(core::output_topic topic, std::int64_t offset) {
  return topic == core::output_topic::processed && offset % 11 == 3;
}

class sim_source final : public kafka_io::partition_source {
public:
  sim_source(const model_kafka& kafka, process_ptr owner, std::int32_t partition)
    : kafka_(kafka), owner_(std::move(owner)), partition_(partition) {}

  void wake_with(kafka_io::wake_fn wake) override { wake_ = std::move(wake); }
  std::size_t read(core::record_batch& batch, std::size_t records_max) override;
  void finished(std::size_t, std::size_t) override {}
  std::vector<kafka_io::io_error> take_errors() override { return {}; }
  [[nodiscard]] bool lost() const override { return false; }
  void read_again(std::int64_t) override {}
  std::int64_t take_end() override { return -1; }
  [[nodiscard]] std::int64_t log_start() const override { return 0; }
  [[nodiscard]] std::int64_t high_watermark() const override { return kafka_.end(partition_); }
  void wake_if_readable() override {
    if (position_ < fetched_ && wake_) wake_();
  }

  void begin(std::int64_t offset) { position_ = fetched_ = std::max<std::int64_t>(0, offset); }
  void stop() { position_ = fetched_ = -1; }
  /// What the topic has by now arrives.
  void fetch() {
    if (position_ < 0) return;
    fetched_ = kafka_.end(partition_);
    wake_if_readable();
  }

private:
  const model_kafka& kafka_;
  process_ptr owner_;
  std::int32_t partition_;
  std::int64_t position_ = -1;
  std::int64_t fetched_ = -1;
  kafka_io::wake_fn wake_;
};

struct open_commit {
  int generation = 0;
  std::vector<partition_offset> offsets;
};

class sim_group final : public kafka_io::group_client {
public:
  sim_group(const model_kafka& kafka, process_ptr owner)
    : kafka_(kafka), owner_(std::move(owner)) {}

  void wake_with(kafka_io::wake_fn wake) override { wake_ = std::move(wake); }
  void subscribe() override {}
  std::vector<kafka_io::group_event> poll() override { return std::exchange(events_, {}); }
  std::shared_ptr<kafka_io::partition_source> open(std::int32_t partition) override {
    return sources[partition] = std::make_shared<sim_source>(kafka_, owner_, partition);
  }
  void assign(const std::vector<partition_offset>& partitions) override {
    --unanswered;
    for (const auto& [partition, offset] : partitions) sources.at(partition)->begin(offset);
  }
  void unassign(const std::vector<std::int32_t>& partitions) override {
    --unanswered;
    for (const auto partition : partitions)
      if (const auto at = sources.find(partition); at != sources.end()) at->second->stop();
  }
  void commit(const std::vector<partition_offset>& offsets) override {
    if (owner_->alive) commits.push_back({generation, offsets});
  }
  void start_close() override { closing = true; }
  [[nodiscard]] bool closed() override { return is_closed; }

  void happen(kafka_io::group_event event) {
    events_.push_back(std::move(event));
    if (wake_) wake_();
  }
  void assigned(std::vector<std::int32_t> partitions, int as_generation) {
    generation = as_generation;
    ++unanswered;
    happen(kafka_io::partitions_assigned{std::move(partitions), member()});
  }
  void revoked(std::vector<std::int32_t> partitions, bool lost) {
    ++unanswered;
    happen(kafka_io::partitions_revoked{std::move(partitions), lost, lost ? nullptr : member()});
  }

  int generation = 0;
  int unanswered = 0;  ///< Events of the group.
  bool closing = false;
  bool is_closed = false;
  std::deque<open_commit> commits;
  std::map<std::int32_t, std::shared_ptr<sim_source>> sources;

private:
  [[nodiscard]] kafka_io::membership member() const { return std::make_shared<int>(generation); }

  const model_kafka& kafka_;
  process_ptr owner_;
  kafka_io::wake_fn wake_;
  std::vector<kafka_io::group_event> events_;
};

class sim_lookup final : public kafka_io::broker_lookup {
public:
  using answer_fn = std::function<void(std::optional<kafka_io::assignment_facts>)>;

  void describe(std::vector<std::int32_t> partitions, answer_fn answer) override {
    questions.emplace_back(std::move(partitions), std::move(answer));
  }
  /// Never answered: figures only.
  void ask_ends(std::vector<std::int32_t>,
                std::function<void(std::vector<kafka_io::log_end_fact>)>) override {}
  void set_starving(std::int32_t, bool) override {}

  std::deque<std::pair<std::vector<std::int32_t>, answer_fn>> questions;
};

enum class transaction_call : std::uint8_t { none, open, send_offsets, commit, abort };

struct produce_request {
  written_record record;
  void* slot = nullptr;
};

/// What a client has asked of the brokers; outlives the client.
struct producer_requests {
  process_ptr owner;
  const std::int64_t* now_ms = nullptr;
  bool closed = false;  ///< The client is gone: nobody hears any more.
  kafka_io::sending how = kafka_io::sending::in_stream;
  std::optional<kafka_io::io_error> fatal;
  std::size_t request_records = 8;  ///< At most; learned by the clients of a process together.
  std::size_t queue_max = 50;
  std::size_t under_way = 0;
  std::map<std::pair<core::output_topic, std::int32_t>, std::deque<produce_request>> targets;
  std::vector<kafka_io::delivery> deliveries;
  kafka_io::wake_fn wake;

  // Where it is transactional.
  std::string id;
  int epoch = -1;
  std::shared_ptr<transaction_entry> transaction;
  std::optional<std::int64_t> first_sent_ms;  ///< Of the transaction.
  transaction_call call = transaction_call::none;
  std::vector<partition_offset> offsets;
  kafka_io::membership member;
  kafka_io::transaction_client::answer_fn answer;

  void tell(const produce_request& of, kafka_io::delivery_status status, kafka_io::error_code code);
  /// Nothing of it is written.
  void give_back(std::deque<produce_request>& queue, kafka_io::error_code code);
  void answer_call(kafka_io::transaction_answer with);
};
using requests_ptr = std::shared_ptr<producer_requests>;

class sim_producer final : public kafka_io::transaction_client {
public:
  explicit sim_producer(requests_ptr requests) : requests_(std::move(requests)) {}
  ~sim_producer() override { requests_->closed = true; }
  sim_producer(const sim_producer&) = delete;
  sim_producer& operator=(const sim_producer&) = delete;

  void wake_with(kafka_io::wake_fn wake) override { requests_->wake = std::move(wake); }
  kafka_io::send_result send(const core::output_record& record,
                             std::optional<std::int32_t> input_partition, std::int32_t partition,
                             void* slot) override;
  bool poll(std::vector<kafka_io::delivery>& deliveries) override;
  [[nodiscard]] std::optional<kafka_io::io_error> fatal_error() const override {
    return requests_->fatal;
  }
  void purge_queued() override;
  void purge() override {}
  [[nodiscard]] std::size_t request_bytes() const override { return 1'000'000; }
  [[nodiscard]] std::string error_text(kafka_io::error_code code) const override {
    return "error " + std::to_string(code.number());
  }

  void answer_with(answer_fn answer) override { requests_->answer = std::move(answer); }
  void open() override { requests_->call = transaction_call::open; }
  void send_offsets(std::vector<partition_offset> offsets, kafka_io::membership member) override {
    requests_->offsets = std::move(offsets);
    requests_->member = std::move(member);
    requests_->call = transaction_call::send_offsets;
  }
  void commit() override { requests_->call = transaction_call::commit; }
  void abort() override { requests_->call = transaction_call::abort; }
  [[nodiscard]] std::string abort_reason() const override { return {}; }
  [[nodiscard]] const std::string& transactional_id() const override { return requests_->id; }

private:
  requests_ptr requests_;
};

}  // namespace turnstile::simulation
