// With which key of the ring were the inputs of a partition written, from which offset on?
//
// Owned by an auditor, used by one thread. Keeps runs, not offsets: of each place where outputs of
// a partition go, in the order of reading, the ranges that one key wrote. GUARANTEES: bounded
// (`runs_max` of a place); no value of a record is kept but the key's id, and nothing that is no
// id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "audit/fate_map.hpp"
#include "audit/faults.hpp"
#include "core/record.hpp"

namespace turnstile::audit {

/// Inputs of one partition whose outputs one key wrote.
struct key_run {
  std::string key;  ///< Empty: none.
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t outputs = 0;
};

struct partition_keys {
  std::vector<key_run> runs;  ///< By their first offsets.
  std::int64_t left_out = 0;  ///< Outputs of runs beyond the bound.
};

class key_audit {
public:
  static constexpr std::size_t runs_max = 1000;
  /// In place of what is no id.
  static constexpr const char* no_id = "(no id)";

  explicit key_audit(std::size_t partitions) : partitions_(partitions) {}

  /// An output of an input of `partition` at `place`, any number for each topic and partition.
  void add(std::size_t partition, std::size_t place, std::int64_t offset,
           std::span<const core::header_view> headers);

  /// `expected`: the rules use a key, so that a partition without any is one where it should be.
  [[nodiscard]] partition_keys judge(std::size_t partition, bool expected,
                                     fault_list& faults) const;

  // Of a moving audit that is saved: the runs of one place.

  using places = std::map<std::size_t, partition_keys>;
  [[nodiscard]] const places& of(std::size_t partition) const { return partitions_[partition]; }
  void restore(std::size_t partition, std::size_t place, partition_keys saved) {
    partitions_[partition][place] = std::move(saved);
  }

private:
  std::vector<places> partitions_;
};

}  // namespace turnstile::audit
