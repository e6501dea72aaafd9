// The files that a worker has read at its start, and whether one has changed since.
//
// Free functions; any thread. GUARANTEES: no file is opened, so no key comes into memory again.
#pragma once

#include <string>
#include <vector>

#include "core/settings.hpp"

namespace turnstile::app {

/// Configuration, keys, certificates, token; as paths, which may lead to nothing. Not what a
/// program of others reads behind our back, and not `privacy.key_dir`, which the key ring watches.
[[nodiscard]] std::vector<std::string> watched_files(const core::settings& settings,
                                                     const std::vector<std::string>& config_files);

/// For each a text, which is another where the file was written, replaced, removed, or came; also
/// by a link on the way to it, as Kubernetes does.
[[nodiscard]] std::vector<std::string> states_of(const std::vector<std::string>& paths);

}  // namespace turnstile::app
