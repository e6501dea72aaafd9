#include "app/shadow/shadow_session.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <thread>
#include <utility>

#include "app/shadow/lane_thread.hpp"
#include "core/own_headers.hpp"

namespace turnstile::shadow {

namespace {

using audit::offset_range;
using kafka_io::io_error;
using kafka_io::result;

// After which a partition that gives nothing is left: behind an open transaction, say.
constexpr std::chrono::milliseconds stalled{15'000};

constexpr std::size_t parcel_bytes_max = std::size_t{128} * 1024;
constexpr std::size_t lanes_max = 4;

std::size_t lanes_wanted(std::size_t partitions) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  return std::clamp<std::size_t>(std::min(cores, partitions), 1, lanes_max);
}

}  // namespace

/// Collects records by input partition, and brings them to their lanes.
class shadow_session::mail {
public:
  mail(std::vector<std::unique_ptr<lane>>& lanes, std::size_t partitions) : open_(partitions) {
    for (auto& one : lanes) threads_.push_back(std::make_unique<lane_thread>(*one));
    // Of many partitions each has a small share.
    records_max_ = std::clamp<std::size_t>(65'536 / std::max<std::size_t>(partitions, 1), 16, 512);
  }

  void add_input(std::int32_t partition, const core::record_view& read) {
    auto& to = parcel_of(partition);
    to.add_input(read);
    send_full(partition);
  }
  void add_output(const audit::record_origin& origin, audit::fate where,
                  const core::record_view& read) {
    auto& to = parcel_of(origin.partition);
    to.add_output(origin.offset, where, read);
    send_full(origin.partition);
  }
  void finish() {
    for (std::size_t p = 0; p < open_.size(); ++p) send(static_cast<std::int32_t>(p));
    for (auto& thread : threads_) thread->finish();
  }

private:
  [[nodiscard]] parcel& parcel_of(std::int32_t partition) {
    auto& at = open_[static_cast<std::size_t>(partition)];
    if (!at) {
      at = std::make_unique<parcel>();
      at->partition = partition;
    }
    return *at;
  }
  void send_full(std::int32_t partition) {
    const auto& at = *open_[static_cast<std::size_t>(partition)];
    if (at.inputs.size() + at.outputs.size() >= records_max_ || at.bytes >= parcel_bytes_max)
      send(partition);
  }
  void send(std::int32_t partition) {
    const auto p = static_cast<std::size_t>(partition);
    if (open_[p]) threads_[p % threads_.size()]->put(std::move(open_[p]));
  }

  std::vector<std::unique_ptr<parcel>> open_;
  std::vector<std::unique_ptr<lane_thread>> threads_;
  std::size_t records_max_;
};

result<std::unique_ptr<shadow_session>> shadow_session::open(
    const shadow_args& args, const core::settings& settings,
    std::shared_ptr<const event::plan> plan) {
  auto source = audit::audit_source::open(settings, kafka_io::isolation::read_committed);
  if (!source) return source.error();
  std::unique_ptr<shadow_session> session{new shadow_session{args, std::move(*source)}};
  session->rules_ = std::make_shared<const new_rules>(
      new_rules{.settings = settings,
                .plan = std::move(plan),
                .layout = std::make_shared<const core::topic_layout>(session->source_.layout()),
                .keyed = keyed_parts(settings.event),
                .key_id = key_id_in(settings),
                .keeps_values = args.show_values});
  auto scope = find_scope(session->source_, args.wanted);
  if (!scope) return scope.error();
  session->scope_ = std::move(*scope);
  if (auto error = session->make_lanes(session->rules_)) return std::move(*error);
  return session;
}

shadow_session::failure shadow_session::make_lanes(const std::shared_ptr<const new_rules>& rules) {
  std::int64_t offsets = 0;
  for (const auto& range : scope_.wanted) offsets += range.size();
  if (offsets > offsets_max)
    return io_error{
        0, audit::grouped(offsets) + " inputs are more than the " + audit::grouped(offsets_max) +
               " that are compared at once: name some by --since, --offsets or --sample"};
  const std::size_t count = lanes_wanted(scope_.wanted.size());
  for (std::size_t i = 0; i < count; ++i)
    lanes_.push_back(std::make_unique<lane>(rules, waiting_bytes_max / count));
  for (std::size_t p = 0; p < scope_.wanted.size(); ++p)
    lanes_[p % count]->open(static_cast<std::int32_t>(p), scope_.wanted[p]);
  return {};
}

/// Partition by partition, because that many are read side by side.
shadow_session::reading shadow_session::plan_pass(const std::vector<offset_range>& inputs,
                                                  bool outputs) {
  reading plan;
  const auto add = [&plan](const std::string& topic, place at, offset_range range) {
    if (range.size() <= 0) return;
    plan.ranges.push_back({topic, at.partition, range.low, range.high});
    plan.places.push_back(at);
  };
  std::size_t partitions = inputs.size();
  for (const auto& topic : scope_.outputs) partitions = std::max(partitions, topic.size());
  for (std::size_t p = 0; p < partitions; ++p) {
    const auto partition = static_cast<std::int32_t>(p);
    if (p < inputs.size())
      add(source_.settings().topics.input, {audit::fate::none, partition}, inputs[p]);
    for (const auto where : audit::output_fates) {
      auto& topic = scope_.of(where);
      if (!outputs || p >= topic.size()) continue;
      auto* const seen = topic[p].first_seen.empty() ? nullptr : &topic[p].first_seen;
      add(source_.topic_of(where), {where, partition, seen}, topic[p].range);
    }
  }
  return plan;
}

shadow_session::failure shadow_session::run(const watcher& watch) {
  std::vector<offset_range> inputs = scope_.wanted;
  bool outputs = true;
  while (true) {
    if (auto error = read_pass(plan_pass(inputs, outputs), watch)) return error;
    if (stopped_early_) return {};
    std::vector<std::int64_t> known(scope_.wanted.size());
    for (std::size_t p = 0; p < known.size(); ++p)
      known[p] = known_from(static_cast<std::int32_t>(p));
    inputs.assign(scope_.wanted.size(), {});
    outputs = false;
    bool any = false;
    for (auto& one : lanes_) {
      for (const auto& rest : one->finish_pass(known)) {
        inputs[static_cast<std::size_t>(rest.partition)] = rest.of.inputs;
        outputs = outputs || rest.of.outputs;
        any = true;
      }
    }
    is_first_pass_ = false;
    if (!any) return {};
  }
}

shadow_session::failure shadow_session::read_pass(const reading& what, const watcher& watch) {
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (const auto& range : what.ranges) total += static_cast<std::uint64_t>(range.to - range.from);
  mail to(lanes_, scope_.wanted.size());
  const kafka_io::range_reader::handlers handlers{
      .record =
          [&](std::size_t r, const core::record_view& read) {
            ++done;
            const auto& from = what.places[r];
            if (from.where != audit::fate::none) return take_output(from, read, to);
            to.add_input(from.partition, read);
          },
      .unreadable =
          [&](std::size_t r, std::int64_t first, std::int64_t next) {
            const bool is_input = what.places[r].where == audit::fate::none;
            if (is_input && is_first_pass_) unreadable_ += next - first;
            // What was in it cannot be known.
            if (!is_input) incomplete_ = true;
          },
      .stopped =
          [&] {
            if (watch.progress) watch.progress("records", done, total);
            stopped_early_ = stopped_early_ || (watch.stopped && watch.stopped());
            return stopped_early_;
          }};
  const auto reached = source_.reader().read(what.ranges, handlers, stalled);
  to.finish();
  if (!reached) return reached.error();
  for (std::size_t r = 0; r < what.ranges.size(); ++r)
    incomplete_ = incomplete_ || (*reached)[r] < what.ranges[r].to;
  return {};
}

bool shadow_session::is_known_input(const audit::record_origin& origin) const {
  const auto p = static_cast<std::size_t>(origin.partition);
  return origin.topic == source_.settings().topics.input && p < scope_.inputs.size() &&
         origin.offset < scope_.inputs[p].high;
}

void shadow_session::take_output(const place& from, const core::record_view& read, mail& to) {
  const auto header = audit::only_header(read.headers, core::origin_header);
  const auto origin = header ? audit::parse_origin(*header) : std::nullopt;
  if (!origin || !is_known_input(*origin)) {
    foreign_ += is_first_pass_ ? 1 : 0;
    return;
  }
  const auto p = static_cast<std::size_t>(origin->partition);
  if (from.first_seen != nullptr && (*from.first_seen)[p] < 0)
    (*from.first_seen)[p] = origin->offset;
  if (origin->offset < scope_.inputs[p].low) removed_ += is_first_pass_ ? 1 : 0;
  const auto& wanted = scope_.wanted[p];
  if (origin->offset < wanted.low || origin->offset >= wanted.high) return;
  to.add_output(*origin, from.where, read);
}

/// Outputs of a partition are in the order of their inputs, so that what was removed at the
/// beginning of an output partition came from before the first one seen there.
std::int64_t shadow_session::known_from(std::int32_t partition) const {
  std::int64_t from = 0;
  const auto p = static_cast<std::size_t>(partition);
  for (const auto where : audit::output_fates) {
    const auto& topic = scope_.of(where);
    const bool same_number = source_.layout().partitioner == core::partitioner::source &&
                             topic.size() >= scope_.wanted.size();
    for (std::size_t q = 0; q < topic.size(); ++q) {
      if (topic[q].first_seen.empty() || (same_number && q != p)) continue;
      const std::int64_t seen = topic[q].first_seen[p];
      from = std::max(from, seen < 0 ? std::numeric_limits<std::int64_t>::max() : seen);
    }
  }
  return from;
}

shadow_report shadow_session::report() const {
  shadow_report report;
  tally counts(args_.show_values);
  for (const auto& one : lanes_) {
    counts.merge(one->counts());
    const auto figures = one->figures();
    report.outputs.repeated += figures.repeated;
    report.outputs.earlier += figures.earlier;
    report.outputs.redriven += figures.redriven;
    report.outputs.inputless += figures.inputless;
  }
  report.input_topic = source_.settings().topics.input;
  report.outputs.inputless += removed_;
  report.foreign = foreign_;
  report.unreadable = unreadable_;
  report.missing_topics = source_.missing_topics();
  report.keyed = rules_->keyed.names();
  report.stopped_early = stopped_early_;
  report.incomplete = incomplete_;
  add_counts(report, counts, args_.expected);
  return report;
}

}  // namespace turnstile::shadow
