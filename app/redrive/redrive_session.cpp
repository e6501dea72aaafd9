#include "app/redrive/redrive_session.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "audit/run/audit_session.hpp"

namespace turnstile::app {

namespace {

using kafka_io::io_error;

// After which a partition that gives nothing is left.
constexpr std::chrono::milliseconds stalled{15'000};

bool has_filter(const redrive_args& args) {
  return !args.reasons.empty() || args.since_s || args.until_s || !args.offsets.empty();
}

}  // namespace

redrive_session::redrive_session(redrive_args args, const core::settings& settings,
                                 redrive_topics topics,
                                 std::shared_ptr<const core::transform_version> version)
  : args_(std::move(args)), settings_(settings), topics_(std::move(topics)) {
  redriver::setup with{
      .settings = settings,
      .layout = topics_.layout(),
      .version = std::move(version),
      .sink = {},
      .positions = [this] { return positions(); },
      .done = [this](const dead_letter& letter, bool failed) { note_done(letter, failed); },
  };
  if (!args_.dry_run) {
    with.sink.send = [this](const auto& record, std::int32_t source, std::int32_t partition) {
      return writer_->send(record, source, partition);
    };
    with.sink.commit = [this](const auto& at) { return writer_->commit(at); };
  }
  redriver_ = std::make_unique<redriver>(std::move(with), tally_);
}

redrive_session::failure redrive_session::run(const watcher& watch) {
  // First: from here on no other redrive can commit anything.
  if (auto error = take_over(watch)) return error;
  auto committed = topics_.committed();
  if (!committed) return committed.error();
  committed_ = std::move(*committed);
  if (auto error = args_.missing ? redrive_missing(watch) : redrive_errors(watch)) return error;
  return redriver_->commit(true);
}

redrive_session::failure redrive_session::take_over(const watcher& watch) {
  if (args_.dry_run) return {};
  auto opened = kafka_io::transactional_writer::open(settings_, *topics_.layout(), topics_.group(),
                                                     settings_.topics.errors);
  if (!opened) return opened.error();
  writer_.emplace(std::move(*opened));
  return writer_->take_over(watch.stopped);
}

// The error topic, part by part.

/// A pass that was not finished is gone on with by the same selection only: what another one does
/// not select must not lie behind its position.
redrive_session::failure redrive_session::begin_pass() {
  const auto count = topics_.layout()->count(core::output_topic::errors);
  const auto& topic = settings_.topics.errors;
  const auto positions = kafka_io::read_positions(settings_, topics_.group(), topic, count);
  if (!positions) return positions.error();
  const auto marks = topics_.readable(topic, count);
  if (!marks) return marks.error();
  const std::string selection = selection_id(args_);
  bool same = true;
  bool unfinished = false;
  errors_.resize(static_cast<std::size_t>(count));
  for (std::size_t p = 0; p < errors_.size(); ++p) {
    const auto& at = (*positions)[p];
    const auto note = redrive_note::of(at.note);
    same = same && at.offset >= 0 && note && note->selection == selection;
    unfinished = unfinished || (note && at.offset < std::min(note->end, (*marks)[p].high));
    if (note) errors_[p].note.attempts = note->attempts;
  }
  tally_.went_on = same && unfinished;
  for (std::size_t p = 0; p < errors_.size(); ++p) {
    auto& of = errors_[p];
    const auto& [low, high] = (*marks)[p];
    of.end = high;
    of.next = tally_.went_on ? std::clamp((*positions)[p].offset, low, high) : low;
    of.note.selection = selection;
    of.note.end = high;
    of.note.attempts.forget_below(low);
    of.progress.set_read_to(of.next);
  }
  return {};
}

redrive_session::failure redrive_session::redrive_errors(const watcher& watch) {
  if (auto error = begin_pass()) return error;
  const auto is_read = [](const error_part& of) { return of.next >= of.end; };
  while (!tally_.stopped && !std::ranges::all_of(errors_, is_read)) {
    letters_.clear();
    for (auto& of : errors_) of.progress.forget();
    if (auto error = read_errors(watch)) return error;
    if (auto error = redrive_part(watch)) return error;
  }
  return {};
}

redrive_session::failure redrive_session::read_errors(const watcher& watch) {
  ranges from;
  for (std::size_t p = 0; p < errors_.size(); ++p)
    from.push_back(
        {settings_.topics.errors, static_cast<std::int32_t>(p), errors_[p].next, errors_[p].end});
  const auto full = [this] { return letters_.size() >= letters_max; };
  const auto reached =
      read("error records", from,
           {.record = [&](std::size_t r,
                          const core::record_view& error) { take_error(from[r].partition, error); },
            .unreadable = {},
            .stopped = full},
           stalled, watch);
  if (!reached) return reached.error();
  for (std::size_t p = 0; p < errors_.size(); ++p) {
    errors_[p].next = (*reached)[p];
    errors_[p].progress.set_read_to(errors_[p].next);
    if (errors_[p].next < errors_[p].end && !full() && !tally_.stopped)
      return io_error{
          0, place_text(settings_.topics.errors, static_cast<std::int32_t>(p), errors_[p].next) +
                 " cannot be read"};
  }
  return {};
}

void redrive_session::take_error(std::int32_t partition, const core::record_view& error) {
  auto parsed = dead_letter_of(error, partition, settings_.topics.input);
  if (const auto* why = std::get_if<left_why>(&parsed)) {
    // Nobody knows whether it is among those that a filter asks for.
    if (!has_filter(args_)) leave(*why, partition, error.offset, nullptr);
    return;
  }
  auto& letter = std::get<dead_letter>(parsed);
  const std::int64_t time =
      letter.origin_ms == dead_letter::not_told ? error.timestamp_ms : letter.origin_ms;
  if (!selects(args_, reason_name(letter.reason), time, letter.partition, letter.offset)) return;
  auto& of = errors_[static_cast<std::size_t>(partition)];
  letter.tried = of.note.attempts.at(letter.error_offset);
  letter.slot = of.progress.add(letter.error_offset);
  ++tally_.selected;
  letters_.push_back(letter);
}

void redrive_session::leave(left_why why, std::int32_t error_partition, std::int64_t error_offset,
                            const dead_letter* letter) {
  tally_.leave(why, [&] {
    const std::string origin =
        letter == nullptr ? ""
                          : place_text(settings_.topics.input, letter->partition, letter->offset);
    if (error_partition < 0) return origin;
    return place_text(settings_.topics.errors, error_partition, error_offset) +
           (origin.empty() ? "" : " of " + origin);
  });
}

// What an audit misses.

redrive_session::failure redrive_session::redrive_missing(const watcher& watch) {
  audit::audit_args asked{.with_group = true, .since_s = args_.since_s, .offsets = args_.offsets};
  auto session = audit::audit_session::open(asked, settings_);
  if (!session) return session.error();
  if (auto error = (*session)->round(0, {watch.progress, watch.stopped})) return error;
  if (watch.stopped()) {
    tally_.stopped = true;
    return {};
  }
  for (const auto& partition : (*session)->report().partitions) {
    tally_.more_missing += partition.missing.left_out;
    for (const auto& range : partition.missing.ranges) {
      for (std::int64_t offset = range.low; offset < range.high; ++offset) {
        if (letters_.size() >= letters_max) {
          ++tally_.more_missing;
          break;
        }
        letters_.push_back(
            {.partition = partition.partition, .offset = offset, .reason = missing_reason});
      }
    }
  }
  tally_.selected = static_cast<std::int64_t>(letters_.size());
  return redrive_part(watch);
}

// One part: the letters that were collected.

redrive_session::failure redrive_session::redrive_part(const watcher& watch) {
  if (tally_.stopped || letters_.empty()) return {};
  sort_letters();
  if (auto error = find_outcomes(watch)) return error;
  if (tally_.stopped) return {};
  auto inputs = topics_.written(settings_.topics.input, topics_.layout()->input_partitions);
  if (!inputs) return inputs.error();
  inputs_ = std::move(*inputs);
  leave_what_cannot_be();
  return read_inputs(watch);
}

void redrive_session::settle(dead_letter& letter) {
  letter.settled = true;
  if (letter.error_partition >= 0)
    errors_[static_cast<std::size_t>(letter.error_partition)].progress.done(letter.slot);
}

/// By input; of several error records of one input all but the first are settled.
void redrive_session::sort_letters() {
  const auto input_of = [](const dead_letter& letter) {
    return std::tuple{letter.partition, letter.offset, letter.origin_ms};
  };
  std::ranges::sort(letters_, {}, [&](const dead_letter& letter) {
    return std::tuple_cat(input_of(letter),
                          std::tuple{letter.error_partition, letter.error_offset});
  });
  for (std::size_t i = 1; i < letters_.size(); ++i) {
    if (input_of(letters_[i]) != input_of(letters_[i - 1])) continue;
    ++tally_.same_input;
    settle(letters_[i]);
  }
}

void redrive_session::leave_what_cannot_be() {
  const auto why_left = [this](const dead_letter& letter) -> std::optional<left_why> {
    const auto p = static_cast<std::size_t>(letter.partition);
    if (p >= inputs_.size()) return left_why::no_partition;
    if (letter.offset >= inputs_[p].high) return left_why::beyond_end;
    if (letter.offset < inputs_[p].low) return left_why::removed;
    const auto committed = committed_.find(letter.partition);
    if (committed != committed_.end() && letter.offset >= committed->second)
      return left_why::not_committed;
    if (letter.tried >= args_.attempts_max) return left_why::attempts;
    return {};
  };
  for (auto& letter : letters_) {
    if (letter.settled) continue;
    const auto why = why_left(letter);
    if (!why) continue;
    leave(*why, letter.error_partition, letter.error_offset, &letter);
    settle(letter);
  }
}

void redrive_session::note_done(const dead_letter& letter, bool failed) {
  if (letter.error_partition < 0) return;
  auto& of = errors_[static_cast<std::size_t>(letter.error_partition)];
  of.progress.done(letter.slot);
  if (failed) of.note.attempts.add(letter.error_offset);
}

std::vector<kafka_io::noted_position> redrive_session::positions() const {
  std::vector<kafka_io::noted_position> all;
  for (std::size_t p = 0; p < errors_.size(); ++p)
    all.push_back(
        {static_cast<std::int32_t>(p), errors_[p].progress.position(), errors_[p].note.text()});
  return all;
}

kafka_io::result<std::vector<std::int64_t>> redrive_session::read(
    std::string_view phase, const ranges& from, const kafka_io::range_reader::handlers& to,
    std::chrono::milliseconds patience, const watcher& watch) {
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (const auto& range : from)
    total += static_cast<std::uint64_t>(std::max<std::int64_t>(range.to - range.from, 0));
  const kafka_io::range_reader::handlers handlers{
      .record =
          [&](std::size_t range, const core::record_view& record) {
            ++done;
            to.record(range, record);
          },
      .unreadable = to.unreadable,
      .stopped =
          [&] {
            if (watch.progress) watch.progress(phase, done, total);
            tally_.stopped = tally_.stopped || watch.stopped();
            return tally_.stopped || (to.stopped && to.stopped());
          }};
  return topics_.reader().read(from, handlers, patience);
}

}  // namespace turnstile::app
