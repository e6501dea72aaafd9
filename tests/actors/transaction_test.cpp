#include "actors/delivery/transaction.hpp"

#include <doctest/doctest.h>

using namespace turnstile;
using actors::steady_time;
using actors::transaction_phase;
using actors::transaction_step;
using kafka_io::error_kind;
using kafka_io::transaction_error;
using kafka_io::transaction_failure;
using std::chrono::milliseconds;

namespace {

struct fixture {
  steady_time now = steady_time{} + std::chrono::hours(1);
  actors::transaction transaction{{milliseconds{100}, 1000, 10'000, milliseconds{10'000}},
                                  {milliseconds{100}, milliseconds{400}}};

  fixture() {
    CHECK(next() == transaction_step::open);
    answer();
    CHECK(next() == transaction_step::nothing);
  }

  transaction_step next(bool all_sent = true, bool all_delivered = true) {
    return transaction.next({.now = now, .all_sent = all_sent, .all_delivered = all_delivered});
  }
  void answer() { transaction.answer(std::nullopt, now); }
  void fail(transaction_failure kind, kafka_io::error_code code = -1) {
    transaction.answer(transaction_error{kind, {code, "error", false}}, now);
  }
  void pass(int ms) { now += milliseconds{ms}; }
  void add(std::size_t records = 10, std::size_t bytes = 100) {
    transaction.add(records, bytes, now);
  }
  /// Up to the call of commit.
  void commit() {
    add();
    pass(100);
    CHECK(next() == transaction_step::send_offsets);
    answer();
    CHECK(next() == transaction_step::commit);
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "an empty transaction is never due") {
  pass(1000);
  CHECK(next() == transaction_step::nothing);
  transaction.set_urgency(true);
  CHECK(next() == transaction_step::nothing);
  CHECK_FALSE(transaction.wakes_at());
}

TEST_CASE_FIXTURE(fixture, "a transaction is due an interval after its first record") {
  pass(50);
  add();
  CHECK(transaction.wakes_at() == now + milliseconds{100});
  pass(99);
  add();
  CHECK(next() == transaction_step::nothing);
  pass(1);
  CHECK_FALSE(transaction.takes_batches(now));
  CHECK(next() == transaction_step::send_offsets);
}

TEST_CASE_FIXTURE(fixture, "a transaction is due when it has records or bytes enough") {
  add(999, 0);
  CHECK(transaction.takes_batches(now));
  add(1, 0);
  CHECK_FALSE(transaction.takes_batches(now));
  CHECK(next() == transaction_step::send_offsets);
  fixture other;
  other.add(1, 10'000);
  CHECK(other.next() == transaction_step::send_offsets);
}

TEST_CASE_FIXTURE(fixture, "in a hurry it is due at once and still takes what is there") {
  transaction.set_urgency(true);
  add();
  CHECK(transaction.takes_batches(now));
  CHECK(next() == transaction_step::send_offsets);
  CHECK_FALSE(transaction.takes_batches(now));
}

TEST_CASE_FIXTURE(fixture, "it is closed when all is sent and committed when all is delivered") {
  add();
  pass(100);
  CHECK(next(false, false) == transaction_step::nothing);
  CHECK(next(true, false) == transaction_step::send_offsets);
  CHECK(next(true, true) == transaction_step::nothing);
  answer();
  CHECK(next(true, false) == transaction_step::nothing);
  CHECK(next(true, true) == transaction_step::commit);
  answer();
  CHECK(next() == transaction_step::finish);
  CHECK(next() == transaction_step::nothing);
  CHECK(transaction.takes_batches(now));
}

TEST_CASE_FIXTURE(fixture, "one call at a time: a failure waits for the answer") {
  add();
  pass(100);
  CHECK(next() == transaction_step::send_offsets);
  transaction.fail(actors::transaction_fault::given_back);
  CHECK(next() == transaction_step::nothing);
  answer();
  CHECK(next() == transaction_step::abort);
  answer();
  CHECK(next() == transaction_step::replay);
  CHECK(transaction.sends());
}

TEST_CASE_FIXTURE(fixture, "a failure that only time can cure is followed by a pause that grows") {
  for (const int pause : {100, 200, 400, 400}) {
    add();
    transaction.fail(actors::transaction_fault::passing);
    CHECK(next() == transaction_step::abort);
    answer();
    CHECK(next() == transaction_step::replay);
    CHECK(transaction.phase() == transaction_phase::pausing);
    CHECK(transaction.wakes_at() == now + milliseconds{pause});
    CHECK_FALSE(transaction.sends());
    pass(pause);
    CHECK(next() == transaction_step::resume);
    CHECK(transaction.sends());
  }
  commit();
  answer();
  CHECK(next() == transaction_step::finish);
  CHECK(transaction.attempts() == 0);
}

TEST_CASE("a refusal halves what the next transaction takes, a partition given back does not") {
  const steady_time now{std::chrono::hours(1)};
  actors::transaction transaction{{milliseconds{100}, 1000, 800'000, milliseconds{10'000}},
                                  {milliseconds{100}, milliseconds{400}}};
  const auto next = [&] {
    return transaction.next({.now = now, .all_sent = true, .all_delivered = true});
  };
  CHECK(next() == transaction_step::open);
  transaction.answer(std::nullopt, now);
  for (const auto& [why, takes_as_much] : {std::pair{actors::transaction_fault::given_back, true},
                                           std::pair{actors::transaction_fault::refused, false}}) {
    transaction.add(10, 600'000, now);
    transaction.fail(why);
    CHECK(next() == transaction_step::abort);
    transaction.answer(std::nullopt, now);
    CHECK(next() == transaction_step::replay);
    CHECK(transaction.sends());
    transaction.take_out();
    transaction.add(10, 400'000, now);
    CHECK(transaction.takes_batches(now) == takes_as_much);
    transaction.take_out();
  }
}

TEST_CASE_FIXTURE(fixture, "what fails while it is aborted does not abort the next one") {
  add();
  transaction.fail(actors::transaction_fault::given_back);
  CHECK(next() == transaction_step::abort);
  transaction.fail(actors::transaction_fault::passing);
  answer();
  CHECK(next() == transaction_step::replay);
  CHECK(transaction.sends());
}

TEST_CASE_FIXTURE(fixture, "a failure is too late for a commit that is under way") {
  commit();
  transaction.fail(actors::transaction_fault::given_back);
  answer();
  CHECK(next() == transaction_step::finish);
  CHECK(transaction.sends());
}

TEST_CASE_FIXTURE(fixture, "after an old membership it waits for a new one, at most the pause") {
  add();
  pass(100);
  CHECK(next() == transaction_step::send_offsets);
  fail(transaction_failure::stale_member);
  CHECK(next() == transaction_step::abort);
  answer();
  CHECK(next() == transaction_step::replay);
  CHECK(transaction.wakes_at() == now + milliseconds{400});
  transaction.renew_membership();
  CHECK(next() == transaction_step::resume);
  CHECK(transaction.sends());
}

TEST_CASE_FIXTURE(fixture, "a client that breaks is replaced after a pause, and opened") {
  add();
  transaction.break_client({-150, "broken", false}, now);
  CHECK_FALSE(transaction.sends());
  CHECK(next() == transaction_step::nothing);
  pass(100);
  CHECK(next() == transaction_step::replace);
  CHECK_FALSE(transaction.in_doubt());
  fail(transaction_failure::fatal);
  CHECK(next() == transaction_step::nothing);
  pass(200);
  CHECK(next() == transaction_step::replace);
  answer();
  CHECK(next() == transaction_step::nothing);
  CHECK(transaction.sends());
}

TEST_CASE_FIXTURE(fixture, "an abort that fails leaves only a new client") {
  add();
  transaction.fail(actors::transaction_fault::given_back);
  CHECK(next() == transaction_step::abort);
  fail(transaction_failure::abortable);
  CHECK(next() == transaction_step::nothing);
  pass(100);
  CHECK(next() == transaction_step::replace);
}

TEST_CASE_FIXTURE(fixture, "a commit that breaks the client is in doubt until it is resolved") {
  for (const bool committed : {true, false}) {
    fixture f;
    f.commit();
    f.fail(transaction_failure::fatal);
    CHECK(f.transaction.in_doubt());
    CHECK(f.next() == transaction_step::nothing);
    f.pass(100);
    CHECK(f.next() == transaction_step::replace);
    f.answer();
    CHECK(f.next() == transaction_step::resolve);
    CHECK(f.next() == transaction_step::nothing);
    f.transaction.resolve(committed);
    CHECK(f.next() == (committed ? transaction_step::finish : transaction_step::replay));
  }
}

TEST_CASE_FIXTURE(fixture,
                  "a client that breaks during a commit leaves any answer but yes in doubt") {
  commit();
  transaction.break_client({-150, "broken", false}, now);
  fail(transaction_failure::abortable);
  CHECK(transaction.in_doubt());
  CHECK(next() == transaction_step::nothing);
  CHECK(transaction.phase() == transaction_phase::pausing);
}

TEST_CASE_FIXTURE(fixture, "fenced within its time it leaves, and does nothing more") {
  add();
  pass(9999);
  transaction.break_client({code_of(error_kind::producer_fenced), "fenced", false}, now);
  CHECK(next() == transaction_step::leave);
  pass(60'000);
  CHECK(next() == transaction_step::nothing);
  CHECK_FALSE(transaction.sends());
}

TEST_CASE_FIXTURE(fixture, "fenced after its time it was given up, and begins anew") {
  add();
  pass(10'000);
  transaction.break_client({code_of(error_kind::producer_fenced), "fenced", false}, now);
  CHECK(next() == transaction_step::nothing);
  pass(1000);
  CHECK(next() == transaction_step::replace);
}

TEST_CASE_FIXTURE(fixture,
                  "fenced after an abort it may be the coordinator's doing: a new client") {
  add();
  transaction.fail(actors::transaction_fault::passing);
  CHECK(next() == transaction_step::abort);
  answer();
  CHECK(next() == transaction_step::replay);
  pass(100);
  CHECK(next() == transaction_step::resume);
  transaction.break_client({code_of(error_kind::producer_fenced), "fenced", false}, now);
  CHECK(next() == transaction_step::nothing);
  pass(200);
  CHECK(next() == transaction_step::replace);
}

TEST_CASE_FIXTURE(fixture, "what an outage held up is committed a second after it could be") {
  add();
  pass(100);
  CHECK(next(true, false) == transaction_step::send_offsets);
  answer();
  CHECK(next(true, false) == transaction_step::nothing);
  pass(2001);
  CHECK(next() == transaction_step::nothing);
  CHECK(transaction.wakes_at() == now + milliseconds{1000});
  pass(999);
  CHECK(next() == transaction_step::nothing);
  pass(1);
  CHECK(next() == transaction_step::commit);
}

TEST_CASE_FIXTURE(fixture, "what an outage held up is aborted a second after it failed") {
  add();
  pass(100);
  CHECK(next() == transaction_step::send_offsets);
  pass(2001);
  fail(transaction_failure::stale_member);
  CHECK(next() == transaction_step::nothing);
  CHECK(transaction.wakes_at() == now + milliseconds{1000});
  pass(1000);
  CHECK(next() == transaction_step::abort);
  answer();
  CHECK(next() == transaction_step::replay);
}

TEST_CASE_FIXTURE(fixture, "a client that breaks in an outage is replaced a second later") {
  add();
  pass(2101);
  transaction.break_client({-150, "broken", false}, now);
  CHECK(next() == transaction_step::nothing);
  CHECK(transaction.wakes_at() == now + milliseconds{1000});
}

TEST_CASE_FIXTURE(fixture, "neither idle time nor a slow broker is taken for an outage") {
  pass(60'000);
  add();
  pass(100);
  CHECK(next() == transaction_step::send_offsets);
  pass(2000);
  answer();
  CHECK(next() == transaction_step::commit);
}

TEST_CASE("after each failure a transaction takes half as much, after each quick one twice") {
  const steady_time now{std::chrono::hours(1)};
  actors::transaction transaction{{milliseconds{100}, 1000, 800'000, milliseconds{10'000}},
                                  {milliseconds{100}, milliseconds{400}}};
  steady_time at = now;
  const auto next = [&] {
    return transaction.next({.now = at, .all_sent = true, .all_delivered = true});
  };
  const auto answer = [&] { transaction.answer(std::nullopt, at); };
  /// The bytes it takes, in steps of 50,000.
  const auto fill = [&] {
    std::size_t bytes = 0;
    for (; transaction.takes_batches(at); bytes += 50'000) transaction.add(1, 50'000, at);
    return bytes;
  };
  const auto commit_after = [&](milliseconds time) {
    at += time;
    CHECK(next() == transaction_step::send_offsets);
    answer();
    if (next() == transaction_step::nothing) at += milliseconds{1000};  // It was held up.
    CHECK(transaction.phase() != transaction_phase::aborting);
    static_cast<void>(next());
    answer();
    CHECK(next() == transaction_step::finish);
  };
  CHECK(next() == transaction_step::open);
  answer();
  CHECK(next() == transaction_step::nothing);
  for (const std::size_t taken : {800'000U, 400'000U, 200'000U, 100'000U, 100'000U}) {
    CHECK(fill() == taken);
    transaction.fail(actors::transaction_fault::passing);
    CHECK(next() == transaction_step::abort);
    answer();
    CHECK(next() == transaction_step::replay);
    transaction.take_out();
    at += milliseconds{400};
    CHECK(next() == transaction_step::resume);
  }
  CHECK(fill() == 100'000);
  commit_after(milliseconds{5000});
  for (const std::size_t taken : {100'000U, 150'000U, 300'000U, 550'000U, 800'000U, 800'000U}) {
    CHECK(fill() == taken);
    commit_after(milliseconds{0});
  }
}
