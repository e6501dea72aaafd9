// Finds the end of a JSON string without a backslash.
#pragma once

#include <bit>
#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace turnstile::event {

/// So many bytes of NUL must stand behind a text that is scanned.
inline constexpr std::size_t scan_padding = 32;

/// The closing quote, or what may not stand in a string.
inline const char* quote_or_control(const char* from) {
#if defined(__SSE2__)
  for (;; from += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const int found = _mm_movemask_epi8(_mm_or_si128(quotes, controls));
    if (found != 0) return from + std::countr_zero(static_cast<unsigned>(found));
  }
#else
  while (*from != '"' && static_cast<unsigned char>(*from) >= 0x20) ++from;
  return from;
#endif
}

}  // namespace turnstile::event
