// Do the summaries add up, and do they agree with the offsets that they say they cover?
//
// Owned by one thread beside the auditor whose ledgers it fills with covers. Fed with the summary
// topic's records in their order, once the outputs are read and the open offsets settled. What a
// killed worker left uncovered is a figure, not a fault. Memory: a few hundred bytes a worker and
// its counted values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/auditor.hpp"

namespace turnstile::audit {

/// All counts of a summary or window by name; zeros are left out.
using flat_counts = std::map<std::string, std::int64_t, std::less<>>;

struct parsed_summary {
  std::string worker;
  std::int64_t sequence = 0;
  std::int64_t multiples = 1;  ///< Of `summary.every`, that it stands for.
  flat_counts total;
  flat_counts window;
  std::map<std::int32_t, std::vector<offset_range>> covers;
};

/// Nothing where it is no summary of the contract.
[[nodiscard]] std::optional<parsed_summary> parse_summary(std::string_view value,
                                                          std::string_view input_topic);

class summary_audit {
public:
  explicit summary_audit(auditor& audited) : audited_(audited) {}

  /// The topic's first records are gone or were not read: a worker may begin anywhere.
  void set_begins_late() { begins_late_ = true; }

  void add(std::int32_t partition, std::int64_t offset, const core::maybe_bytes& key,
           const core::maybe_bytes& value);

  struct figures {
    std::int64_t workers = 0;
    std::int64_t summaries = 0;
    std::int64_t windows_compared = 0;
    std::int64_t windows_not_compared = 0;  ///< They reach beyond what is known.
    std::int64_t uncovered = 0;
    std::int64_t covered_again = 0;
  };

  /// What `partition_ledger::drop_below` said.
  void note(std::int32_t partition, const partition_ledger::coverage& said);

  /// The faults that show only once all were read. Call once.
  figures finish();

  /// As far as is known.
  [[nodiscard]] figures figures_now() const;

  /// The overlaps among the offsets that the ledgers hold.
  void add_overlaps_now(fault_list& to) const;

private:
  friend class saved_audit;
  struct worker {
    std::int64_t sequence = 0;
    flat_counts total;
    /// Its last summary was at no multiple, as only the one of a clean stop may be.
    bool ended = false;
  };

  void check_worker(const parsed_summary& summary, const std::string& where);
  void check_window(const parsed_summary& summary, const std::string& where);
  static void add_overlaps(fault_list& to, std::int32_t partition,
                           const partition_ledger::coverage& said);
  void check_sums(const flat_counts& window, const std::string& where);

  auditor& audited_;
  bool begins_late_ = false;
  std::map<std::string, worker, std::less<>> workers_;
  figures figures_;
};

}  // namespace turnstile::audit
