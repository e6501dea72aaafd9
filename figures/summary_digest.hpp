// The last summary, cut to what a page shows: its totals, and of each counted field the values that
// occur most.
//
// A free function; any thread may call it. GUARANTEES: bounded, whatever the summary holds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace turnstile::figures {

/// Of one field; the others are told as one number.
inline constexpr std::size_t digest_values_max = 8;
inline constexpr std::size_t digest_fields_max = 16;

/// `{"processed_count":…,…,"sequence":…,"timestamp":…,"counts":{"locale_counts":{"values":[["KS",3],
/// …],"others":…,"other_values":…}}}`; `null` for what is no summary.
[[nodiscard]] std::string summary_digest(std::string_view summary);

}  // namespace turnstile::figures
