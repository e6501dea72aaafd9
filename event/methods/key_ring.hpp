// The key ring: a folder of `<id>.key` files, and a file `active` that says which of them is used.
//
// Pure but for the files; any thread may call it. Nothing here shows a byte of a key, in errors
// neither. GUARANTEES: all of a ring is of one state of the folder where Kubernetes mounts it,
// whose states are swapped as a whole; elsewhere of the files as they were read one after the
// other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/methods/pseudonymiser.hpp"

namespace turnstile::event {

inline constexpr std::size_t key_id_bytes_max = 32;
/// Of a ring; more is a folder that is none.
inline constexpr std::size_t ring_keys_max = 1000;

/// Of the one key that a file of its own holds.
inline constexpr std::string_view single_key_id = "0";

/// `[a-z0-9-]{1,32}`
[[nodiscard]] bool is_key_id(std::string_view text);

struct ring_key {
  std::string id;
  secret_key key;
};

struct key_ring {
  std::vector<ring_key> keys;  ///< The active one first, then in the order of their ids.
};

/// Or why it cannot be used, in one line that names the file. Each key file is checked as
/// `load_key_file` does it; files of other names are not looked at.
[[nodiscard]] std::variant<key_ring, std::string> load_key_ring(const std::string& folder);

}  // namespace turnstile::event
