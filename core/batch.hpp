// What travels between the actors: a run of records of one source partition and what became of
// them.
//
// Held by one actor at a time and handed on by message; only its holder touches it. The inputs are
// released after the transform (they pin fetch buffers); outputs and arena live until the broker
// has acknowledged every output.
#pragma once

#include <cassert>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/arena.hpp"
#include "core/layout.hpp"
#include "core/reason.hpp"
#include "core/record.hpp"

namespace turnstile::core {

/// The one thing an input ends as.
enum class outcome : std::uint8_t { processed, filtered, failed };

/// One assignment of one source partition. A partition that comes back has a later epoch, so what
/// an earlier assignment left behind is recognised and dropped.
struct partition_epoch {
  std::int32_t partition = 0;
  std::uint64_t epoch = 0;
  friend auto operator<=>(const partition_epoch&, const partition_epoch&) = default;
};

/// What the records of a batch were made of: inputs of one assignment, or the worker's own counts.
class batch_source {
public:
  constexpr batch_source() = default;  ///< A summary.
  constexpr batch_source(const partition_epoch& assignment) : assignment_(assignment) {}

  [[nodiscard]] constexpr bool is_summary() const { return !assignment_; }
  /// REQUIRES: it is no summary.
  [[nodiscard]] constexpr const partition_epoch& assignment() const {
    assert(assignment_);
    return *assignment_;
  }
  /// Of the input; a summary has none.
  [[nodiscard]] constexpr std::optional<std::int32_t> partition() const {
    return assignment_ ? std::optional(assignment_->partition) : std::nullopt;
  }

  /// Summaries come first.
  friend auto operator<=>(const batch_source&, const batch_source&) = default;

private:
  std::optional<partition_epoch> assignment_;
};

/// A part of a text, and what stands there in its place; nothing: a member of an object, or an
/// element of an array, goes with its comma.
struct source_edit {
  std::uint32_t at = 0;
  std::uint32_t bytes = 0;
  std::string_view with;
};

/// What one input became: the record to write. Slot i of a batch belongs to its input i.
struct output_record {
  std::int64_t source_offset = 0;
  std::int64_t timestamp_ms = -1;  ///< The source's; -1: it has none.
  bool timestamp_refused = false;  ///< By its topic: the record goes with the time of its writing.
  outcome result = outcome::processed;
  output_topic topic = output_topic::processed;
  maybe_bytes key;
  std::string_view value;
  bool is_tombstone = false;       ///< The value is null, `value` empty.
  std::span<header_view> headers;  ///< Besides origin and key id; in the batch's arena.
  std::string_view key_id;  ///< Of the key that it was made with, in the batch; empty: with none.

  /// Counted by the summary, where `result` is processed: what its fields say, in their order; data
  /// null: nothing.
  std::span<const std::string_view> counted;

  std::string_view user_id;  ///< JSON token, quotes included.
  /// Lets a refused output become an error record without its input: the event as it was written,
  /// and what to change to repeat it (event/source_content). Empty: nothing is repeated.
  std::string_view content;
  std::span<const source_edit> edits;
};

/// An input that failed and waits for the error_router to write its record.
struct failure {
  std::size_t slot = 0;
  core::reason reason = reason::invalid_json;
  core::stage stage = stage::parse;
  std::string_view error_type;    ///< For people; names fields and byte offsets, never values.
  std::string_view user_id;       ///< JSON token; empty: unknown.
  std::string_view content;       ///< JSON object, pseudonymised or sealed; empty: `{}`.
  bool content_left_out = false;  ///< There was one that would not have fitted.
  std::uint32_t attempts = 1;     ///< Deliveries tried, or 1 where none was.
};

class record_transform;

/// One state of rules and keys, to make batches with. Immutable and shared: a batch holds the one
/// that it is made with, so that it, and the keys in it, are gone with the last batch.
struct transform_version {
  /// Of later versions greater. 0 is none, and goes with any.
  std::uint64_t generation = 1;
  std::string key_id;  ///< Of the key that its outputs depend on; empty: on none.
  std::function<std::unique_ptr<record_transform>()> make;
};

struct record_batch {
  batch_source source;
  std::uint64_t seq = 0;          ///< From 0 in each epoch, without gaps.
  std::int64_t first_offset = 0;  ///< Where the previous batch of the epoch ended.
  std::int64_t next_offset = 0;   ///< To commit once this batch and all before it are finished.
  std::shared_ptr<const topic_layout> layout;        ///< Of the assignment that read the batch.
  std::shared_ptr<const transform_version> version;  ///< It is made with; null: with none.

  /// Why none of `inputs`, which are bare offsets, could be read; empty: they were.
  std::string unreadable;

  std::vector<record_view> inputs;
  std::shared_ptr<void> keep_alive;  ///< Whatever `inputs` point into.
  std::size_t input_bytes = 0;       ///< Keys, values and headers read.
  std::size_t credit_bytes = 0;      ///< What the batch counts against its reader's credit.

  arena memory;
  std::vector<output_record> outputs;
  std::vector<failure> failures;
  std::int64_t unknown_fields = 0;  ///< Of the inputs that did not fail: fields without a rule.

  [[nodiscard]] std::string_view key_id() const {
    return version ? std::string_view(version->key_id) : std::string_view();
  }
  [[nodiscard]] std::uint64_t generation() const { return version ? version->generation : 0; }

  void release_inputs() {
    inputs.clear();
    inputs.shrink_to_fit();
    keep_alive.reset();
  }
};

/// Shared because messages must be copyable, and between producer and error_router while refused
/// slots are rewritten: the producer does not touch the batch then.
using batch_ptr = std::shared_ptr<record_batch>;

}  // namespace turnstile::core
