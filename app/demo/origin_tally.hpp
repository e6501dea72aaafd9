// Which input offset ended where: the invariant of the data contract, counted from topics alone, as
// the demo goes.
//
// Fed with every record of input and output topics in any order, while they are written; an audit
// (audit/auditor.hpp) reads topics up to an end. Used by one thread; knows nothing of the worker.
// GUARANTEES: an input offset counts as ended exactly once only if exactly one output carries its
// origin.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/origin.hpp"
#include "core/layout.hpp"
#include "core/settings.hpp"
#include "kafka_io/tools/topic_reader.hpp"

namespace turnstile::app {

struct tally_verdict {
  std::uint64_t missing = 0;   ///< Inputs without an output.
  std::uint64_t repeated = 0;  ///< Outputs beyond an input's first.
  std::uint64_t foreign = 0;   ///< Outputs without an origin, or with one that is no input.

  [[nodiscard]] bool holds() const { return missing == 0 && repeated == 0 && foreign == 0; }
};

/// One input beside what became of it.
struct tally_example {
  std::string origin;
  std::string input;
  std::string place;  ///< `topic/partition/offset` of the output.
  std::string output;
};

class origin_tally {
public:
  explicit origin_tally(const core::settings& settings);

  void add(const kafka_io::topic_record& record);

  [[nodiscard]] std::uint64_t inputs() const { return inputs_; }

  /// Inputs that have an output.
  [[nodiscard]] std::uint64_t ended() const { return ended_; }

  [[nodiscard]] std::uint64_t outputs(core::output_topic topic) const {
    return outputs_[static_cast<std::size_t>(topic)];
  }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& errors_by_reason() const {
    return by_reason_;
  }
  [[nodiscard]] const std::string& last_summary() const { return last_summary_; }

  [[nodiscard]] tally_verdict verdict() const;

  /// Of one of the first records, with `reason` where there is one and any else; nothing while none
  /// was seen.
  [[nodiscard]] std::optional<tally_example> example(core::output_topic topic,
                                                     std::string_view reason = {}) const;

private:
  struct slot {
    bool is_input = false;
    std::uint32_t outputs = 0;
  };
  struct kept_output {
    std::string origin;
    std::string place;
    std::string value;
    std::string reason;
  };

  void add_input(const kafka_io::topic_record& record);
  void add_output(core::output_topic topic, const kafka_io::topic_record& record);
  slot& slot_of(std::int32_t partition, std::int64_t offset);
  void keep(core::output_topic topic, std::string_view origin,
            const kafka_io::topic_record& record);

  std::string input_topic_;
  std::array<std::string, core::output_topic_count> output_topics_;

  std::map<std::int32_t, std::vector<slot>> slots_;  ///< By partition and offset.
  std::uint64_t inputs_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t without_origin_ = 0;
  std::array<std::uint64_t, core::output_topic_count> outputs_{};
  std::map<std::string, std::uint64_t> by_reason_;
  std::string last_summary_;
  std::map<std::string, std::string> first_inputs_;  ///< Value by origin.
  std::array<std::vector<kept_output>, core::output_topic_count> first_outputs_;
};

}  // namespace turnstile::app
