// Writes outputs in transactions, together with positions of a group that has no members: for
// redrive.
//
// Owned and used by one thread; each call blocks. GUARANTEES: records and positions of a
// transaction become visible together, or neither; after `take_over` no earlier writer of the same
// transactional.id can commit. After an error nothing more can be done with it but destroy it,
// which leaves nothing behind: what is open is aborted by the next `take_over`, or by its timeout.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/batch.hpp"
#include "core/layout.hpp"
#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

class rd_delivery_client;

/// How far a group has come in a partition, and what was noted with it.
struct noted_position {
  std::int32_t partition = -1;
  std::int64_t offset = 0;
  std::string note;  ///< Offset metadata; brokers take 4,096 bytes unless told otherwise.
};

class transactional_writer {
public:
  /// True: give up waiting.
  using stop_check = std::function<bool()>;
  using failure = std::optional<io_error>;

  /// `positions_topic`: of which `group` has positions. The transactional.id is the group's name.
  [[nodiscard]] static result<transactional_writer> open(const core::settings& settings,
                                                         const core::topic_layout& layout,
                                                         const std::string& group,
                                                         const std::string& positions_topic);
  transactional_writer(transactional_writer&&) noexcept;
  transactional_writer& operator=(transactional_writer&&) = delete;
  ~transactional_writer();

  /// rd_kafka_init_transactions: ends what an earlier writer left open, and fences it. Waits for
  /// the coordinator until `stopped`.
  failure take_over(const stop_check& stopped);

  /// `record` must stay where it is until the next `commit`. Begins a transaction where none is
  /// open.
  failure send(const core::output_record& record, std::int32_t source_partition,
               std::int32_t partition);

  /// Waits for all deliveries, then commits them with `positions`. Nothing was sent: the positions
  /// alone.
  failure commit(const std::vector<noted_position>& positions);

  /// Another one of the same transactional.id has taken over, or the transaction took too long.
  [[nodiscard]] static bool is_fenced(const io_error& error);

private:
  transactional_writer(shared_client client, std::unique_ptr<rd_delivery_client> records,
                       std::string group, std::string positions_topic);
  failure begin();
  failure take_deliveries();
  failure await_deliveries();
  failure send_positions(const std::vector<noted_position>& positions);

  shared_client client_;
  std::unique_ptr<rd_delivery_client> records_;
  group_metadata_ptr group_;
  std::string positions_topic_;
  bool open_ = false;
  std::size_t under_way_ = 0;
  std::vector<delivery> deliveries_;
};

/// What `group` has committed in the partitions of `topic` from 0 on, once no transaction of it is
/// pending; -1: nothing. Joins nothing.
[[nodiscard]] result<std::vector<noted_position>> read_positions(const core::settings& settings,
                                                                 const std::string& group,
                                                                 const std::string& topic,
                                                                 std::int32_t partitions);

}  // namespace turnstile::kafka_io
