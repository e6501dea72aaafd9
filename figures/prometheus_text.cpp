#include "figures/prometheus_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

namespace turnstile::figures {

namespace {

/// Of the buckets of a latency_figure every fourth is told, from half a millisecond to 18 minutes.
constexpr std::size_t first_bucket = 27, last_bucket = 111, bucket_step = 4;

/// The shortest text that is read as the same number.
std::string number(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), error == std::errc{} ? end : text.data()};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string{"\\n"} : std::string(1, c);
  }
  return out;
}

void append_label(std::string& to, std::string_view name, std::string_view value) {
  to.append(to.empty() ? "" : ",").append(name).append("=\"").append(escaped(value)).append("\"");
}

struct histogram {
  core::latency_figure::counts counts{};
  std::int64_t sum_us = 0;
};

struct series {
  std::string labels;
  std::optional<double> value;
  std::optional<figures::histogram> times;
};

/// In the order in which they came.
struct family_series {
  std::vector<series> all;
  std::unordered_map<std::string, std::size_t> places;  ///< By labels.
};

class exposer {
public:
  explicit exposer(const exposition& how) : how_(how) {}

  void add(const reading& of) {
    for (std::size_t i = 0; i < of.table->rows.size(); ++i) {
      const auto& row = of.table->rows[i];
      if (of.latencies[i] != nullptr) add_times(row, labels_of(row, of), *of.latencies[i]);
      if (!of.values[i]) continue;
      if (row.states != nullptr)
        add_states(row, of, static_cast<std::size_t>(*of.values[i]));
      else
        add_value(row, labels_of(row, of), static_cast<double>(*of.values[i]) * row.scale);
    }
  }

  void add(const fact& told) {
    std::string labels;
    for (const auto& [name, value] : told.labels) append_label(labels, name, value);
    find(*told.family, labels).value = 1;
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto* family : order_) append(out, *family, all_.at(family).all);
    return out;
  }

private:
  [[nodiscard]] std::string labels_of(const row& row, const reading& of,
                                      std::string_view value = {}) const {
    std::string labels;
    const auto& family = *row.family;
    if (family.instance == "partition") append_label(labels, "topic", how_.topic);
    if (!family.instance.empty() && !of.instance.empty() && !row.of_all)
      append_label(labels, family.instance, of.instance);
    if (!family.label.empty())
      append_label(labels, family.label, value.empty() ? row.label_value : value);
    return labels;
  }

  series& find(const family& family, const std::string& labels) {
    auto& known = all_[&family];
    if (known.all.empty()) order_.push_back(&family);
    const auto [at, is_new] = known.places.emplace(labels, known.all.size());
    if (is_new) known.all.push_back({.labels = labels});
    return known.all[at->second];
  }

  void add_value(const row& row, const std::string& labels, double value) {
    auto& to = find(*row.family, labels);
    if (!to.value)
      to.value = value;
    else if (row.merge == merging::most || row.merge == merging::most_of_all)
      to.value = std::max(*to.value, value);
    else
      *to.value += value;
  }

  void add_states(const row& row, const reading& of, std::size_t current) {
    for (std::size_t i = 0; i < row.states->size(); ++i)
      find(*row.family, labels_of(row, of, row.states->at(i))).value = i == current ? 1 : 0;
  }

  void add_times(const row& row, const std::string& labels, const core::latency_figure& figure) {
    auto& times = find(*row.family, labels).times;
    auto& to = times ? *times : times.emplace();
    const auto counts = figure.read();
    for (std::size_t i = 0; i < counts.size(); ++i) to.counts[i] += counts[i];
    to.sum_us += figure.sum_us();
  }

  static void append(std::string& out, const family& family, const std::vector<series>& all) {
    constexpr std::array<std::string_view, 3> kinds{"counter", "gauge", "histogram"};
    out.append("# HELP ").append(family.name).append(" ").append(family.help);
    out.append("\n# TYPE ").append(family.name).append(" ");
    out.append(kinds.at(static_cast<std::size_t>(family.kind))).append("\n");
    for (const auto& one : all) {
      if (one.times) append_times(out, family.name, one);
      if (one.value) append_line(out, family.name, "", one.labels, number(*one.value));
    }
  }

  static void append_line(std::string& out, std::string_view name, std::string_view suffix,
                          const std::string& labels, const std::string& value) {
    out.append(name).append(suffix);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(value).append("\n");
  }

  static void append_times(std::string& out, std::string_view name, const series& one) {
    std::int64_t seen = 0;
    std::size_t next = 0;
    for (std::size_t last = first_bucket; last <= last_bucket; last += bucket_step) {
      for (; next <= last; ++next) seen += one.times->counts[next];
      auto labels = one.labels;
      append_label(labels, "le",
                   number(static_cast<double>(core::latency_figure::upper_bound(last)) * 1e-6));
      append_line(out, name, "_bucket", labels, std::to_string(seen));
    }
    for (; next < one.times->counts.size(); ++next) seen += one.times->counts[next];
    auto labels = one.labels;
    append_label(labels, "le", "+Inf");
    append_line(out, name, "_bucket", labels, std::to_string(seen));
    append_line(out, name, "_sum", one.labels,
                number(static_cast<double>(one.times->sum_us) * 1e-6));
    append_line(out, name, "_count", one.labels, std::to_string(seen));
  }

  const exposition& how_;
  std::map<const family*, family_series> all_;
  std::vector<const family*> order_;
};

}  // namespace

std::vector<reading> most_behind(std::vector<reading> partitions, std::size_t most) {
  if (partitions.size() <= most) return partitions;
  std::ranges::stable_sort(partitions, std::greater{}, &reading::rank);
  const auto begin = partitions.begin() + static_cast<std::ptrdiff_t>(most);
  auto other = merged(partition_table(),
                      {std::make_move_iterator(begin), std::make_move_iterator(partitions.end())});
  other.instance = "other";
  partitions.erase(begin, partitions.end());
  partitions.push_back(std::move(other));
  return partitions;
}

std::string prometheus_text(const registry& figures, const exposition& how) {
  exposer to{how};
  const auto at = now();
  for (const auto& told : how.facts) to.add(told);
  for (const auto& one : figures.actors(at, core::read_process_stats())) to.add(one);
  // First: it has the counters that are added up, which are there without partitions too.
  to.add(figures.closed_partitions());
  for (const auto& one : most_behind(figures.partitions(at), how.partitions_max)) to.add(one);
  return to.text();
}

}  // namespace turnstile::figures
