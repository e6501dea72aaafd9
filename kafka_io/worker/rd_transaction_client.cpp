#include "kafka_io/worker/rd_transaction_client.hpp"

#include <chrono>
#include <utility>

#include "core/log.hpp"
#include "kafka_io/client/client_config.hpp"

namespace turnstile::kafka_io {

static_assert(error_code(RD_KAFKA_RESP_ERR__FENCED).kind() == error_kind::producer_fenced);

namespace {

/// Of init_transactions, which may be called again where it was not enough.
constexpr int open_timeout_ms = 5000;

/// librdkafka: as long as `transaction.timeout.ms`.
constexpr int as_long_as_it_takes = -1;

/// Of commit and abort, for which librdkafka 2.0.2 takes -1 for no limit at all; they too are
/// called again.
constexpr int end_timeout_ms = 1000;

/// Of its timeout, after which a transaction that can be ended neither way is left to the
/// coordinator. librdkafka 2.0.2 may wait for a bumped epoch that it no longer asks for.
constexpr int timeouts_until_given_up = 2;

/// Of what waits for a broker to come back, however long that takes.
constexpr std::chrono::hours for_ever{24 * 365 * 100};

/// Before a call that may be repeated is.
constexpr std::chrono::milliseconds repetition_pause{100};

bool says_that_the_group_went_on(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      return true;
    default:
      return false;
  }
}

/// The one place where librdkafka's errors get their meaning for a transaction; in the order in
/// which its manual wants them looked at. What is none of them is taken for fatal, as it says.
transaction_error classify(const rd_kafka_error_t* error) {
  const auto code = rd_kafka_error_code(error);
  const io_error what{code, rd_kafka_error_string(error), false};
  if (rd_kafka_error_is_fatal(error) != 0 || rd_kafka_error_txn_requires_abort(error) == 0)
    return {transaction_failure::fatal, what};
  return {says_that_the_group_went_on(code) ? transaction_failure::stale_member
                                            : transaction_failure::abortable,
          what};
}

transaction_error given_up(const rd_kafka_error_t* error) {
  return {transaction_failure::fatal,
          {rd_kafka_error_code(error), rd_kafka_error_string(error), false}};
}

}  // namespace

rd_transaction_client::rd_transaction_client(shared_client client,
                                             std::unique_ptr<rd_delivery_client> records,
                                             std::string input_topic, std::string transactional_id,
                                             std::chrono::milliseconds timeout)
  : client_(std::move(client)),
    records_(std::move(records)),
    input_topic_(std::move(input_topic)),
    transactional_id_(std::move(transactional_id)),
    patience_(timeouts_until_given_up * timeout),
    thread_([this] { serve(); }) {}

rd_transaction_client::~rd_transaction_client() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  // librdkafka frees what its transaction needs before its broker threads end: an answer that
  // fences us then would be written into freed memory. Purged requests have no answer.
  records_->purge();
}

void rd_transaction_client::answer_with(answer_fn answer) {
  const std::lock_guard lock{mutex_};
  answer_ = std::move(answer);
}

void rd_transaction_client::post(std::function<transaction_answer()> call) {
  {
    const std::lock_guard lock{mutex_};
    calls_.push_back(std::move(call));
  }
  changed_.notify_one();
}

void rd_transaction_client::serve() {
  std::unique_lock lock{mutex_};
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !calls_.empty(); });
    if (stopping_) return;
    const auto call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    auto answer = call();
    lock.lock();
    if (answer_ && !stopping_) answer_(std::move(answer));
  }
}

bool rd_transaction_client::stopped_within(std::chrono::milliseconds pause) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, pause, [this] { return stopping_; });
}

transaction_answer rd_transaction_client::carry_out(const char* what, const rd_call& call,
                                                    std::chrono::milliseconds patience) {
  core::log_limiter limiter{std::chrono::seconds(5)};
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    const error_ptr error{call()};
    if (!error) return std::nullopt;
    if (rd_kafka_error_is_retriable(error.get()) == 0) return classify(error.get());
    const auto now = std::chrono::steady_clock::now();
    if (now - began > patience) return given_up(error.get());
    if (limiter.admit(now))
      core::log_warning("transaction waits for its coordinator",
                        {{"call", what},
                         {"transactional_id", transactional_id_},
                         {"error", rd_kafka_error_string(error.get())}});
    if (stopped_within(repetition_pause)) return classify(error.get());
  }
}

transaction_answer rd_transaction_client::begin() {
  return carry_out(
      "begin", [this] { return rd_kafka_begin_transaction(client_.get()); }, patience_);
}

void rd_transaction_client::open() {
  post([this] {
    auto failed = carry_out(
        "init", [this] { return rd_kafka_init_transactions(client_.get(), open_timeout_ms); },
        for_ever);
    return failed ? failed : begin();
  });
}

void rd_transaction_client::send_offsets(std::vector<partition_offset> offsets, membership member) {
  post([this, offsets = std::move(offsets), member = std::move(member)]() -> transaction_answer {
    if (!member)
      return transaction_error{transaction_failure::stale_member,
                               error_of(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID)};
    const topic_partition_list_ptr list{
        rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
    for (const auto& [partition, offset] : offsets)
      rd_kafka_topic_partition_list_add(list.get(), input_topic_.c_str(), partition)->offset =
          offset;
    const auto* metadata = static_cast<const rd_kafka_consumer_group_metadata_t*>(member.get());
    return carry_out(
        "send offsets",
        [&] {
          return rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), metadata,
                                                      as_long_as_it_takes);
        },
        patience_);
  });
}

void rd_transaction_client::commit() {
  post([this] {
    auto failed = carry_out(
        "commit", [this] { return rd_kafka_commit_transaction(client_.get(), end_timeout_ms); },
        patience_);
    return failed ? failed : begin();
  });
}

/// A transaction that can only be aborted refuses all other calls, and says why.
void rd_transaction_client::note_abort_reason() {
  const error_ptr refused{rd_kafka_begin_transaction(client_.get())};
  const bool tells = refused && rd_kafka_error_txn_requires_abort(refused.get()) != 0;
  const std::lock_guard lock{mutex_};
  abort_reason_ = tells ? rd_kafka_error_string(refused.get()) : "";
}

std::string rd_transaction_client::abort_reason() const {
  const std::lock_guard lock{mutex_};
  return abort_reason_;
}

void rd_transaction_client::abort() {
  post([this] {
    note_abort_reason();
    auto failed = carry_out(
        "abort", [this] { return rd_kafka_abort_transaction(client_.get(), end_timeout_ms); },
        patience_);
    return failed ? failed : begin();
  });
}

}  // namespace turnstile::kafka_io
