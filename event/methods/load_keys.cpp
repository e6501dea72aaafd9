#include "event/methods/load_keys.hpp"

#include <optional>
#include <utility>

#include "event/methods/key_file.hpp"

namespace turnstile::event {

namespace {

using loader = std::variant<core::secret_key, std::string>(const std::string&);

/// Loads the key where a file is named; the fault, if any.
std::optional<std::string> load(loader& from, const std::string& path,
                                std::optional<core::secret_key>& to) {
  if (path.empty()) return std::nullopt;
  auto loaded = from(path);
  if (auto* const error = std::get_if<std::string>(&loaded)) return std::move(*error);
  to.emplace(std::get<core::secret_key>(std::move(loaded)));
  return std::nullopt;
}

const core::secret_key* pointer_to(const std::optional<core::secret_key>& key) {
  return key ? &*key : nullptr;
}

}  // namespace

std::variant<loaded_keys, key_file_fault> load_method_keys(const key_files& files) {
  std::optional<core::secret_key> pseudonyms;
  std::optional<core::secret_key> ipcrypt;
  std::optional<core::secret_key> ipcrypt_pfx;
  if (auto error = load(core::load_key_file, files.pseudonyms, pseudonyms))
    return key_file_fault{"privacy.hmac_key_file", *std::move(error)};
  if (auto error = load(core::load_ipcrypt_key_file, files.ipcrypt, ipcrypt))
    return key_file_fault{"privacy.ipcrypt_key_file", *std::move(error)};
  if (auto error = load(core::load_ipcrypt_pfx_key_file, files.ipcrypt_pfx, ipcrypt_pfx))
    return key_file_fault{"privacy.ipcrypt_pfx_key_file", *std::move(error)};
  return loaded_keys{
      make_method_keys(pointer_to(pseudonyms), pointer_to(ipcrypt), pointer_to(ipcrypt_pfx)),
      pseudonyms ? core::key_warning(*pseudonyms) : ""};
}

}  // namespace turnstile::event
