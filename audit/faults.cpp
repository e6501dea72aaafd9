#include "audit/faults.hpp"

#include <utility>

namespace turnstile::audit {

namespace {

struct description {
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array<description, fault_count> descriptions{{
    {"missing", "an input that is in no output topic"},
    {"repeated", "an output of an input that has one already"},
    {"two_fates", "an input that is in more than one output topic"},
    {"foreign", "an output whose origin is no input"},
    {"no_origin", "an output without exactly one well-formed origin header"},
    {"order", "an output behind one of a later input of the same partition"},
    {"wrong_partition", "an output in another partition than the contract's"},
    {"no_reason", "an error record without exactly one reason header"},
    {"unknown_reason", "an error record with a reason that the contract does not know"},
    {"raw_value", "a value that a rule treats can be read in an output"},
    {"commit_ahead", "a committed offset above an input that is not written"},
    {"commit_behind", "a committed offset below the end although all workers stopped cleanly"},
    {"summary_total", "a summary whose totals are not the sum of its windows"},
    {"summary_window", "a summary window that does not agree with the offsets it covers"},
    {"summary_moment", "a summary at another count than each multiple"},
    {"summary_sequence", "a summary whose sequence has a gap or a repeat"},
    {"summary_overlap", "inputs that summaries count more often than they are written"},
    {"uncovered", "inputs that no summary covers although all workers stopped cleanly"},
    {"key_missing", "an output that names no key behind, or in place of, one that does"},
    {"key_mixed", "inputs of one range whose outputs two keys wrote"},
    {"key_returned", "a key that is used again after another one"},
}};

}  // namespace

std::string_view name_of(fault kind) { return descriptions[static_cast<std::size_t>(kind)].name; }

std::string_view meaning_of(fault kind) {
  return descriptions[static_cast<std::size_t>(kind)].meaning;
}

std::int64_t fault_list::total() const {
  std::int64_t sum = 0;
  for (const auto& found : found_) sum += found.count;
  return sum;
}

void fault_list::restore(fault kind, std::int64_t count, std::vector<std::string> examples) {
  found_[index(kind)] = {count, std::move(examples)};
}

}  // namespace turnstile::audit
