// What a consumer group, of any program, has committed of all topics, who owns what, and what is
// still to be read: `turnstile lag`.
//
// Owned and used by one thread, which blocks in its calls. It joins no group and commits nothing.
// GUARANTEES: an offset was committed before the ends that stand beside it were asked for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.hpp"
#include "kafka_io/ask/record_heads.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

struct group_member {
  std::string client_id;
  std::string host;
  std::string member_id;
  std::string instance_id;  ///< Empty: it is no static member.
};

/// What is -1 is not known, but for `committed`: nothing is.
struct group_partition {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t committed = -1;
  std::int64_t first = -1;       ///< That is still there.
  std::int64_t stable_end = -1;  ///< Where readers of committed transactions are held back.
  std::int64_t end = -1;
  /// Of the next record to be read; what lies between is none. The end where there is no record.
  std::int64_t next_offset = -1;
  std::int64_t next_timestamp_ms = -1;
  std::optional<std::size_t> owner;  ///< Its place among the members.
  std::string trouble;               ///< Why nothing is known of its ends; else empty.
};

enum class group_state : std::uint8_t {
  unknown,
  preparing_rebalance,
  completing_rebalance,
  stable,
  dead,  ///< There is none, or one of another protocol, whose members nobody tells us.
  empty,
};

struct group_picture {
  group_state state = group_state::unknown;
  std::vector<group_member> members;
  std::vector<group_partition> partitions;  ///< By topic and number.
};

class group_reader {
public:
  using duration = std::chrono::milliseconds;

  /// Of the group `kafka.group`; waits up to `timeout` for a broker.
  [[nodiscard]] static result<group_reader> open(const core::settings& settings, duration timeout);

  /// All partitions of the topics of which the group has committed something or has members.
  [[nodiscard]] result<group_picture> read(duration timeout);

private:
  /// What was found of a partition before, and from which offset on.
  struct known_head {
    std::int64_t from = -1;
    record_head head;
  };

  group_reader(std::string group, shared_client asking, shared_client reading)
    : group_(std::move(group)), asking_(std::move(asking)), reading_(std::move(reading)) {}
  void add_topic(const std::string& topic, std::map<std::int32_t, group_partition> named,
                 duration timeout, group_picture& picture) const;
  void find_heads(std::vector<group_partition>& partitions, duration timeout);

  std::string group_;
  shared_client asking_;   ///< Its ends are the logs' own.
  shared_client reading_;  ///< Its ends are those of committed transactions.
  std::map<partition_name, known_head> heads_;
};

}  // namespace turnstile::kafka_io
