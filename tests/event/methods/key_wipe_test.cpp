// Whether key material is gone from the process's memory with its last user.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nettle/hmac.h>
#include <unistd.h>

#include "event/methods/method_keys.hpp"

using namespace turnstile;

namespace {

/// Kept with all bits turned, so that the search does not find what it searches for.
struct pattern {
  std::array<unsigned char, 32> turned{};

  template <class Bytes>
  explicit pattern(const Bytes* from) {
    for (std::size_t i = 0; i < turned.size(); ++i)
      turned[i] = static_cast<unsigned char>(~static_cast<unsigned char>(from[i]));
  }
  [[nodiscard]] bool is_at(const unsigned char* bytes) const {
    for (std::size_t i = 0; i < turned.size(); ++i)
      if (static_cast<unsigned char>(~bytes[i]) != turned[i]) return false;
    return true;
  }
};

/// Left out: the buffer for reading itself, what cannot be read, and a sanitizer's own memory.
bool is_in_memory(const pattern& wanted) {
  static std::vector<unsigned char> page(std::size_t{1} << 16U);
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  std::ifstream maps("/proc/self/maps");
  bool found = false;
  for (std::string line; !found && std::getline(maps, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx", &from, &to) != 2) continue;
    if (to - from > std::uintptr_t{1} << 30U) continue;
    for (std::uintptr_t at = from; !found && at < to; at += 4096) {
      const auto own = reinterpret_cast<std::uintptr_t>(page.data());
      if (at + 4096 > own && at < own + page.size()) continue;
      if (::pread(memory, page.data(), 4096, static_cast<off_t>(at)) != 4096) continue;
      for (std::size_t i = 0; i + 32 <= 4096; i += 4) found = found || wanted.is_at(&page[i]);
    }
  }
  ::close(memory);
  std::fill(page.begin(), page.end(), 0);
  return found;
}

/// The inner state of HMAC with this key, which is all that an attacker needs of it.
[[gnu::noinline]] pattern state_of(const event::secret_key& key) {
  hmac_sha256_ctx state;
  hmac_sha256_set_key(&state, key.bytes().size(), key.bytes().data());
  const pattern made(reinterpret_cast<const unsigned char*>(&state.inner));
  explicit_bzero(&state, sizeof state);
  return made;
}

[[gnu::noinline]] void overwrite_stack() {
  std::array<unsigned char, 65536> used;
  explicit_bzero(used.data(), used.size());
}

}  // namespace

TEST_CASE("a key and what is derived from it are wiped with their last user") {
  std::array<unsigned char, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(7 * i + 3);
  auto key = std::make_unique<event::secret_key>(bytes);
  const pattern raw(bytes.data());
  explicit_bzero(bytes.data(), bytes.size());
  const pattern hmac = state_of(*key);
  overwrite_stack();
  REQUIRE(is_in_memory(raw));
  auto keys =
      std::make_unique<event::method_keys>(event::make_method_keys(key.get(), nullptr, nullptr));
  key.reset();
  overwrite_stack();
  CHECK_FALSE(is_in_memory(raw));
  REQUIRE(is_in_memory(hmac));
  const std::string used = keys->pseudonyms->of("203.0.113.7");
  keys.reset();
  overwrite_stack();
  CHECK_FALSE(is_in_memory(hmac));
}
