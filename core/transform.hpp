// What makes outputs of inputs: one record at a time, and the loop over a batch.
//
// A transform is owned by one transformer actor and called on it only; it may keep buffers between
// records, but no memory of them. Whatever a record holds, the batch goes on: `transform_batch`
// leaves exactly one output for each input.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "core/batch.hpp"

namespace turnstile::core {

class record_transform {
public:
  virtual ~record_transform();

  /// Appends exactly one output for `in` to `batch.outputs`, and where its result is `failed`, one
  /// failure to `batch.failures`. What must outlive the inputs is copied into the batch's arena.
  /// REQUIRES: the batch has its layout. GUARANTEES: no bad input makes it throw; where it throws,
  /// outputs and failures are as before.
  virtual void apply(const record_view& in, record_batch& batch, std::int64_t now_s) = 0;

  /// The batch is done: what was kept for its records only is wiped.
  virtual void end_batch() {}

  /// What an output carries over from its input, whatever becomes of it: offset, timestamp, key
  /// and headers. By default without key and headers: they may hold personal data.
  [[nodiscard]] virtual output_record carry(const record_view& in, arena& memory) const;
};

/// Applies `transform` to every input and releases them. An input whose `apply` throws becomes a
/// failed slot with reason transform_failed; each of a batch that could not be read, one with
/// reason unreadable.
void transform_batch(record_transform& transform, record_batch& batch, std::int64_t now_s);

/// Makes room, so that the next push_back into outputs and failures cannot throw.
void reserve_slot(record_batch& batch);

/// The version in force. Shared by the partition_consumers, which read it, and by whoever brings a
/// new key; any thread.
class version_board {
public:
  explicit version_board(std::shared_ptr<const transform_version> first)
    : in_force_(std::move(first)) {}

  [[nodiscard]] std::shared_ptr<const transform_version> in_force() const {
    const std::lock_guard lock{mutex_};
    return in_force_;
  }

  /// REQUIRES: `next` has a greater generation.
  void put(std::shared_ptr<const transform_version> next) {
    const std::lock_guard lock{mutex_};
    in_force_.swap(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const transform_version> in_force_;
};

/// Of one version, for ever.
[[nodiscard]] inline std::shared_ptr<version_board> one_version(
    std::function<std::unique_ptr<record_transform>()> make) {
  return std::make_shared<version_board>(std::make_shared<const transform_version>(
      transform_version{.generation = 1, .key_id = {}, .make = std::move(make)}));
}

}  // namespace turnstile::core
