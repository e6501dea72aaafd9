// The keys of all methods, from their files.
//
// Called once at the start, by any thread. Nothing here shows a byte of a key, in errors neither.
#pragma once

#include <string>
#include <variant>

#include "event/methods/method_keys.hpp"

namespace turnstile::event {

/// Empty: there is none.
struct key_files {
  std::string pseudonyms;
  std::string ipcrypt;
  std::string ipcrypt_pfx;
};

struct loaded_keys {
  method_keys keys;
  std::string warning;  ///< Of the pseudonyms' key; empty: nothing is known against it.
};

struct key_file_fault {
  std::string option;
  std::string error;
};

[[nodiscard]] std::variant<loaded_keys, key_file_fault> load_method_keys(const key_files& files);

}  // namespace turnstile::event
