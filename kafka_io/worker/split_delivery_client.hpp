// Two producers in the place of one: the processed records', and that of all other topics.
//
// For each request librdkafka looks at every partition of every topic that its client writes to.
// Where there are many, that costs more than the records. Owned by a producer actor, which makes
// every call. THREAD: the wake function is called on the threads of both clients. GUARANTEES: those
// of its clients; the order of records holds within a topic, of which each has one client.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

class split_delivery_client final : public delivery_client {
public:
  split_delivery_client(std::unique_ptr<delivery_client> processed,
                        std::unique_ptr<delivery_client> others)
    : processed_(std::move(processed)), others_(std::move(others)) {}

  void wake_with(wake_fn wake) override;
  send_result send(const core::output_record& record, std::optional<std::int32_t> input_partition,
                   std::int32_t partition, void* slot) override;

  /// Of both clients in turn, so that neither waits for the other.
  bool poll(std::vector<delivery>& deliveries) override;

  /// Of either: they are replaced together.
  [[nodiscard]] std::optional<io_error> fatal_error() const override;
  void purge_queued() override;
  void purge() override;
  [[nodiscard]] std::size_t request_bytes() const override {
    return std::min(processed_->request_bytes(), others_->request_bytes());
  }
  [[nodiscard]] std::string error_text(error_code code) const override;

private:
  std::unique_ptr<delivery_client> processed_;
  std::unique_ptr<delivery_client> others_;
  bool others_first_ = false;
};

}  // namespace turnstile::kafka_io
