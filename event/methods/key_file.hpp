// The secret keys of pseudonyms and of IPCrypt, from their files.
//
// Pure but for the files; any thread may call it. Nothing here shows a byte of a key, in errors
// neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "event/methods/pseudonymiser.hpp"

namespace turnstile::event {

inline constexpr std::size_t key_bytes_min = 32;
inline constexpr std::size_t key_bytes_max = 4096;

/// The key in `path`, or why it cannot be used, in one line. A file that is text (valid UTF-8
/// without control characters) holds the text's bytes as they are, hex and base64 too, without the
/// blanks, line endings and byte-order mark around them; any other holds exactly its bytes. The
/// file must be regular, belong to the process's user or root, be closed to all others, but that a
/// group may read root's, and hold `key_bytes_min` to `key_bytes_max` bytes.
[[nodiscard]] std::variant<secret_key, std::string> load_key_file(const std::string& path);

/// What may be shown of a path where a key or its folder is expected: the path, or that it looks
/// like a key, which must not be found in the log.
[[nodiscard]] std::string shown_path(const std::string& path);

/// Where a relative path that is not there was looked for, as the end of a sentence.
[[nodiscard]] std::string looked_in(const std::string& path);

/// The same of the file `name` in the open folder; the error does not name it.
[[nodiscard]] std::variant<secret_key, std::string> load_key_at(int folder,
                                                                const std::string& name);

/// The same of a key of IPCrypt: as many bytes as it wants, or twice as many hex digits.
[[nodiscard]] std::variant<secret_key, std::string> load_ipcrypt_key_file(const std::string& path);
[[nodiscard]] std::variant<secret_key, std::string> load_ipcrypt_pfx_key_file(
    const std::string& path);

/// What `turnstile keygen` makes pairs of.
enum class pair_key : std::uint8_t { seal_public, seal_secret, sign_public, sign_secret };

inline constexpr std::size_t pair_key_bytes = 32;

/// What stands before the hex digits in the file of such a key.
[[nodiscard]] std::string_view label_of(pair_key kind);

/// The same of a key of a pair: behind its label 32 bytes, or as many in hex. A public key's file
/// may be anybody's and open to all. A file without the label, or with another, is refused.
[[nodiscard]] std::variant<secret_key, std::string> load_pair_key_file(const std::string& path,
                                                                       pair_key kind);

/// Why the key may be easy to guess, or not the one that was meant, as a warning of the
/// configuration, which begins with `where` it was found; empty: nothing is known against it.
[[nodiscard]] std::string key_warning(const secret_key& key, std::string_view where);

}  // namespace turnstile::event
