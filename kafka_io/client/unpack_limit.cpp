#include "kafka_io/client/unpack_limit.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>

#include <dlfcn.h>

#include "core/log.hpp"
#include "core/process_stats.hpp"

namespace turnstile::kafka_io {

namespace {

std::atomic<std::int64_t> batch_bytes_max{unpack_limits{}.batch_bytes};
std::atomic<std::int64_t> resident_bytes_max{unpack_limits{}.resident_bytes};
std::atomic<std::uint64_t> memory_refusals{0};

void log_refusal(const char* why, std::int64_t bytes) {
  static std::mutex mutex;
  static core::log_limiter limiter{std::chrono::seconds(1)};
  const std::lock_guard lock{mutex};
  if (limiter.admit(std::chrono::steady_clock::now()))
    core::log_warning("batch is not unpacked",
                      {{"why", why}, {"bytes", bytes}, {"suppressed", limiter.suppressed}});
}

/// `bytes` are, or will be, unpacked of one batch; `to_come` of them take memory yet.
bool may_unpack(std::int64_t bytes, std::int64_t to_come) {
  if (bytes > batch_bytes_max) {
    log_refusal("it is larger than receive.message.max.bytes", bytes);
    return false;
  }
  if (core::read_process_stats().rss_bytes + to_come <= resident_bytes_max) return true;
  ++memory_refusals;
  log_refusal("memory.budget_mib is used up", bytes);
  return false;
}

/// What a thread unpacks now, piece by piece.
struct unpacking {
  std::int64_t bytes = 0;
  std::int64_t looked_at = 0;

  void begin() { *this = {}; }
  /// `resident`: what was unpacked so far is kept.
  bool may_go_on(bool resident) {
    if (bytes < looked_at + unpacked_without_look && bytes <= batch_bytes_max) return true;
    looked_at = bytes;
    return may_unpack(bytes, resident ? 0 : bytes);
  }
};

/// The function that this program's one of the same name stands before.
template <class Function>
Function* function_behind(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

void limit_unpacking(const unpack_limits& limits) {
  batch_bytes_max = limits.batch_bytes;
  resident_bytes_max = limits.resident_bytes;
}

std::uint64_t refused_for_memory() { return memory_refusals; }

}  // namespace turnstile::kafka_io

// The libraries' own interfaces, as far as they are used: their headers need not be installed.

using namespace turnstile::kafka_io;

extern "C" {

/// The beginning of zlib's z_stream.
struct turnstile_z_stream {
  const unsigned char* next_in;
  unsigned avail_in;
  unsigned long total_in;
  unsigned char* next_out;
  unsigned avail_out;
  unsigned long total_out;
};

/// librdkafka counts the bytes first, in pieces that it forgets, and then takes the memory for all.
int inflate(turnstile_z_stream* stream, int flush) {
  using function = int(turnstile_z_stream*, int);
  constexpr int data_error = -3;
  static function* const next = function_behind<function>("inflate");
  static thread_local unpacking now;
  if (stream->total_out == 0) now.begin();
  now.bytes = static_cast<std::int64_t>(stream->total_out);
  return now.may_go_on(false) ? next(stream, flush) : data_error;
}

/// The beginning of LZ4F_frameInfo_t.
struct turnstile_lz4_frame {
  int enums[4];
  unsigned long long content_size;
};

static thread_local unpacking lz4_now;
static constexpr std::size_t lz4_error = static_cast<std::size_t>(-1);
static constexpr std::size_t lz4_errors = static_cast<std::size_t>(-100);  ///< All are above.

std::size_t LZ4F_createDecompressionContext(void** context, unsigned version) {
  using function = std::size_t(void**, unsigned);
  static function* const next = function_behind<function>("LZ4F_createDecompressionContext");
  lz4_now.begin();
  return next(context, version);
}

/// librdkafka believes a size up to 255 times the batch's, and takes the memory at once.
std::size_t LZ4F_getFrameInfo(void* context, turnstile_lz4_frame* frame, const void* from,
                              std::size_t* from_bytes) {
  using function = std::size_t(void*, turnstile_lz4_frame*, const void*, std::size_t*);
  static function* const next = function_behind<function>("LZ4F_getFrameInfo");
  const std::size_t result = next(context, frame, from, from_bytes);
  if (result > lz4_errors) return result;
  const auto bytes = static_cast<std::int64_t>(frame->content_size);
  return bytes < unpacked_without_look || may_unpack(bytes, bytes) ? result : lz4_error;
}

std::size_t LZ4F_decompress(void* context, void* to, std::size_t* to_bytes, const void* from,
                            std::size_t* from_bytes, const void* options) {
  using function = std::size_t(void*, void*, std::size_t*, const void*, std::size_t*, const void*);
  static function* const next = function_behind<function>("LZ4F_decompress");
  const std::size_t result = next(context, to, to_bytes, from, from_bytes, options);
  lz4_now.bytes += static_cast<std::int64_t>(*to_bytes);
  return lz4_now.may_go_on(true) ? result : lz4_error;
}

/// Where a batch does not say its size, librdkafka tries with three times as much memory each time,
/// and may give up at a third of its limit. An upper bound from the blocks' headers spares it that,
/// as long as the bound itself is within the limit.
unsigned long long ZSTD_getFrameContentSize(const void* from, std::size_t bytes) {
  using function = unsigned long long(const void*, std::size_t);
  constexpr auto unknown = static_cast<unsigned long long>(-1);
  constexpr auto error = static_cast<unsigned long long>(-2);
  constexpr auto small = static_cast<unsigned long long>(unpacked_without_look);
  static function* const next = function_behind<function>("ZSTD_getFrameContentSize");
  static function* const bound_of = function_behind<function>("ZSTD_decompressBound");
  unsigned long long size = next(from, bytes);
  if (size == error) return error;
  if (size == unknown) {
    const std::int64_t most = batch_bytes_max;
    const auto bound = bound_of == nullptr ? error : bound_of(from, bytes);
    if (most == unpack_limits{}.batch_bytes || bound < small ||
        bound > static_cast<unsigned long long>(most))
      return unknown;
    size = bound;
  }
  const auto known = static_cast<std::int64_t>(std::min(size, unknown / 2));
  return size < small || may_unpack(known, known) ? size : error;
}

}  // extern "C"
