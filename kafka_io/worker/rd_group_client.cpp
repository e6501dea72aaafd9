#include "kafka_io/worker/rd_group_client.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/log.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/client_log.hpp"
#include "kafka_io/worker/rd_partition_source.hpp"

namespace turnstile::kafka_io {

static_assert(error_code(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID).kind() == error_kind::member_fenced);

namespace {

void call_wake(rd_kafka_t*, void* fn) { (*static_cast<wake_fn*>(fn))(); }

/// STALE_MEMBER_EPOCH, which librdkafka 2.0.2 has no name for: by the consumer protocol, the epoch
/// has risen since the commit was sent. The partitions are still ours.
constexpr int stale_epoch = 113;

/// Whether the group is still ours and only the way to its coordinator was not open.
bool commit_may_succeed_later(rd_kafka_resp_err_t code) {
  if (static_cast<int>(code) == stale_epoch) return true;
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
      return true;
    default:
      return false;
  }
}

std::vector<std::int32_t> partitions_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<std::int32_t> partitions;
  for (int i = 0; list != nullptr && i < list->cnt; ++i)
    partitions.push_back(list->elems[i].partition);
  return partitions;
}

/// Member id, epoch and what else makes a membership; empty for none.
std::string text_of(const membership& member) {
  if (!member) return {};
  void* bytes = nullptr;
  std::size_t size = 0;
  const error_ptr failed{rd_kafka_consumer_group_metadata_write(
      static_cast<const rd_kafka_consumer_group_metadata_t*>(member.get()), &bytes, &size)};
  if (failed) return {};
  std::string text(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, bytes);
  return text;
}

bool is_rebalance(const group_event& event) {
  return std::holds_alternative<partitions_assigned>(event) ||
         std::holds_alternative<partitions_revoked>(event);
}

/// A commit can fail as a whole with NO_ERROR on each partition, and the other way round.
commit_finished commit_result(rd_kafka_event_t* event) {
  commit_finished finished;
  rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  const auto* list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    const auto& one = list->elems[i];
    finished.offsets.push_back({one.partition, one.offset});
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = one.err;
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    finished.error = error_of(code);
    finished.error->retriable = commit_may_succeed_later(code);
  }
  return finished;
}

}  // namespace

void enable_group_events(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR);
}

rd_group_client::rd_group_client(shared_client client, std::string topic,
                                 std::optional<in_flight> shared, bool renewals)
  : client_(std::move(client)),
    topic_(std::move(topic)),
    commit_queue_(rd_kafka_queue_new(client_.get())),
    shared_(shared ? std::make_shared<rd_shared_fetch>(client_, topic_, *shared) : nullptr),
    renewals_(renewals) {
  rd_kafka_poll_set_consumer(client_.get());
  group_queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
}

rd_group_client::~rd_group_client() { rd_group_client::wake_with(nullptr); }

void rd_group_client::wake_with(wake_fn wake) {
  for (auto* queue : {group_queue_.get(), commit_queue_.get()})
    rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr);
  if (shared_) shared_->wake_with(wake);
  wake_ = wake ? std::make_unique<wake_fn>(std::move(wake)) : nullptr;
  if (!wake_) return;
  for (auto* queue : {group_queue_.get(), commit_queue_.get()})
    rd_kafka_queue_cb_event_enable(queue, call_wake, wake_.get());
}

void rd_group_client::subscribe() {
  const topic_partition_list_ptr topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(client_.get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    refusals_.emplace_back(client_error{error_of(code, "subscribe"), true});
}

std::vector<group_event> rd_group_client::poll() {
  auto events = std::exchange(refusals_, {});
  // Before the events: see membership_news.
  const auto seen = renewals_ ? member_now() : nullptr;
  for (auto* queue : {group_queue_.get(), commit_queue_.get()})
    while (const event_ptr event{rd_kafka_queue_poll(queue, 0)}) take(event.get(), events);
  if (renewals_) tell_renewal(seen, events);
  if (shared_) shared_->deal();
  return events;
}

void rd_group_client::tell_renewal(const membership& seen, std::vector<group_event>& into) {
  const auto text = text_of(seen);
  if (text.empty()) return;
  if (news_.tell(text, std::ranges::any_of(into, is_rebalance)))
    into.emplace_back(membership_renewed{seen});
}

void rd_group_client::take(rd_kafka_event_t* event, std::vector<group_event>& into) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE: {
      auto partitions = partitions_of(rd_kafka_event_topic_partition_list(event));
      if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        into.emplace_back(partitions_assigned{std::move(partitions), member_now(), member_id()});
      else
        into.emplace_back(partitions_revoked{
            std::move(partitions), rd_kafka_assignment_lost(client_.get()) != 0, member_now()});
      break;
    }
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      into.emplace_back(commit_result(event));
      break;
    case RD_KAFKA_EVENT_ERROR: {
      auto error = error_of(rd_kafka_event_error(event));
      error.text = rd_kafka_event_error_string(event);
      const bool fatal = rd_kafka_event_error_is_fatal(event) != 0;
      if (!fatal) {
        log_client_error(client_.get(), error.text);
        break;
      }
      // The event's own code says no more than that it is fatal.
      error.code = rd_kafka_fatal_error(client_.get(), nullptr, 0);
      into.emplace_back(client_error{std::move(error), true});
      break;
    }
    case RD_KAFKA_EVENT_FETCH:
      // A record here is one that its partition's reader never sees.
      into.emplace_back(client_error{{0, "a record came by the group's queue", false}, true});
      break;
    default:
      break;
  }
}

/// Null where the coordinator has put us out meanwhile: what librdkafka holds then names no member,
/// and offsets of nobody pass every fence. The id is asked after the metadata, because until the
/// event is answered a member can only cease to be one.
membership rd_group_client::member_now() const {
  group_metadata_ptr metadata{rd_kafka_consumer_group_metadata(client_.get())};
  if (!metadata || member_id().empty()) return nullptr;
  return std::shared_ptr<rd_kafka_consumer_group_metadata_t>{std::move(metadata)};
}

std::string rd_group_client::member_id() const {
  char* const id = rd_kafka_memberid(client_.get());
  std::string text = id == nullptr ? "" : id;
  rd_kafka_mem_free(client_.get(), id);
  return text;
}

std::shared_ptr<partition_source> rd_group_client::open(std::int32_t partition) {
  if (shared_) return shared_->open(partition);
  return std::make_shared<rd_partition_source>(client_, topic_, partition);
}

bool rd_group_client::cooperative() const {
  const char* protocol = rd_kafka_rebalance_protocol(client_.get());
  return protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0;
}

topic_partition_list_ptr rd_group_client::list_of(
    const std::vector<std::int32_t>& partitions) const {
  topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  return list;
}

void rd_group_client::assign(const std::vector<partition_offset>& partitions) {
  const topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [partition, offset] : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset =
        offset >= 0 ? offset : RD_KAFKA_OFFSET_INVALID;
  if (cooperative()) {
    note_refusal("assign", rd_kafka_incremental_assign(client_.get(), list.get()));
  } else if (const auto code = rd_kafka_assign(client_.get(), list.get());
             code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    refusals_.emplace_back(client_error{error_of(code, "assign"), true});
  }
}

void rd_group_client::unassign(const std::vector<std::int32_t>& partitions) {
  if (cooperative()) {
    const auto list = list_of(partitions);
    note_refusal("unassign", rd_kafka_incremental_unassign(client_.get(), list.get()));
  } else {
    rd_kafka_assign(client_.get(), nullptr);
  }
}

void rd_group_client::note_refusal(const char* call, rd_kafka_error_t* error) {
  const error_ptr owned{error};
  if (owned)
    refusals_.emplace_back(client_error{error_of(rd_kafka_error_code(owned.get()), call),
                                        rd_kafka_error_is_fatal(owned.get()) != 0});
}

void rd_group_client::commit(const std::vector<partition_offset>& offsets) {
  const topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition)->offset = offset;
  const auto code =
      rd_kafka_commit_queue(client_.get(), list.get(), commit_queue_.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  commit_finished refused{offsets, error_of(code)};
  refused.error->retriable = commit_may_succeed_later(code);
  refusals_.emplace_back(std::move(refused));
}

void rd_group_client::start_close() {
  const error_ptr error{rd_kafka_consumer_close_queue(client_.get(), group_queue_.get())};
  if (!error) return;
  core::log_warning("group cannot be left", {{"error", rd_kafka_error_string(error.get())}});
  cannot_close_ = true;
}

bool rd_group_client::closed() {
  return cannot_close_ || rd_kafka_consumer_closed(client_.get()) != 0;
}

}  // namespace turnstile::kafka_io
