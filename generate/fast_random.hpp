// Random numbers for generated data: xoshiro256++, seeded by splitmix64.
//
// A plain value of its owner. GUARANTEES: the same seed gives the same numbers everywhere, unlike
// the distributions of <random>. Not for secrets.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace turnstile::generate {

class fast_random {
public:
  explicit fast_random(std::uint64_t seed) {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t next() {
    const std::uint64_t drawn = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return drawn;
  }

  /// From 0 to below `end`, which is small beside 2^32: the bias does not matter then.
  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>(((next() >> 32) * end) >> 32);
  }

  bool one_in(std::size_t n) { return below(n) == 0; }

  /// From 0 to below 1.
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace turnstile::generate
