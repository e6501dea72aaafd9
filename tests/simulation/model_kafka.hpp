// Kafka as far as the engine can tell: input log, outputs, consumer group, transactions.
//
// The one truth of a simulation, which outlives every simulated process. Nothing happens by itself:
// the clients of sim_clients.hpp leave their requests here, and the simulation lets each be carried
// out, fail, or be carried out without its answer. Owned by the simulation, used on its thread.
// GUARANTEES: `broken` names the first promise that the engine did not keep.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka_io/io.hpp"

namespace turnstile::simulation {

enum class transaction_end : std::uint8_t { open, committed, aborted };

/// One transaction of a producer, or what stands for it where there are none.
struct transaction_entry {
  transaction_end end = transaction_end::open;
  std::map<std::int32_t, std::int64_t> offsets;  ///< To be committed with it.
};

/// A record in an output topic. Summaries have no source.
struct written_record {
  core::output_topic topic{};
  std::optional<std::int32_t> source_partition;
  std::int64_t source_offset = 0;
  std::shared_ptr<transaction_entry> transaction;  ///< None: visible at once.
};

/// One run of a worker. Once it is not alive, its clients do nothing more.
struct process {
  std::size_t worker = 0;
  bool alive = true;
  bool connected = true;            ///< To the group; the brokers take its records all the same.
  std::size_t request_records = 8;  ///< What its producers have learned of the topics' limits.
};
using process_ptr = std::shared_ptr<process>;

class model_kafka {
public:
  model_kafka(std::int32_t partitions, bool transactions)
    : transactions_(transactions), ends_(static_cast<std::size_t>(partitions), 0) {}

  // The input topic.

  [[nodiscard]] std::int32_t partitions() const { return static_cast<std::int32_t>(ends_.size()); }
  [[nodiscard]] std::int64_t end(std::int32_t partition) const {
    return ends_.at(static_cast<std::size_t>(partition));
  }
  void append_inputs(std::int32_t partition, std::int64_t count) {
    ends_.at(static_cast<std::size_t>(partition)) += count;
  }

  // The output topics.

  void write(written_record record);

  // The group: offsets, and the generation in which they may be committed.

  [[nodiscard]] std::optional<std::int64_t> committed(std::int32_t partition) const;
  /// False: the member is none of this generation.
  bool commit(const process& by, int generation,
              const std::vector<kafka_io::partition_offset>& offsets);
  [[nodiscard]] bool accepts(const process& by, int generation) const {
    return by.alive && by.connected && generation == generation_;
  }
  [[nodiscard]] int generation() const { return generation_; }
  void begin_generation() { ++generation_; }
  /// Offsets that a transaction which is still open would change.
  [[nodiscard]] bool is_unstable(const std::vector<std::int32_t>& partitions) const;

  // The transaction coordinator, by transactional.id.

  /// Ends what is open of it, and fences whoever had it.
  int open_producer(const std::string& id);
  [[nodiscard]] bool is_fenced(const std::string& id, int epoch) const;
  std::shared_ptr<transaction_entry> begin_transaction(const std::string& id);
  void commit_transaction(const std::shared_ptr<transaction_entry>& transaction);

  // The verdict.

  [[nodiscard]] bool all_committed() const;
  /// Of what is visible at the end: nothing lost, nothing out of order, with transactions nothing
  /// twice.
  void judge();
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::size_t repeats() const { return repeats_; }

private:
  void store_offset(std::int32_t partition, std::int64_t offset);
  void show(const written_record& record);
  void judge_order();
  void break_promise(const std::string& what) {
    if (broken_.empty()) broken_ = what;
  }

  bool transactions_;
  std::vector<std::int64_t> ends_;
  std::vector<written_record> log_;
  std::map<std::int32_t, std::map<std::int64_t, int>> visible_;  ///< How often, by source.
  std::map<std::int32_t, std::int64_t> committed_;
  int generation_ = 0;
  std::map<std::string, int> epochs_;
  std::map<std::string, std::shared_ptr<transaction_entry>> open_;
  std::string broken_;
  std::size_t repeats_ = 0;
};

}  // namespace turnstile::simulation
