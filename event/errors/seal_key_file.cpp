#include "event/errors/seal_key_file.hpp"

#include <utility>

#include "event/methods/key_file.hpp"

namespace turnstile::event {

namespace {

std::string no_key(const std::string& path) {
  return "key file " + path + ": nothing can be sealed for these bytes";
}

}  // namespace

std::variant<std::optional<seal_key>, std::string> load_seal_key(const core::settings& settings) {
  if (settings.errors.content != core::error_content::sealed) return std::optional<seal_key>{};
  const std::string& path = settings.errors.seal_key_file;
  auto loaded = load_pair_key_file(path, pair_key::seal_public);
  if (auto* const fault = std::get_if<std::string>(&loaded)) return std::move(*fault);
  auto key = seal_key::of(std::get<secret_key>(loaded).bytes());
  if (!key) return no_key(path);
  return key;
}

std::variant<content_opener, std::string> load_content_opener(const std::string& path) {
  auto loaded = load_pair_key_file(path, pair_key::seal_secret);
  if (auto* const fault = std::get_if<std::string>(&loaded)) return std::move(*fault);
  auto opener = content_opener::of(std::get<secret_key>(loaded).bytes());
  if (!opener) return no_key(path);
  return *std::move(opener);
}

}  // namespace turnstile::event
