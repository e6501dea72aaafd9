// What the actors need of Kafka, and nothing more: five small interfaces.
//
// Each object is owned by one actor, which alone calls it, except where a method says otherwise;
// wake functions are called on librdkafka's threads, must only post a message, and may coalesce:
// after one, read until nothing is left. No method blocks. Tests put fakes here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/batch.hpp"
#include "core/layout.hpp"
#include "kafka_io/error_code.hpp"

namespace turnstile::kafka_io {

/// Called on a librdkafka thread with a queue lock held: no librdkafka call, no lock, no waiting.
using wake_fn = std::function<void()>;

struct io_error {
  error_code code;
  std::string text;
  bool retriable = false;  ///< The same request may succeed later.
};

struct partition_offset {
  std::int32_t partition = -1;
  std::int64_t offset = 0;
  friend bool operator==(const partition_offset&, const partition_offset&) = default;
};

/// What a record in flight costs beside its key, value and headers: its views, slot, origin header
/// and librdkafka's own message.
inline constexpr std::size_t record_overhead_bytes = 512;

/// And a batch beside its records: with one record in each, most of all.
inline constexpr std::size_t batch_overhead_bytes = 2048;

/// Reads one assigned partition of the input topic. Owned by its partition_consumer.
class partition_source {
public:
  virtual ~partition_source() = default;

  /// Enables the wake function, or disables it (null): afterwards none is running.
  virtual void wake_with(wake_fn wake) = 0;

  /// Appends up to `records_max` records to `batch` (inputs, input_bytes, keep_alive). 0: nothing
  /// is there now, and the next arrival wakes.
  virtual std::size_t read(core::record_batch& batch, std::size_t records_max) = 0;

  /// A batch that `read` gave, of `records` with `bytes` of keys, values and headers, is no longer
  /// in flight.
  virtual void finished(std::size_t records, std::size_t bytes) = 0;

  /// Errors of the partition since the last call.
  virtual std::vector<io_error> take_errors() = 0;

  /// After an error that leaves open what the next record would be, a damaged batch say: `read`
  /// gives nothing more.
  [[nodiscard]] virtual bool lost() const = 0;

  /// Reads on at `offset`; -1: at the beginning.
  virtual void read_again(std::int64_t offset) = 0;

  /// Told once: `read` has given all there is below this offset, where the broker had no more; -1:
  /// there may be more. What lies between it and the last record is none that can be read.
  virtual std::int64_t take_end() = 0;

  /// Where the log begins and ends, as the last answer to a Fetch told; -1 while unknown.
  [[nodiscard]] virtual std::int64_t log_start() const = 0;
  [[nodiscard]] virtual std::int64_t high_watermark() const = 0;

  /// THREAD: any. Wakes where records wait although no wake came.
  virtual void wake_if_readable() = 0;
};

/// A batch of the input that cannot be read: damaged, or of more bytes than may be unpacked.
struct unreadable_batch {
  std::int64_t first = -1;  ///< Of its offsets that were asked for.
  std::int64_t next = -1;   ///< Where reading can go on.
  std::string error;
};

/// Finds out where the batch at `offset` of a partition ends (-1: the first one), if it cannot be
/// read. THREAD: any. `answer` is called on a thread of the survey's: with nothing where the batch
/// can be read, or that could not be found out.
using batch_survey =
    std::function<void(std::int32_t partition, std::int64_t offset,
                       std::function<void(std::optional<unreadable_batch>)> answer)>;

/// Member and generation as which offsets may go into a transaction: the coordinator refuses those
/// of an earlier generation. rd_kafka_consumer_group_metadata_t; null where the member has none.
using membership = std::shared_ptr<const void>;

/// Both carry the membership as it was when they came, not as it is when somebody asks: a member
/// that has lost its partitions and joined anew must not pass for their owner. librdkafka does not
/// join again before the event is answered.
struct partitions_assigned {
  std::vector<std::int32_t> partitions;
  membership member = nullptr;
  std::string member_id = {};  ///< As the group's coordinator calls us.
};
struct partitions_revoked {
  std::vector<std::int32_t> partitions;
  bool lost = false;  ///< Owned by others already: nothing may be committed.
  membership member = nullptr;
};
/// With Kafka's consumer protocol a member's epoch also rises where its partitions stay as they
/// are. Never told between a membership's end and the event that says so.
struct membership_renewed {
  membership member = nullptr;
};
struct commit_finished {
  std::vector<partition_offset> offsets;
  std::optional<io_error> error;
};
struct client_error {
  io_error error;
  bool fatal = false;
};
using group_event = std::variant<partitions_assigned, partitions_revoked, membership_renewed,
                                 commit_finished, client_error>;

/// The member of the consumer group. Owned by the group_consumer.
class group_client {
public:
  virtual ~group_client() = default;
  virtual void wake_with(wake_fn wake) = 0;

  virtual void subscribe() = 0;

  /// Everything that happened since the last call. Must be called at least each second, also when
  /// no wake came: librdkafka counts it as the sign of life of `max.poll.interval.ms`. Where
  /// partitions share a queue their sources get their records here.
  virtual std::vector<group_event> poll() = 0;

  /// REQUIRES: before `assign` of the partition, so that no record takes the group's queue.
  virtual std::shared_ptr<partition_source> open(std::int32_t partition) = 0;

  /// Answers partitions_assigned / partitions_revoked, whole or incremental as the protocol has it.
  /// Reading begins at `offset`; -1: nothing is committed, `auto.offset.reset` says where.
  virtual void assign(const std::vector<partition_offset>& partitions) = 0;
  virtual void unassign(const std::vector<std::int32_t>& partitions) = 0;

  /// One OffsetCommit; the result comes as commit_finished.
  virtual void commit(const std::vector<partition_offset>& offsets) = 0;

  /// Leaves the group. Go on polling (and answering revocations) until `closed`. After a fatal
  /// error there is nothing to leave.
  virtual void start_close() = 0;
  [[nodiscard]] virtual bool closed() = 0;
};

/// What an assignment starts from.
struct assignment_facts {
  std::shared_ptr<const core::topic_layout> layout;
  std::vector<partition_offset> committed;  ///< Without those that have none.
  /// Those of `committed` that the group begins with now: at the end, as `auto.offset.reset` says.
  std::vector<std::int32_t> begun_at_end = {};
  /// And at their beginning, as they were added to the topic after the group had begun.
  std::vector<std::int32_t> added = {};
};

/// Where a partition's log ends, by its leader.
struct log_end_fact {
  std::int32_t partition = -1;
  std::int64_t readable = -1;  ///< The last stable offset, where only what is committed is read.
  std::int64_t written = -1;   ///< The high watermark; not below `readable`.
};

/// The questions librdkafka only answers by blocking. Has a thread of its own.
class broker_lookup {
public:
  virtual ~broker_lookup() = default;

  /// THREAD: any. `answer` is called once, on the lookup's thread, with null where no broker
  /// answered in time.
  virtual void describe(std::vector<std::int32_t> partitions,
                        std::function<void(std::optional<assignment_facts>)> answer) = 0;

  /// THREAD: any. `answer` is called once, on the lookup's thread, with those of which a leader
  /// answered in time. REQUIRES: one question at a time.
  virtual void ask_ends(std::vector<std::int32_t> partitions,
                        std::function<void(std::vector<log_end_fact>)> answer) = 0;

  /// THREAD: any. A partition whose queue is dry although the broker has more: until it is said to
  /// be fed again, the lookup keeps its leader's connection busy. (librdkafka before 2.2 sleeps up
  /// to 1 s after its prefetch limit was reached.)
  virtual void set_starving(std::int32_t partition, bool starving) = 0;
};

/// What became of one record given to `send`.
enum class delivery_status : std::uint8_t {
  delivered,
  refused,      ///< Its request was, for what this record is (too large, invalid) or another one.
  singled_out,  ///< As refused, and the broker says that it is for this record.
  unwritten,    ///< Not for its own sake: it may be sent again at once.
  failed,       ///< For any other reason; it may or may not have been written.
};

struct delivery {
  void* slot = nullptr;  ///< As given to `send`.
  delivery_status status = delivery_status::delivered;
  error_code code;  ///< Where not delivered.
};

enum class send_status : std::uint8_t {
  queued,      ///< A delivery will tell.
  queue_full,  ///< No room in the queue or on the output partition: again after the next
               ///< deliveries.
  refused,     ///< As delivery_status::refused; no delivery will come.
  failed,      ///< As delivery_status::failed; no delivery will come.
};

struct send_result {
  send_status status = send_status::queued;
  error_code code;
};

/// One idempotent producer. Owned by a producer actor.
class delivery_client {
public:
  virtual ~delivery_client() = default;
  virtual void wake_with(wake_fn wake) = 0;

  /// Hands a record to librdkafka. `record` must stay where it is until its delivery came back. An
  /// input partition adds the origin headers.
  virtual send_result send(const core::output_record& record,
                           std::optional<std::int32_t> input_partition, std::int32_t partition,
                           void* slot) = 0;

  /// Appends what was delivered since the last call, at most a few thousand; false: that was all.
  virtual bool poll(std::vector<delivery>& deliveries) = 0;

  /// Why this client can send no more and must be replaced, once it is so.
  [[nodiscard]] virtual std::optional<io_error> fatal_error() const = 0;

  /// Gives back what waits in the queue; what is under way to a broker is still answered.
  virtual void purge_queued() = 0;

  /// Fails everything that has not been delivered: each gets its delivery.
  virtual void purge() = 0;

  /// Of one request, at most: records of so many bytes that are handed over at once are one.
  [[nodiscard]] virtual std::size_t request_bytes() const = 0;

  [[nodiscard]] virtual std::string error_text(error_code code) const = 0;
};

enum class sending : std::uint8_t {
  in_stream,  ///< A refused request is a fatal error, and nothing is written behind it.
  carefully,  ///< It is none, so no more than one request may be under way to a partition.
};

/// Makes a new client, after a fatal error too.
using delivery_client_factory = std::function<std::unique_ptr<delivery_client>(sending)>;

enum class transaction_failure : std::uint8_t {
  abortable,     ///< Abort; then the same records may be sent again.
  stale_member,  ///< As abortable, but offsets need a newer membership.
  fatal,         ///< This client can do nothing more. A new one's `open` ends what this one began.
};

struct transaction_error {
  transaction_failure kind = transaction_failure::fatal;
  io_error error;
};

/// Nothing: the call succeeded.
using transaction_answer = std::optional<transaction_error>;

/// One transactional producer: after `open` there is always a transaction, and records go into it.
/// The calls of its own return at once and are carried out on a thread of the client's, which
/// repeats what can be repeated; each is answered once. REQUIRES: one at a time. Go on polling
/// meanwhile: commit and abort wait for the deliveries to be taken.
class transaction_client : public delivery_client {
public:
  using answer_fn = std::function<void(transaction_answer)>;

  /// The function is called on the client's thread and must only post a message.
  virtual void answer_with(answer_fn answer) = 0;

  /// Ends what an earlier client of the same transactional.id left open; begins a transaction.
  virtual void open() = 0;

  /// Input offsets that are committed with the transaction.
  virtual void send_offsets(std::vector<partition_offset> offsets, membership member) = 0;

  /// Ends the transaction one way or the other; where that succeeds, the next one has begun.
  virtual void commit() = 0;
  virtual void abort() = 0;

  /// Why the transaction that was aborted last could only be aborted; empty where nobody knows.
  [[nodiscard]] virtual std::string abort_reason() const = 0;

  [[nodiscard]] virtual const std::string& transactional_id() const = 0;
};

/// Makes the client of producer `index`, after a fatal error too.
using transaction_client_factory =
    std::function<std::unique_ptr<transaction_client>(std::size_t index)>;

}  // namespace turnstile::kafka_io
