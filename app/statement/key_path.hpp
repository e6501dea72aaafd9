// The name of a key file from the command line as a path, which the checks of key files may show.
//
// A pure function.
#pragma once

#include <string>

namespace turnstile::app {

[[nodiscard]] inline std::string key_path(const std::string& file) {
  return file.starts_with('/') || file.starts_with('.') ? file : "./" + file;
}

}  // namespace turnstile::app
