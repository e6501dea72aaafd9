// Batches as a reader or a transformer would have made them, and small helpers around them.
//
// Free functions for tests; what they return is owned by the caller.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/batch.hpp"

namespace turnstile::tests {

/// A layout in which every topic has `partitions`.
inline std::shared_ptr<const core::topic_layout> layout_of(std::int32_t partitions) {
  auto layout = std::make_shared<core::topic_layout>();
  layout->input_partitions = partitions;
  layout->partitions.fill(partitions);
  layout->partitions[static_cast<std::size_t>(core::output_topic::summary)] = 1;
  return layout;
}

/// `count` outputs of consecutive offsets, all to `processed`.
inline core::batch_ptr batch_of(core::partition_epoch source, std::uint64_t seq,
                                std::int64_t first_offset, std::size_t count) {
  auto batch = std::make_shared<core::record_batch>();
  batch->source = source;
  batch->seq = seq;
  batch->first_offset = first_offset;
  batch->next_offset = first_offset + static_cast<std::int64_t>(count);
  batch->layout = layout_of(64);
  for (std::size_t i = 0; i < count; ++i) {
    core::output_record record;
    record.source_offset = first_offset + static_cast<std::int64_t>(i);
    record.value = batch->memory.copy("value " + std::to_string(record.source_offset));
    record.user_id = "\"u\"";
    static constexpr std::array<std::string_view, 2> counted{"iOS", "NM"};
    record.counted = counted;
    batch->outputs.push_back(record);
  }
  return batch;
}

inline core::batch_ptr summary_batch(std::uint64_t seq, std::size_t count = 1) {
  auto batch = batch_of({}, seq, 0, count);
  batch->source = {};
  return batch;
}

/// Makes the output with that offset one of another topic.
inline void redirect(core::record_batch& batch, std::int64_t offset, core::output_topic topic) {
  for (auto& record : batch.outputs) {
    if (record.source_offset != offset) continue;
    record.topic = topic;
    record.result = topic == core::output_topic::errors    ? core::outcome::failed
                    : topic == core::output_topic::cleaned ? core::outcome::filtered
                                                           : core::outcome::processed;
  }
}

/// What the transform does to a batch, without looking at its records.
inline void pass_through(core::record_batch& batch) {
  for (const auto& in : batch.inputs) {
    core::output_record record;
    record.source_offset = in.offset;
    record.value = batch.memory.copy(in.value.value_or(""));
    batch.outputs.push_back(record);
  }
  batch.release_inputs();
}

}  // namespace turnstile::tests
