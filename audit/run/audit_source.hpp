// Where an audit's topics begin and end, and what the group has committed.
//
// Owned by an audit_session, used by its thread; every call blocks. GUARANTEES: a snapshot is taken
// in an order in which whatever it says is committed or covered by a summary is below the output
// ends that it says.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/report.hpp"
#include "core/layout.hpp"
#include "core/settings.hpp"
#include "kafka_io/tools/range_reader.hpp"

namespace turnstile::audit {

struct audit_snapshot {
  std::vector<kafka_io::watermarks> inputs;  ///< Taken first: their ends are what is judged.
  std::vector<std::int64_t> inputs_written;  ///< Their ends just before, behind open transactions.
  std::vector<std::int64_t> inputs_later;    ///< Their ends, taken last.
  audit::committed_offsets committed;        ///< Empty without a group.
  std::vector<kafka_io::watermarks> summaries;
  /// In the order of output_fates.
  std::array<std::vector<kafka_io::watermarks>, audit::output_fates.size()> outputs;
};

class audit_source {
public:
  static constexpr std::chrono::milliseconds timeout{10'000};

  /// Waits for a broker; an input topic that does not exist is an error.
  [[nodiscard]] static kafka_io::result<audit_source> open(const core::settings& settings,
                                                           kafka_io::isolation level);

  [[nodiscard]] const core::topic_layout& layout() const { return layout_; }
  /// Those that do not exist: what they would tell is not known.
  [[nodiscard]] const std::vector<std::string>& missing_topics() const { return missing_; }
  /// False where the topic is missing, or records may be gone from its midst.
  [[nodiscard]] bool tells_all(audit::fate where) const;
  [[nodiscard]] const std::string& topic_of(audit::fate where) const;
  [[nodiscard]] const core::settings& settings() const { return settings_; }

  /// `group`: empty, or whose committed offsets to ask for.
  [[nodiscard]] kafka_io::result<audit_snapshot> snapshot(const std::string& group) const;

  /// The first offset that is still there.
  [[nodiscard]] kafka_io::result<std::int64_t> low_of(const std::string& topic,
                                                      std::int32_t partition) const;

  /// An error where the topics have other numbers of partitions than at the beginning.
  [[nodiscard]] std::optional<kafka_io::io_error> check_unchanged() const;

  /// By partition; -1 where no record is that young.
  [[nodiscard]] kafka_io::result<std::vector<std::int64_t>> offsets_at(
      const std::string& topic, std::int32_t partitions, std::int64_t timestamp_ms) const {
    return reader_.brokers().offsets_at(topic, partitions, timestamp_ms, timeout);
  }

  [[nodiscard]] kafka_io::range_reader& reader() { return reader_; }

private:
  audit_source(core::settings settings, kafka_io::range_reader reader, kafka_io::range_reader all)
    : settings_(std::move(settings)), reader_(std::move(reader)), all_(std::move(all)) {}
  [[nodiscard]] std::optional<kafka_io::io_error> describe();

  core::settings settings_;
  kafka_io::range_reader reader_;
  kafka_io::range_reader all_;  ///< Sees the ends behind open transactions.
  core::topic_layout layout_;
  std::vector<std::string> missing_;
  std::array<bool, audit::output_fates.size()> compacted_{};
  std::array<bool, audit::output_fates.size()> missing_fates_{};
};

}  // namespace turnstile::audit
