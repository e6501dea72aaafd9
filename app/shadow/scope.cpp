#include "app/shadow/scope.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "audit/origin.hpp"
#include "core/own_headers.hpp"

namespace turnstile::shadow {

namespace {

using audit::offset_range;
using kafka_io::io_error;
using kafka_io::read_range;
using kafka_io::result;
using failure = std::optional<io_error>;

constexpr std::chrono::milliseconds stalled{15'000};
/// Of each output partition so many offsets are read to see how far its inputs are; some are
/// markers of transactions.
constexpr std::int64_t tail_offsets = 200;
/// Among so many offsets an input is looked for whose time is asked.
constexpr std::int64_t head_offsets = 100;
/// Of more partitions all outputs are read from one time on.
constexpr std::size_t times_max = 64;

class scope_finder {
public:
  scope_finder(audit::audit_source& source, const wanted_inputs& wanted)
    : source_(source), wanted_(wanted) {}

  result<scope> find() {
    const auto now = source_.snapshot("");
    if (!now) return now.error();
    begin(*now);
    failure fault;
    if (wanted_.since_s) fault = take_since();
    if (!wanted_.offsets.empty()) fault = take_offsets();
    if (wanted_.sample > 0) fault = take_sample();
    if (fault) return std::move(*fault);
    return std::move(found_);
  }

private:
  [[nodiscard]] const std::string& input() const { return source_.settings().topics.input; }
  [[nodiscard]] std::size_t partitions() const { return found_.wanted.size(); }

  void begin(const audit::audit_snapshot& now) {
    for (std::size_t p = 0; p < now.inputs.size(); ++p) {
      found_.wanted.push_back({now.inputs[p].low, now.inputs[p].high});
      found_.inputs.push_back({now.inputs[p].low, now.inputs_later[p]});
    }
    for (const auto where : audit::output_fates) {
      for (const auto& marks : now.outputs[audit::index_of(where)]) {
        output_range one{{marks.low, marks.high}, {}};
        if (marks.low > 0) one.first_seen.assign(partitions(), -1);
        found_.of(where).push_back(std::move(one));
      }
    }
  }

  failure take_offsets() {
    std::vector<offset_range> asked(partitions());
    for (const auto& range : wanted_.offsets) {
      const auto p = static_cast<std::size_t>(range.partition);
      if (p >= partitions())
        return io_error{0, input() + " has no partition " + std::to_string(range.partition)};
      const auto& there = found_.wanted[p];
      asked[p] = {std::max(range.low, there.low), std::min(range.high, there.high)};
      if (asked[p].low >= asked[p].high) asked[p] = {};
    }
    found_.wanted = std::move(asked);
    return {};
  }

  failure take_since() {
    const std::int64_t time_ms = *wanted_.since_s * 1000;
    const auto since =
        source_.offsets_at(input(), static_cast<std::int32_t>(partitions()), time_ms);
    if (!since) return since.error();
    for (std::size_t p = 0; p < partitions(); ++p) {
      auto& range = found_.wanted[p];
      range.low = (*since)[p] < 0 ? range.high : std::max(range.low, (*since)[p]);
    }
    return begin_outputs(time_ms, {});
  }

  /// Outputs carry their inputs' times and are in their order, so that those of an input begin no
  /// earlier than at its time. `of`: one output partition of each topic; nothing: all.
  failure begin_outputs(std::int64_t time_ms, std::optional<std::size_t> of) {
    for (const auto where : audit::output_fates) {
      auto& topic = found_.of(where);
      if (topic.empty()) continue;
      const auto since = source_.offsets_at(source_.topic_of(where),
                                            static_cast<std::int32_t>(topic.size()), time_ms);
      if (!since) return since.error();
      for (std::size_t q = of.value_or(0);
           q < (of ? std::min(*of + 1, topic.size()) : topic.size()); ++q) {
        auto& range = topic[q].range;
        range.low = (*since)[q] < 0 ? range.high : std::max(range.low, (*since)[q]);
      }
    }
    return {};
  }

  failure take_sample() {
    if (auto fault = end_at_outcomes()) return fault;
    std::vector<std::int64_t> there;
    for (const auto& range : found_.wanted) there.push_back(range.size());
    const auto shares = share_out(wanted_.sample, there);
    for (std::size_t p = 0; p < partitions(); ++p)
      found_.wanted[p].low = found_.wanted[p].high - shares[p];
    return begin_at_first_input();
  }

  /// Behind the last input of which an output is seen nothing is taken.
  failure end_at_outcomes() {
    std::vector<std::int64_t> ends(partitions(), 0);
    for (const auto where : audit::output_fates) {
      std::vector<read_range> tails;
      for (std::size_t q = 0; q < found_.of(where).size(); ++q) {
        const auto& range = found_.of(where)[q].range;
        const std::int64_t from = std::max(range.low, range.high - tail_offsets);
        if (from < range.high)
          tails.push_back(
              {source_.topic_of(where), static_cast<std::int32_t>(q), from, range.high});
      }
      const auto note = [&](std::size_t, const core::record_view& read) {
        const auto header = audit::only_header(read.headers, core::origin_header);
        const auto origin = header ? audit::parse_origin(*header) : std::nullopt;
        if (!origin || origin->topic != input()) return;
        const auto p = static_cast<std::size_t>(origin->partition);
        if (p < ends.size() && origin->offset < found_.wanted[p].high)
          ends[p] = std::max(ends[p], origin->offset + 1);
      };
      if (auto fault = read(tails, note)) return fault;
    }
    for (std::size_t p = 0; p < partitions(); ++p)
      found_.wanted[p].high = std::max(found_.wanted[p].low, ends[p]);
    return {};
  }

  failure begin_at_first_input() {
    constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
    std::vector<std::int64_t> times(partitions(), none);
    std::vector<read_range> heads;
    for (std::size_t p = 0; p < partitions(); ++p) {
      const auto& range = found_.wanted[p];
      if (range.size() > 0)
        heads.push_back({input(), static_cast<std::int32_t>(p), range.low,
                         std::min(range.high, range.low + head_offsets)});
    }
    const auto note = [&](std::size_t r, const core::record_view& read) {
      auto& time = times[static_cast<std::size_t>(heads[r].partition)];
      time = std::min(time, read.timestamp_ms < 0 ? 0 : read.timestamp_ms);
    };
    if (auto fault = read(heads, note)) return fault;
    if (!is_by_number() || partitions() > times_max) {
      const auto first = std::ranges::min(times);
      return first == none ? failure{} : begin_outputs(first, {});
    }
    for (std::size_t p = 0; p < partitions(); ++p) {
      // Of a partition of which nothing is wanted nothing is read.
      if (auto fault = begin_outputs(times[p] == none ? 0 : times[p], p)) return fault;
      if (times[p] != none) continue;
      for (const auto where : audit::output_fates) found_.of(where)[p].range = {};
    }
    return {};
  }

  /// Whether the outputs of each input partition are in that of the same number.
  [[nodiscard]] bool is_by_number() const {
    return source_.layout().partitioner == core::partitioner::source &&
           std::ranges::all_of(found_.outputs, [this](const std::vector<output_range>& topic) {
             return topic.size() >= partitions();
           });
  }

  failure read(const std::vector<read_range>& ranges,
               const std::function<void(std::size_t, const core::record_view&)>& each) {
    const auto reached =
        source_.reader().read(ranges, {.record = each, .unreadable = {}, .stopped = {}}, stalled);
    return reached ? failure{} : reached.error();
  }

  audit::audit_source& source_;
  const wanted_inputs& wanted_;
  scope found_;
};

}  // namespace

result<scope> find_scope(audit::audit_source& source, const wanted_inputs& wanted) {
  return scope_finder(source, wanted).find();
}

std::vector<std::int64_t> share_out(std::int64_t count, const std::vector<std::int64_t>& there) {
  std::vector<std::int64_t> shares(there.size(), 0);
  std::vector<std::size_t> order(there.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&there](std::size_t p) { return there[p]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto left = static_cast<std::int64_t>(order.size() - i);
    // Those that have the most take what is left by the division.
    shares[order[i]] = std::min(there[order[i]], count / left);
    count -= shares[order[i]];
  }
  return shares;
}

}  // namespace turnstile::shadow
