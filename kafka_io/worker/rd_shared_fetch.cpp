#include "kafka_io/worker/rd_shared_fetch.hpp"

#include <algorithm>
#include <utility>

#include "core/log.hpp"

namespace turnstile::kafka_io {

namespace {

/// Messages taken from librdkafka's queue at once, and how often before other events get their
/// turn.
constexpr std::size_t records_per_read = 1024;
constexpr int reads_per_turn = 32;

credit_pool::time_point now() { return std::chrono::steady_clock::now(); }

/// Of the records among them.
in_flight amount_of(std::span<rd_kafka_message_t* const> messages) {
  const auto records = static_cast<std::size_t>(std::ranges::count(
      messages, RD_KAFKA_RESP_ERR_NO_ERROR, [](const auto* message) { return message->err; }));
  return {records, bytes_of(messages) + records * record_overhead_bytes};
}

}  // namespace

dealt_source::dealt_source(std::shared_ptr<rd_shared_fetch> fetch, core::partition_epoch source)
  : fetch_(std::move(fetch)), source_(source) {}

dealt_source::~dealt_source() {
  for (auto* message : waiting_) rd_kafka_message_destroy(message);
  fetch_->close(source_);
}

void dealt_source::wake_with(wake_fn wake) {
  const std::lock_guard lock{mutex_};
  wake_ = std::move(wake);
}

void dealt_source::put(std::span<rd_kafka_message_t* const> messages) {
  std::unique_lock lock{mutex_};
  if (lost_) {
    lock.unlock();
    return drop(messages);
  }
  const bool was_empty = waiting_.empty();
  waiting_.insert(waiting_.end(), messages.begin(), messages.end());
  if (was_empty && wake_) wake_();
}

void dealt_source::drop(std::span<rd_kafka_message_t* const> messages) {
  fetch_->give_back(source_, amount_of(messages));
  for (auto* message : messages) rd_kafka_message_destroy(message);
}

std::size_t dealt_source::read(core::record_batch& batch, std::size_t records_max) {
  {
    const std::lock_guard lock{mutex_};
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(records_max, waiting_.size()));
    taken_.assign(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
  }
  if (taken_.empty()) return 0;
  if (const auto taken = take_fetched(fetch_->client(), taken_, batch, news_)) {
    {
      const std::lock_guard lock{mutex_};
      lost_ = true;
      taken_.insert(taken_.end(), waiting_.begin(), waiting_.end());
      waiting_.clear();
    }
    drop(std::span{taken_}.subspan(*taken));
  }
  if (!batch.inputs.empty()) fetch_->spend(source_, batch_overhead_bytes);
  return batch.inputs.size();
}

void dealt_source::finished(std::size_t records, std::size_t bytes) {
  fetch_->give_back(source_,
                    {records, bytes + records * record_overhead_bytes + batch_overhead_bytes});
}

std::vector<io_error> dealt_source::take_errors() { return std::exchange(news_.errors, {}); }

bool dealt_source::lost() const {
  const std::lock_guard lock{mutex_};
  return lost_ && !seek_asked_;
}

void dealt_source::read_again(std::int64_t offset) {
  {
    const std::lock_guard lock{mutex_};
    lost_ = seek_asked_ = true;
    taken_.assign(waiting_.begin(), waiting_.end());
    waiting_.clear();
  }
  drop(taken_);
  news_.end = -1;
  fetch_->ask_to_seek(source_, offset);
}

void dealt_source::seek_now(std::int64_t offset) {
  seek(fetch_->client(), fetch_->topic(), source_.partition, offset);
  const std::lock_guard lock{mutex_};
  lost_ = seek_asked_ = false;
}

std::int64_t dealt_source::log_start() const {
  return known_bounds(fetch_->client().get(), fetch_->topic(), source_.partition).start;
}

std::int64_t dealt_source::high_watermark() const {
  return known_bounds(fetch_->client().get(), fetch_->topic(), source_.partition).end;
}

void dealt_source::wake_if_readable() {
  const std::lock_guard lock{mutex_};
  if (wake_ && !waiting_.empty()) wake_();
}

rd_shared_fetch::rd_shared_fetch(shared_client client, std::string topic, in_flight most)
  : client_(std::move(client)),
    topic_(std::move(topic)),
    queue_(rd_kafka_queue_new(client_.get())),
    pool_(most) {}

rd_shared_fetch::~rd_shared_fetch() { rd_shared_fetch::wake_with(nullptr); }

void rd_shared_fetch::wake_with(wake_fn wake) {
  // Taking the old one away waits until no call of it is running.
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  const std::lock_guard lock{mutex_};
  wake_ = std::move(wake);
  if (!wake_) return;
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* fn) { (*static_cast<wake_fn*>(fn))(); }, &wake_);
}

std::shared_ptr<partition_source> rd_shared_fetch::open(std::int32_t partition) {
  auto source = std::make_shared<dealt_source>(shared_from_this(),
                                               core::partition_epoch{partition, ++opened_});
  sources_[partition] = source;
  const queue_ptr own{rd_kafka_queue_get_partition(client_.get(), topic_.c_str(), partition)};
  rd_kafka_queue_forward(own.get(), queue_.get());
  // librdkafka keeps a partition paused that is taken away and comes back.
  if (paused_.erase(partition) > 0)
    rd_kafka_resume_partitions(client_.get(), list_of({{partition, 0}}).get());
  return source;
}

void rd_shared_fetch::give_back(core::partition_epoch by, in_flight amount) {
  const std::lock_guard lock{mutex_};
  pool_.give_back(by, amount, now());
  wake_if_waiting();
}

void rd_shared_fetch::spend(core::partition_epoch by, std::size_t bytes) {
  const std::lock_guard lock{mutex_};
  pool_.spend(by, bytes);
}

void rd_shared_fetch::close(core::partition_epoch source) {
  const std::lock_guard lock{mutex_};
  pool_.forget(source);
  wake_if_waiting();
}

void rd_shared_fetch::ask_to_seek(core::partition_epoch source, std::int64_t offset) {
  const std::lock_guard lock{mutex_};
  seeks_.emplace_back(source, offset);
  if (wake_) wake_();
}

void rd_shared_fetch::seek_lost() {
  std::vector<std::pair<core::partition_epoch, std::int64_t>> seeks;
  {
    const std::lock_guard lock{mutex_};
    seeks.swap(seeks_);
  }
  for (const auto& [lost, offset] : seeks) {
    const auto at = sources_.find(lost.partition);
    const auto source = at != sources_.end() ? at->second.lock() : nullptr;
    if (source && source->source() == lost) source->seek_now(offset);
  }
}

void rd_shared_fetch::wake_if_waiting() {
  if (wake_ && std::exchange(waits_for_room_, false)) wake_();
}

std::size_t rd_shared_fetch::room() {
  const std::lock_guard lock{mutex_};
  const std::size_t records = pool_.room(records_per_read);
  waits_for_room_ = records == 0;
  return records;
}

void rd_shared_fetch::deal() {
  resume_recovered();
  seek_lost();
  for (int n = 0; n < reads_per_turn; ++n) {
    const std::size_t most = room();
    if (most == 0) {
      if (!pause_stuck()) return;
      continue;
    }
    fetched_.resize(most);
    const auto got = rd_kafka_consume_batch_queue(queue_.get(), 0, fetched_.data(), most);
    if (got <= 0) return;
    const std::span all{fetched_.data(), static_cast<std::size_t>(got)};
    for (auto begin = all.begin(); begin != all.end();) {
      const auto end =
          std::find_if(begin, all.end(), [partition = (*begin)->partition](const auto* message) {
            return message->partition != partition;
          });
      pass_on({begin, end});
      begin = end;
    }
  }
  const std::lock_guard lock{mutex_};
  if (wake_) wake_();
}

void rd_shared_fetch::pass_on(std::span<rd_kafka_message_t* const> run) {
  const auto at = sources_.find(run.front()->partition);
  const auto source = at != sources_.end() ? at->second.lock() : nullptr;
  if (!source) {  // Of a partition that was given back.
    for (auto* message : run) rd_kafka_message_destroy(message);
    return;
  }
  {
    const std::lock_guard lock{mutex_};
    pool_.take(source->source(), amount_of(run), now());
  }
  source->put(run);
}

bool rd_shared_fetch::pause_stuck() {
  std::vector<core::partition_epoch> stuck;
  {
    const std::lock_guard lock{mutex_};
    stuck = pool_.set_stuck_aside(now());
  }
  if (stuck.empty()) return false;
  core::log_warning("partitions paused, as others wait for them", {{"count", stuck.size()}});
  for (const auto& source : stuck) paused_.insert(source.partition);
  rd_kafka_pause_partitions(client_.get(), list_of(stuck).get());
  return true;
}

void rd_shared_fetch::resume_recovered() {
  std::vector<core::partition_epoch> recovered;
  {
    const std::lock_guard lock{mutex_};
    recovered = pool_.take_recovered();
  }
  if (recovered.empty()) return;
  core::log_info("paused partitions read on", {{"count", recovered.size()}});
  for (const auto& source : recovered) paused_.erase(source.partition);
  rd_kafka_resume_partitions(client_.get(), list_of(recovered).get());
}

topic_partition_list_ptr rd_shared_fetch::list_of(
    const std::vector<core::partition_epoch>& sources) const {
  topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(sources.size()))};
  for (const auto& source : sources)
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), source.partition);
  return list;
}

}  // namespace turnstile::kafka_io
