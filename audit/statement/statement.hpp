// What an audit proved, as one JSON that is kept and may be signed.
//
// Pure: values and functions, any thread. The fields are documented in docs/statement.md and never
// change their meaning. GUARANTEES: no value of a record is in it; the same facts make the same
// bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/report.hpp"
#include "audit/values/raw_values.hpp"
#include "core/settings.hpp"

namespace turnstile::audit {

inline constexpr int statement_schema = 1;

/// Offsets of one partition that were read, from `begin` to below `end`.
struct partition_span {
  std::int32_t partition = -1;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct topic_span {
  std::string role;  ///< As in `topics.<role>`.
  std::string topic;
  std::vector<partition_span> partitions;
};

/// Of the header `turnstile-key`: with which keys outputs were made.
class key_counts {
public:
  static constexpr std::size_t ids_max = 64;

  /// Also of what is no id, which is not told.
  void add(const core::record_view& output);

  /// By id; those beyond the bound and what is none are `(other)`.
  [[nodiscard]] const std::map<std::string, std::int64_t>& by_id() const { return by_id_; }
  [[nodiscard]] std::int64_t without() const { return without_; }

private:
  std::map<std::string, std::int64_t> by_id_;
  std::int64_t without_ = 0;
};

/// What was read, and what of it was not looked at.
struct reading {
  std::vector<topic_span> topics;
  key_counts keys;
  std::int64_t sealed = 0;      ///< Error records whose content is sealed.
  std::int64_t raw_errors = 0;  ///< Error records that were not looked at: `errors.content` is raw.
  std::optional<value_counts> values;  ///< With `--values`.
};

struct statement_origin {
  std::string program;  ///< With its version.
  std::string time;     ///< RFC 3339, UTC.
  std::string rules_sha256;
};

/// Paths that a rule treats, `key`, and `headers.NAME`.
[[nodiscard]] std::vector<std::string> treated_places(const core::event_rules& rules);

/// One line without a line feed.
[[nodiscard]] std::string to_statement(const statement_origin& origin, const audit_report& report,
                                       const reading& read, const core::settings& settings);

}  // namespace turnstile::audit
