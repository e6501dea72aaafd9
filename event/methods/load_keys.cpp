#include "event/methods/load_keys.hpp"

#include <optional>
#include <utility>

#include "event/methods/key_file.hpp"
#include "event/methods/key_ring.hpp"

namespace turnstile::event {

namespace {

using loader = std::variant<secret_key, std::string>(const std::string&);

/// Loads the key where a file is named; the fault, if any.
std::optional<std::string> load(loader& from, const std::string& path,
                                std::optional<secret_key>& to) {
  if (path.empty()) return std::nullopt;
  auto loaded = from(path);
  if (auto* const error = std::get_if<std::string>(&loaded)) return std::move(*error);
  to.emplace(std::get<secret_key>(std::move(loaded)));
  return std::nullopt;
}

const secret_key* pointer_to(const std::optional<secret_key>& key) { return key ? &*key : nullptr; }

/// Of no key where there is neither a file nor a folder.
std::variant<key_ring, key_file_fault> load_pseudonym_keys(const key_files& files) {
  key_ring ring;
  if (!files.ring.empty()) {
    auto loaded = load_key_ring(files.ring);
    if (auto* const error = std::get_if<std::string>(&loaded))
      return key_file_fault{"privacy.key_dir", std::move(*error)};
    return std::get<key_ring>(std::move(loaded));
  }
  std::optional<secret_key> only;
  if (auto error = load(load_key_file, files.pseudonyms, only))
    return key_file_fault{"privacy.hmac_key_file", *std::move(error)};
  if (only) ring.keys.push_back({std::string(single_key_id), *std::move(only)});
  return ring;
}

std::string warning_of(const ring_key& key, const key_files& files) {
  return files.ring.empty() ? key_warning(key.key, "privacy.hmac_key_file")
                            : key_warning(key.key, "privacy.key_dir: " + key.id + ".key");
}

/// At most `most` keys of the ring; all files are read, and checked.
std::variant<std::vector<loaded_keys>, key_file_fault> load(const key_files& files,
                                                            std::size_t most) {
  auto pseudonyms = load_pseudonym_keys(files);
  if (auto* const fault = std::get_if<key_file_fault>(&pseudonyms)) return std::move(*fault);
  std::optional<secret_key> ipcrypt;
  std::optional<secret_key> ipcrypt_pfx;
  if (auto error = load(load_ipcrypt_key_file, files.ipcrypt, ipcrypt))
    return key_file_fault{"privacy.ipcrypt_key_file", *std::move(error)};
  if (auto error = load(load_ipcrypt_pfx_key_file, files.ipcrypt_pfx, ipcrypt_pfx))
    return key_file_fault{"privacy.ipcrypt_pfx_key_file", *std::move(error)};
  const auto made = [&](const secret_key* key) {
    return make_method_keys(key, pointer_to(ipcrypt), pointer_to(ipcrypt_pfx));
  };
  std::vector<loaded_keys> all;
  for (const ring_key& one : std::get<key_ring>(pseudonyms).keys)
    if (all.size() < most) all.push_back({one.id, made(&one.key), warning_of(one, files)});
  if (all.empty()) all.push_back({"", made(nullptr), ""});
  return all;
}

}  // namespace

key_files key_files_of(const core::settings& settings) {
  const auto& privacy = settings.privacy;
  return {.pseudonyms = privacy.hmac_key_file,
          .ipcrypt = privacy.ipcrypt_key_file,
          .ipcrypt_pfx = privacy.ipcrypt_pfx_key_file,
          .ring = privacy.key_dir};
}

keys_there keys_there_of(const key_files& files) {
  return {.pseudonyms = !files.pseudonyms.empty() || !files.ring.empty(),
          .ipcrypt = !files.ipcrypt.empty(),
          .ipcrypt_pfx = !files.ipcrypt_pfx.empty()};
}

std::variant<std::vector<loaded_keys>, key_file_fault> load_every_key(const key_files& files) {
  return load(files, ring_keys_max);
}

std::variant<loaded_keys, key_file_fault> load_method_keys(const key_files& files) {
  auto first = load(files, 1);
  if (auto* const fault = std::get_if<key_file_fault>(&first)) return std::move(*fault);
  return std::move(std::get<std::vector<loaded_keys>>(first).front());
}

}  // namespace turnstile::event
