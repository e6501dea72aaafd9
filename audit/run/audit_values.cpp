// What an audit_session does for values and for statements: keeps the inputs' values, looks for
// them in the outputs, and notes what was read.

#include <utility>

#include "audit/run/audit_session.hpp"

namespace turnstile::audit {

using kafka_io::read_range;

audit_session::failure audit_session::keep_values(const watcher& watch) {
  if (!values_) return {};
  std::vector<read_range> ranges;
  for (const auto& ledger : auditor_->ledgers()) {
    ranges.push_back(
        {source_.settings().topics.input, ledger.partition(), ledger.start(), ledger.end()});
  }
  std::int64_t seen = 0;
  const auto reached = read(
      "values", ranges,
      [&](std::size_t range, const core::record_view& record) {
        ++seen;
        values_->add_input(ranges[range].partition, record);
      },
      {}, {watch.progress, [&] { return values_->full() || (watch.stopped && watch.stopped()); }});
  if (!reached) return reached.error();
  stopped_early_ = watch.stopped && watch.stopped();
  if (values_->full()) {
    std::int64_t inputs = 0;
    for (const auto& range : ranges) inputs += range.to - range.from;
    values_->set_not_kept(inputs - seen);
  }
  return {};
}

void audit_session::look_for_values(fate where, std::int32_t partition,
                                    const core::record_view& record,
                                    const audit::auditor::place& origin) {
  // That content was asked for.
  const auto& settings = source_.settings();
  if (where == fate::error && settings.errors.content == core::error_content::raw) {
    ++read_.raw_errors;
    return;
  }
  using shows = audit::raw_values::shows;
  const bool known_only =
      where == fate::error && settings.errors.unknown == core::unknown_fields::drop;
  if (!values_->readable_in(origin, record, known_only ? shows::known_fields : shows::all_fields))
    return;
  auditor_->faults().add(audit::fault::raw_value, [&] {
    return source_.topic_of(where) + "/" + std::to_string(partition) + "/" +
           std::to_string(record.offset);
  });
}

audit::reading audit_session::reading() const {
  audit::reading read = read_;
  if (values_) read.values = values_->counts();
  return read;
}

void audit_session::note_read(const audit_snapshot& now) {
  const auto spans = [](const std::vector<std::int64_t>& begins,
                        const std::vector<std::int64_t>& ends) {
    std::vector<audit::partition_span> out;
    for (std::size_t q = 0; q < begins.size(); ++q)
      out.push_back({static_cast<std::int32_t>(q), begins[q], ends[q]});
    return out;
  };
  std::vector<std::int64_t> summary_begins;
  for (const auto& marks : now.summaries) summary_begins.push_back(marks.low);
  std::vector<audit::partition_span> inputs;
  for (const auto& ledger : auditor_->ledgers())
    inputs.push_back({ledger.partition(), ledger.start(), ledger.end()});
  const auto& topics = source_.settings().topics;
  read_.topics = {{"input", topics.input, std::move(inputs)}};
  for (const auto where : audit::output_fates) {
    const auto i = index_of(where);
    read_.topics.push_back({std::string(core::name_of(audit::topic_of(where))),
                            source_.topic_of(where),
                            spans(output_begins_[i], output_positions_[i])});
  }
  read_.topics.push_back({"summary", topics.summary, spans(summary_begins, summary_positions_)});
}

}  // namespace turnstile::audit
