#include "app/shadow/pairing.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

namespace turnstile::shadow {

namespace {

/// Of one input; more are repeats, whatever they say.
constexpr std::size_t found_max = 4;

/// Nothing is known where one of them is missing.
bool is_earlier(const side& found, const side& made) {
  return found.input_time_ms >= 0 && made.input_time_ms >= 0 &&
         found.input_time_ms != made.input_time_ms;
}

/// The ending stands in its last byte.
std::uint64_t print_of(const side& one) {
  const std::uint64_t hash =
      std::hash<std::string_view>{}(one.bytes) + one.key * 0x9e3779b97f4a7c15;
  return (hash & ~std::uint64_t{0xff}) | static_cast<std::uint8_t>(ending_in(one.bytes));
}

}  // namespace

struct pairing::waiting {
  std::string bytes;
  std::int64_t input_time_ms;
  std::uint16_t key;
  waiting* next = nullptr;

  [[nodiscard]] side view() const {
    return {.bytes = bytes, .input_time_ms = input_time_ms, .key = key};
  }
  [[nodiscard]] std::size_t room() const { return sizeof(waiting) + bytes.size(); }
};

pairing::pairing(std::int32_t partition, audit::offset_range range, waiting_room& room)
  : partition_(partition),
    range_(range),
    room_(&room),
    slots_(static_cast<std::size_t>(range.size())),
    states_(static_cast<std::size_t>(range.size()), state::open) {}

pairing::~pairing() {
  for (std::size_t i = 0; i < states_.size(); ++i) release(i);
}

void pairing::set(std::size_t i, state to, slot with) {
  states_[i] = to;
  slots_[i] = with;
}

/// False where there is no room. One that is alone always has it.
bool pairing::keep(std::size_t i, state as, const side& one) {
  const std::size_t bytes = sizeof(waiting) + one.bytes.size();
  if (room_->bytes > 0 && room_->bytes + bytes > room_->bytes_max) return false;
  room_->bytes += bytes;
  auto* const kept = new waiting{std::string(one.bytes), one.input_time_ms, one.key, nullptr};
  set(i, as, {.kept = kept});
  return true;
}

void pairing::release(std::size_t i) {
  const state now = states_[i];
  if (now != state::made && now != state::found && now != state::redriven) return;
  for (waiting* one = slots_[i].kept; one != nullptr;) {
    waiting* const next = one->next;
    room_->bytes -= one->room();
    delete one;
    one = next;
  }
  set(i, state::open, {.kept = nullptr});
}

bool pairing::wants(std::int64_t offset) const {
  const state now = states_[index_of(offset)];
  return now == state::open || now == state::found || now == state::found_print ||
         now == state::redriven;
}

void pairing::add_made(std::int64_t offset, const side& made, const judge& to) {
  const std::size_t i = index_of(offset);
  if (!wants(offset)) return;
  if (states_[i] == state::found_print) {
    if (slots_[i].print == print_of(made))
      return set(i, state::judged, {.id = to(at(i), made, made)});
    return set(i, state::again, {.kept = nullptr});
  }
  if (states_[i] != state::open) judge_kept(i, made, to);
  if (states_[i] != state::open || keep(i, state::made, made)) return;
  set(i, state::made_print, {.print = print_of(made)});
}

/// By the first of them that is of this input; the slot is open again where none is.
void pairing::judge_kept(std::size_t i, const side& made, const judge& to) {
  const bool redriven = states_[i] == state::redriven;
  bool judged = false;
  tally::id id = 0;
  for (const waiting* one = slots_[i].kept; one != nullptr; one = one->next) {
    if (is_earlier(one->view(), made)) {
      ++figures_.earlier;
    } else if (judged) {
      ++figures_.repeated;
    } else {
      judged = true;
      id = to(at(i), one->view(), made);
    }
  }
  release(i);
  if (judged && redriven) ++figures_.redriven;
  if (judged) set(i, state::judged, {.id = id});
  // Its error record, which is of this input, was left for it.
  if (!judged && redriven) set(i, state::again, {.kept = nullptr});
}

void pairing::add_found(std::int64_t offset, const side& found, tally& counts, const judge& to) {
  const std::size_t i = index_of(offset);
  const bool only_redriven = only_redriven_.contains(offset);
  if (is_first_pass() && found.redriven) return add_redriven(i, found, counts);
  if (!is_first_pass() && found.redriven != only_redriven) return;
  switch (states_[i]) {
    case state::open:
      if (!keep(i, state::found, found)) set(i, state::found_print, {.print = print_of(found)});
      return;
    case state::found:
      return add_further(i, found);
    case state::made: {
      const waiting* const kept = slots_[i].kept;
      if (is_earlier(found, kept->view())) {
        ++figures_.earlier;
        return;
      }
      const auto id = to(at(i), found, kept->view());
      release(i);
      if (only_redriven) ++figures_.redriven;
      return set(i, state::judged, {.id = id});
    }
    case state::made_print:
      if (slots_[i].print == print_of(found))
        return set(i, state::judged, {.id = to(at(i), found, found)});
      return set(i, state::again, {.kept = nullptr});
    case state::found_print:
    case state::judged:
      if (is_first_pass()) ++figures_.repeated;
      return;
    case state::again:
    case state::redriven:
    case state::redriven_again:
      return;
  }
}

void pairing::add_further(std::size_t i, const side& found) {
  std::size_t count = 1;
  waiting* last = slots_[i].kept;
  for (; last->next != nullptr; last = last->next) ++count;
  const bool has_room = room_->bytes + sizeof(waiting) + found.bytes.size() <= room_->bytes_max;
  if (count >= found_max || !has_room) {
    ++figures_.repeated;
    return;
  }
  last->next = new waiting{std::string(found.bytes), found.input_time_ms, found.key, nullptr};
  room_->bytes += last->next->room();
}

/// What was redriven became this, and not the error that it was before.
void pairing::add_redriven(std::size_t i, const side& found, tally& counts) {
  if (states_[i] == state::redriven || states_[i] == state::redriven_again) {
    ++figures_.repeated;
    return;
  }
  if (states_[i] == state::judged) counts.take_back(slots_[i].id, at(i));
  release(i);
  if (!keep(i, state::redriven, found)) set(i, state::redriven_again, {.kept = nullptr});
}

pairing::rest pairing::finish_pass(const std::function<void(std::int64_t, ending)>& each) {
  rest next{{range_.high, range_.low}, false};
  for (std::size_t i = 0; i < states_.size(); ++i) finish_slot(i, next, each);
  ++passes_;
  if (next.inputs.low > next.inputs.high) next.inputs = {};
  return next;
}

void pairing::finish_slot(std::size_t i, rest& next,
                          const std::function<void(std::int64_t, ending)>& each) {
  const std::int64_t offset = at(i).offset;
  const state now = states_[i];
  switch (now) {
    case state::made:
      each(offset, ending_in(slots_[i].kept->bytes));
      break;
    case state::made_print:
      each(offset, static_cast<ending>(slots_[i].print & 0xffU));
      break;
    case state::found:
    case state::found_print:
      ++figures_.inputless;
      break;
    case state::open:
    case state::judged:
      break;
    case state::redriven_again:
      only_redriven_.insert(offset);
      [[fallthrough]];
    case state::again:
    case state::redriven:
      next.inputs.low = std::min(next.inputs.low, offset);
      next.inputs.high = std::max(next.inputs.high, offset + 1);
      next.outputs = next.outputs || now != state::redriven;
      if (now != state::redriven) set(i, state::open, {.kept = nullptr});
      return;
  }
  release(i);
  if (states_[i] != state::judged) set(i, state::judged, {.id = 0});
}

}  // namespace turnstile::shadow
