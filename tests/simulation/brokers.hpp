// What becomes of the requests that the simulated clients left: the brokers' side of a simulation.
//
// Owned by the simulation, used on its thread. Each method takes one request, drawn at random where
// there are several, and does nothing where there is none.
#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/sim_clients.hpp"
#include "tests/support/seeded_random.hpp"

namespace turnstile::simulation {

inline constexpr std::int64_t transaction_timeout_ms = 1000;

class brokers {
public:
  brokers(model_kafka& kafka, tests::seeded_random& random, const std::int64_t& now_ms,
          std::int32_t output_partitions, bool faults)
    : kafka_(kafka),
      random_(random),
      now_ms_(now_ms),
      output_partitions_(output_partitions),
      faults_(faults),
      refusals_(faults) {
    if (faults) request_records_max_ = static_cast<std::size_t>(random.between(1, 8));
  }

  /// The output topics are made anew with one partition.
  void shrink_outputs() { output_partitions_ = 1; }

  /// Every request is carried out and answered from now on, but for what can never be.
  void end_faults() { faults_ = false; }

  /// Of one more client. Empty `id`: not transactional.
  requests_ptr accept(process_ptr owner, const std::string& id,
                      kafka_io::sending how = kafka_io::sending::in_stream);

  void take_produce_request();
  void answer_transaction_call();
  void answer_commit(const process& by, sim_group& group);
  void answer_lookup(sim_lookup& lookup);
  /// The coordinator ends what nobody will end: of dead processes, and of live ones what is older
  /// than `transaction_timeout_ms`.
  void expire_transactions();

private:
  [[nodiscard]] bool fails(std::size_t one_in) { return faults_ && random_.one_in(one_in); }
  [[nodiscard]] bool is_stale(const producer_requests& requests) const {
    return !requests.id.empty() && kafka_.is_fenced(requests.id, requests.epoch);
  }
  void fail_all(producer_requests& requests, std::deque<produce_request>& queue);
  void take_from(producer_requests& requests, std::deque<produce_request>& queue);
  bool refuse_size(producer_requests& requests, std::deque<produce_request>& queue,
                   std::size_t count);
  void begin(producer_requests& requests);
  void open(producer_requests& requests);
  void send_offsets(producer_requests& requests);
  void commit(producer_requests& requests);
  void abort(producer_requests& requests);

  model_kafka& kafka_;
  tests::seeded_random& random_;
  const std::int64_t& now_ms_;
  std::int32_t output_partitions_;
  bool faults_;
  bool refusals_;
  std::size_t request_records_max_ = 8;  ///< Of one that the topics take.
  std::vector<requests_ptr> all_;
};

}  // namespace turnstile::simulation
