// A stream for RapidJSON's reader over JSON without a backslash: nothing is unescaped there, so a
// string is found by one look for its closing quote.
//
// On the stack of one parse. REQUIRES: 32 bytes of NUL behind the text. RapidJSON must be told to
// parse in situ, but nothing is written: a string's end is known by its size only.
#pragma once

#include <bit>
#include <cstddef>

#include <rapidjson/reader.h>

namespace turnstile::core {

struct plain_stream {
  using Ch = char;

  explicit plain_stream(const char* text) : src_(text), head_(text) {}

  [[nodiscard]] Ch Peek() const { return *src_; }
  Ch Take() { return *src_++; }
  [[nodiscard]] std::size_t Tell() const { return static_cast<std::size_t>(src_ - head_); }

  /// Called behind an opening quote: goes on to the closing one, or to what may not stand in a
  /// string, which the reader then refuses. Also called at a number, of which there may be many
  /// before the next quote: stays there.
  Ch* PutBegin() {
    const char* const begin = src_;
    if (begin != head_ && begin[-1] == '"') src_ = quote_or_control(src_);
    return const_cast<char*>(begin);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }
  void Put(Ch) {}
  std::size_t PutEnd(const Ch* begin) { return static_cast<std::size_t>(src_ - begin); }
  void Flush() {}

  static const char* quote_or_control(const char* from);

  const char* src_;
  const char* head_;
};

#if defined(__SSE2__)

inline const char* plain_stream::quote_or_control(const char* from) {
  for (;; from += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const int found = _mm_movemask_epi8(_mm_or_si128(quotes, controls));
    if (found != 0) return from + std::countr_zero(static_cast<unsigned>(found));
  }
}

#else

inline const char* plain_stream::quote_or_control(const char* from) {
  while (*from != '"' && static_cast<unsigned char>(*from) >= 0x20) ++from;
  return from;
}

#endif

}  // namespace turnstile::core

namespace rapidjson {

template <>
struct StreamTraits<turnstile::core::plain_stream> {
  enum { copyOptimization = 1 };
};

template <>
inline void SkipWhitespace(turnstile::core::plain_stream& in) {
  while (*in.src_ == ' ' || *in.src_ == '\n' || *in.src_ == '\r' || *in.src_ == '\t') ++in.src_;
}

}  // namespace rapidjson
