#include "app/shadow/lane.hpp"

#include <algorithm>
#include <ctime>

#include "app/shadow/difference.hpp"
#include "audit/origin.hpp"
#include "core/own_headers.hpp"
#include "event/error_record.hpp"
#include "event/event_transform.hpp"

namespace turnstile::shadow {

namespace {

constexpr std::string_view worker_id = "shadow";
constexpr std::size_t keys_max = 1000;

std::string key_header() { return std::string(header_part) + std::string(core::key_id_header); }

core::maybe_bytes copied(core::arena& memory, const core::maybe_bytes& bytes) {
  return bytes ? core::maybe_bytes{memory.copy(*bytes)} : std::nullopt;
}

}  // namespace

void parcel::add_input(const core::record_view& read) {
  core::record_view copy = read;
  copy.key = copied(memory, read.key);
  copy.value = copied(memory, read.value);
  const auto headers = memory.make<core::header_view>(read.headers.size());
  for (std::size_t i = 0; i < headers.size(); ++i)
    headers[i] = {memory.copy(read.headers[i].name), copied(memory, read.headers[i].value)};
  copy.headers = headers;
  inputs.push_back(copy);
  bytes += (read.value ? read.value->size() : 0) + sizeof copy;
}

void parcel::add_output(std::int64_t offset, audit::fate where, const core::record_view& read) {
  thread_local std::string scratch;
  scratch.clear();
  append_bytes(scratch, outcome_of(where, read));
  output one{.offset = offset, .found = {}, .key_id = {}};
  one.found.bytes = memory.copy(scratch);
  one.found.input_time_ms = audit::origin_time(read.headers).value_or(-1);
  one.found.redriven = audit::only_header(read.headers, core::redrive_header).has_value();
  if (const auto id = key_id_of(read.headers)) one.key_id = memory.copy(*id);
  outputs.push_back(one);
  bytes += scratch.size() + sizeof one;
}

lane::lane(std::shared_ptr<const new_rules> rules, std::size_t waiting_bytes_max)
  : rules_(std::move(rules)),
    transform_(std::make_unique<event::event_transform>(rules_->settings, rules_->plan)),
    room_{.bytes_max = waiting_bytes_max},
    judge_([this](input_place at, const side& before, const side& after) {
      return judge(at, before, after);
    }),
    tally_(rules_->keeps_values) {}

void lane::open(std::int32_t partition, audit::offset_range range) {
  pairs_[partition] = std::make_unique<pairing>(partition, range, room_);
}

void lane::take(parcel& read) {
  auto& pairs = *pairs_.at(read.partition);
  for (auto& one : read.outputs) {
    one.found.key = key_number(one.key_id);
    pairs.add_found(one.offset, one.found, tally_, judge_);
  }
  make_outcomes(pairs, read);
}

void lane::make_outcomes(pairing& pairs, parcel& read) {
  std::erase_if(read.inputs,
                [&pairs](const core::record_view& in) { return !pairs.wants(in.offset); });
  if (read.inputs.empty()) return;
  const std::int64_t now_s = std::time(nullptr);
  core::record_batch batch;
  batch.source = core::partition_epoch{read.partition};
  batch.layout = rules_->layout;
  batch.inputs = read.inputs;
  batch.input_bytes = read.bytes;
  core::transform_batch(*transform_, batch, now_s);
  const auto& settings = rules_->settings;
  const std::size_t origin_bytes = core::origin_bytes(settings.topics.input.size());
  std::vector<std::optional<core::reason>> reasons(batch.outputs.size());
  for (const auto& failed : batch.failures) {
    event::write_error_record(
        batch, failed, worker_id, now_s, origin_bytes,
        {settings.errors.header_style, settings.topics.input, settings.kafka.group});
    reasons[failed.slot] = failed.reason;
  }
  for (std::size_t i = 0; i < batch.outputs.size(); ++i) {
    const auto& made = batch.outputs[i];
    scratch_.clear();
    append_bytes(scratch_, outcome_of(made, reasons[i]));
    pairs.add_made(
        made.source_offset,
        {.bytes = scratch_, .input_time_ms = made.timestamp_ms, .key = key_number(rules_->key_id)},
        judge_);
  }
}

tally::id lane::judge(input_place at, const side& before, const side& after) {
  const ending from = ending_in(before.bytes);
  const ending to = ending_in(after.bytes);
  if (is_of_brokers(from)) return tally_.add(verdict_kind::by_broker, from, to, at);
  if (from != to) return tally_.add(verdict_kind::other_outcome, from, to, at);
  // An output of before there was such a header says nothing of its key.
  const bool other_key = before.key != 0 && before.key != after.key;
  const bool equal = before.bytes == after.bytes;
  if (equal && !other_key) return tally_.add(verdict_kind::same, from, to, at);
  std::vector<difference> found;
  if (!equal)
    found =
        find_differences(unpack(before.bytes), unpack(after.bytes), rules_->plan->frame_bytes());
  if (found.empty() && !other_key) return tally_.add(verdict_kind::same, from, to, at);
  if (other_key) {
    std::erase_if(found, [this](const difference& one) { return rules_->keyed.hold(one.name); });
    found.push_back({key_header(), keys_[before.key], keys_[after.key]});
  }
  return tally_.add_differences(from, found, at);
}

std::uint16_t lane::key_number(std::string_view id) {
  if (id.empty()) return 0;
  const auto known = std::ranges::find(keys_, id);
  if (known == keys_.end() && keys_.size() == keys_max) return keys_max - 1;
  const auto number = static_cast<std::uint16_t>(known - keys_.begin());
  if (known == keys_.end()) keys_.emplace_back(id);
  return number;
}

std::vector<lane::rest> lane::finish_pass(const std::vector<std::int64_t>& known_from) {
  std::vector<rest> all;
  for (auto& [partition, pairs] : pairs_) {
    const std::int64_t from = known_from[static_cast<std::size_t>(partition)];
    const auto next = pairs->finish_pass([&, p = partition](std::int64_t offset, ending would) {
      const auto kind = offset < from ? verdict_kind::unknown : verdict_kind::no_outcome;
      tally_.add(kind, processed, would, {p, offset});
    });
    if (next.inputs.size() > 0) all.push_back({partition, next});
  }
  return all;
}

pairing::figures lane::figures() const {
  pairing::figures sum;
  for (const auto& [partition, pairs] : pairs_) {
    const auto& one = pairs->counted();
    sum.repeated += one.repeated;
    sum.earlier += one.earlier;
    sum.redriven += one.redriven;
    sum.inputless += one.inputless;
  }
  return sum;
}

}  // namespace turnstile::shadow
