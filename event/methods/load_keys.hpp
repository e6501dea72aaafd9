// The keys of all methods, from their files.
//
// Pure but for the files; any thread may call it. Nothing here shows a byte of a key, in errors
// neither.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/settings.hpp"
#include "event/methods/method_keys.hpp"

namespace turnstile::event {

/// Empty: there is none. The pseudonyms' key is in one place at most.
struct key_files {
  std::string pseudonyms;
  std::string ipcrypt;
  std::string ipcrypt_pfx;
  std::string ring;  ///< A folder.
};

[[nodiscard]] key_files key_files_of(const core::settings& settings);
[[nodiscard]] keys_there keys_there_of(const key_files& files);

struct loaded_keys {
  std::string id;  ///< Of the pseudonyms' key; empty: there is none.
  method_keys keys;
  std::string warning;  ///< Of the pseudonyms' key; empty: nothing is known against it.
};

struct key_file_fault {
  std::string option;
  std::string error;
};

/// The active key of the ring.
[[nodiscard]] std::variant<loaded_keys, key_file_fault> load_method_keys(const key_files& files);

/// All keys of the ring, the active one first; at least one.
[[nodiscard]] std::variant<std::vector<loaded_keys>, key_file_fault> load_every_key(
    const key_files& files);

}  // namespace turnstile::event
