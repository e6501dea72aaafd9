// Which values so many inputs have that finding one in an output tells nothing: a country, say.
//
// Owned and fed by one thread. Bounded: it keeps hashes of at most `kept_max` values, by the
// algorithm of Misra and Gries, which misses none that is common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace turnstile::audit {

class common_values {
public:
  static constexpr std::size_t kept_max = 1000;
  /// Of fewer values none is common: a test's few events repeat theirs.
  static constexpr std::int64_t added_min = 1000;

  void add(std::string_view value);

  /// Whether it was more than one in a hundred of those added.
  [[nodiscard]] bool is_common(std::string_view value) const;

private:
  std::unordered_map<std::size_t, std::int64_t> counts_;
  std::int64_t added_ = 0;
};

}  // namespace turnstile::audit
