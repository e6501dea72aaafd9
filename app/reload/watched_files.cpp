#include "app/reload/watched_files.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <sys/stat.h>

namespace turnstile::app {

namespace {

bool names_a_file(std::string_view property) {
  constexpr std::array<std::string_view, 3> endings{".location", ".keytab", ".file"};
  return std::ranges::any_of(endings, [&](auto ending) { return property.ends_with(ending); });
}

}  // namespace

std::vector<std::string> watched_files(const core::settings& settings,
                                       const std::vector<std::string>& config_files) {
  std::vector<std::string> out = config_files;
  const auto add = [&out](const std::string& path) {
    if (!path.empty()) out.push_back(path);
  };
  for (const auto* path :
       {&settings.privacy.hmac_key_file, &settings.privacy.ipcrypt_key_file,
        &settings.privacy.ipcrypt_pfx_key_file, &settings.errors.seal_key_file,
        &settings.http.token_file, &settings.http.tls_cert_file, &settings.http.tls_key_file})
    add(*path);
  const auto& kafka = settings.kafka;
  for (const auto* properties : {&kafka.common, &kafka.consumer, &kafka.producer})
    for (const auto& [name, value] : *properties)
      if (names_a_file(name)) add(value);
  return out;
}

std::vector<std::string> states_of(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const auto& path : paths) {
    struct ::stat found {};
    auto& state = out.emplace_back();
    if (::stat(path.c_str(), &found) != 0) continue;
    for (const std::int64_t part :
         {static_cast<std::int64_t>(found.st_dev), static_cast<std::int64_t>(found.st_ino),
          static_cast<std::int64_t>(found.st_size), static_cast<std::int64_t>(found.st_mtim.tv_sec),
          static_cast<std::int64_t>(found.st_mtim.tv_nsec),
          static_cast<std::int64_t>(found.st_ctim.tv_sec),
          static_cast<std::int64_t>(found.st_ctim.tv_nsec)})
      state += std::to_string(part) + " ";
  }
  return out;
}

}  // namespace turnstile::app
