// What a redrive asks the brokers before and while it reads: topics, their ends, who has come how
// far.
//
// Owned by a redrive_session, used by its thread; every call blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/layout.hpp"
#include "core/settings.hpp"
#include "kafka_io/tools/range_reader.hpp"
#include "kafka_io/tools/transactional_writer.hpp"

namespace turnstile::app {

class redrive_topics {
public:
  static constexpr std::chrono::milliseconds timeout{10'000};

  /// Waits for a broker; a topic that does not exist is an error, and so is a broker that does not
  /// enforce transactions.
  [[nodiscard]] static kafka_io::result<redrive_topics> open(const core::settings& settings);

  [[nodiscard]] const std::shared_ptr<const core::topic_layout>& layout() const { return layout_; }
  [[nodiscard]] const std::string& name_of(core::output_topic topic) const {
    return names_[static_cast<std::size_t>(topic)];
  }

  /// Of each partition: the first record that is there, and where what is committed ends.
  [[nodiscard]] kafka_io::result<std::vector<kafka_io::watermarks>> readable(
      const std::string& topic, std::int32_t partitions) const;

  /// The same up to what is written, behind open transactions too.
  [[nodiscard]] kafka_io::result<std::vector<kafka_io::watermarks>> written(
      const std::string& topic, std::int32_t partitions) const;

  /// The first offset with a record of `timestamp_ms` or later; -1: there is none.
  [[nodiscard]] kafka_io::result<std::vector<std::int64_t>> offsets_at(
      const std::string& topic, std::int32_t partitions, std::int64_t timestamp_ms) const;

  /// Of the input, by the workers' group; without the partitions of which nothing is.
  [[nodiscard]] kafka_io::result<std::map<std::int32_t, std::int64_t>> committed() const;

  /// `<kafka.group>-redrive`: of the positions, and the transactional.id.
  [[nodiscard]] std::string group() const { return settings_.kafka.group + "-redrive"; }

  /// Reads what is committed.
  [[nodiscard]] kafka_io::range_reader& reader() { return reader_; }

private:
  redrive_topics(const core::settings& settings, kafka_io::range_reader reader,
                 kafka_io::range_reader all)
    : settings_(settings),
      names_(core::output_topics(settings)),
      reader_(std::move(reader)),
      all_(std::move(all)) {}

  core::settings settings_;
  std::array<std::string, core::output_topic_count> names_;
  kafka_io::range_reader reader_;
  kafka_io::range_reader all_;  ///< Sees the ends behind open transactions.
  std::shared_ptr<const core::topic_layout> layout_;
};

}  // namespace turnstile::app
