#include "tests/simulation/brokers.hpp"

#include <algorithm>

namespace turnstile::simulation {

using kafka_io::delivery_status;
using kafka_io::error_kind;
using kafka_io::transaction_error;
using kafka_io::transaction_failure;

namespace {

constexpr int timed_out = -192;  // RD_KAFKA_RESP_ERR__MSG_TIMED_OUT

transaction_error failure(transaction_failure kind, kafka_io::error_code code = timed_out) {
  return {kind, {code, "simulated", false}};
}

}  // namespace

requests_ptr brokers::accept(process_ptr owner, const std::string& id, kafka_io::sending how) {
  auto requests = std::make_shared<producer_requests>();
  requests->how = how;
  requests->request_records = owner->request_records;
  requests->owner = std::move(owner);
  requests->now_ms = &now_ms_;
  requests->id = id;
  requests->queue_max = static_cast<std::size_t>(random_.between(5, 60));
  all_.push_back(requests);
  return requests;
}

void brokers::take_produce_request() {
  std::erase_if(all_, [](const requests_ptr& one) {
    return one->closed && one->targets.empty() && one->call == transaction_call::none;
  });
  if (all_.empty()) return;
  auto& requests = *all_[random_.below(all_.size())];
  auto& targets = requests.targets;
  if (targets.empty()) return;
  const auto at = std::next(targets.begin(), static_cast<long>(random_.below(targets.size())));
  if (at->first.second < output_partitions_)
    take_from(requests, at->second);
  else
    fail_all(requests, at->second);
  if (at->second.empty()) targets.erase(at);
}

/// An idempotent producer: what is behind a request that was not written is not written either.
void brokers::fail_all(producer_requests& requests, std::deque<produce_request>& queue) {
  for (const auto& one : queue) requests.tell(one, delivery_status::failed, timed_out);
  requests.under_way -= queue.size();
  queue.clear();
}

/// Of several records: the client learns a smaller size, and a new one goes by it.
bool brokers::refuse_size(producer_requests& requests, std::deque<produce_request>& queue,
                          std::size_t count) {
  if (count <= request_records_max_) return false;
  auto& learned = requests.owner->request_records;
  learned = std::min(learned, std::max<std::size_t>(count / 2, 1));
  requests.fatal = kafka_io::io_error{code_of(error_kind::message_too_large), "too large", false};
  requests.give_back(queue, code_of(error_kind::message_too_large));
  return true;
}

void brokers::take_from(producer_requests& requests, std::deque<produce_request>& queue) {
  // A process that is gone has handed its first requests to the network, or not.
  const bool gone = requests.closed || !requests.owner->alive;
  if (requests.fatal) return requests.give_back(queue, -152);
  if (is_stale(requests) || (gone && random_.one_in(3)) || fails(12))
    return fail_all(requests, queue);
  const std::size_t count = 1 + random_.below(std::min(queue.size(), requests.request_records));
  if (refuse_size(requests, queue, count)) return;
  const auto end = queue.begin() + static_cast<long>(count);
  const bool refused = refusals_ && std::any_of(queue.begin(), end, [](const produce_request& one) {
                         return is_too_large(one.record.topic, one.record.source_offset);
                       });
  const bool answer_is_lost = fails(15);
  for (auto one = queue.begin(); one != end; ++one) {
    if (refused) {
      requests.tell(*one, delivery_status::refused, code_of(error_kind::message_too_large));
      continue;
    }
    kafka_.write(one->record);
    if (answer_is_lost)
      requests.tell(*one, delivery_status::failed, timed_out);
    else
      requests.tell(*one, delivery_status::delivered, 0);
  }
  queue.erase(queue.begin(), end);
  requests.under_way -= count;
  if (!refused) return;
  if (!requests.id.empty() || requests.how == kafka_io::sending::carefully)
    return fail_all(requests, queue);
  requests.fatal = kafka_io::io_error{code_of(error_kind::refused_in_stream), "refused", false};
  requests.give_back(queue, -152);
}

void brokers::answer_commit(const process& by, sim_group& group) {
  if (group.commits.empty()) return;
  auto commit = std::move(group.commits.front());
  group.commits.pop_front();
  std::optional<kafka_io::io_error> error;
  if (fails(8)) {
    error = kafka_io::io_error{timed_out, "simulated", true};
    if (random_.one_in(2)) kafka_.commit(by, commit.generation, commit.offsets);
  } else if (!kafka_.commit(by, commit.generation, commit.offsets)) {
    error = kafka_io::io_error{22, "illegal generation", false};
  }
  group.happen(kafka_io::commit_finished{std::move(commit.offsets), std::move(error)});
}

void brokers::answer_lookup(sim_lookup& lookup) {
  if (lookup.questions.empty() || kafka_.is_unstable(lookup.questions.front().first)) return;
  auto [partitions, answer] = std::move(lookup.questions.front());
  lookup.questions.pop_front();
  if (fails(8)) return answer(std::nullopt);
  auto layout = std::make_shared<core::topic_layout>();
  layout->input_partitions = kafka_.partitions();
  layout->partitions.fill(output_partitions_);
  kafka_io::assignment_facts facts{std::move(layout), {}};
  for (const auto partition : partitions)
    if (const auto offset = kafka_.committed(partition))
      facts.committed.push_back({partition, *offset});
  answer(std::move(facts));
}

void brokers::expire_transactions() {
  for (const auto& one : all_) {
    if (one->id.empty() || is_stale(*one)) continue;
    const bool is_late =
        one->first_sent_ms && now_ms_ - *one->first_sent_ms > transaction_timeout_ms;
    if (!one->owner->alive || is_late) kafka_.open_producer(one->id);
  }
}

void brokers::answer_transaction_call() {
  if (all_.empty()) return;
  auto& requests = *all_[random_.below(all_.size())];
  if (!requests.owner->alive || requests.closed) {
    requests.call = transaction_call::none;
    return;
  }
  const bool uses_transaction =
      requests.call != transaction_call::none && requests.call != transaction_call::open;
  if (uses_transaction && is_stale(requests))
    return requests.answer_call(
        failure(transaction_failure::fatal, code_of(error_kind::producer_fenced)));
  switch (requests.call) {
    case transaction_call::none:
      return;
    case transaction_call::open:
      return open(requests);
    case transaction_call::send_offsets:
      return send_offsets(requests);
    case transaction_call::commit:
      return commit(requests);
    case transaction_call::abort:
      return abort(requests);
  }
}

void brokers::begin(producer_requests& requests) {
  requests.transaction = kafka_.begin_transaction(requests.id);
  requests.first_sent_ms.reset();
}

void brokers::open(producer_requests& requests) {
  requests.epoch = kafka_.open_producer(requests.id);
  begin(requests);
  requests.answer_call(std::nullopt);
}

void brokers::send_offsets(producer_requests& requests) {
  const auto* generation = static_cast<const int*>(requests.member.get());
  if (generation == nullptr || !kafka_.accepts(*requests.owner, *generation))
    return requests.answer_call(failure(transaction_failure::stale_member));
  if (fails(15)) return requests.answer_call(failure(transaction_failure::abortable));
  if (fails(40)) return requests.answer_call(failure(transaction_failure::fatal));
  for (const auto& [partition, offset] : requests.offsets)
    requests.transaction->offsets[partition] = offset;
  requests.answer_call(std::nullopt);
}

void brokers::commit(producer_requests& requests) {
  // librdkafka waits until all is delivered and all deliveries are taken.
  if (requests.under_way > 0 || !requests.deliveries.empty()) return;
  if (fails(15)) return requests.answer_call(failure(transaction_failure::abortable));
  const bool is_answered = !fails(15);
  if (is_answered || random_.one_in(2)) kafka_.commit_transaction(requests.transaction);
  if (!is_answered) return requests.answer_call(failure(transaction_failure::fatal));
  begin(requests);
  requests.answer_call(std::nullopt);
}

void brokers::abort(producer_requests& requests) {
  for (auto& [target, queue] : requests.targets) fail_all(requests, queue);
  requests.targets.clear();
  if (!requests.deliveries.empty()) return;
  if (fails(20)) return requests.answer_call(failure(transaction_failure::fatal));
  requests.transaction->end = transaction_end::aborted;
  begin(requests);
  requests.answer_call(std::nullopt);
}

}  // namespace turnstile::simulation
