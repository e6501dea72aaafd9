#include "core/transform.hpp"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include <cxxabi.h>

namespace turnstile::core {

namespace {

/// By which what is kept of an event is usually larger than its input: two pseudonyms, a formatted
/// timestamp, and what the summary and an error record need.
constexpr std::size_t growth_bytes = 192;

constexpr std::string_view bare_error_type = "Transformation error";

/// The exception's type, never its text: that may quote the record.
std::string describe(const std::exception& error) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status), std::free);
  return std::string(bare_error_type) + ": " + (name ? name.get() : "an exception");
}

/// The slot of an input whose transform threw; gives up what needs memory where there is none.
void append_thrown(record_transform& transform, record_batch& batch, const record_view& in,
                   const std::exception* error) {
  output_record out;
  failure failed;
  failed.error_type = bare_error_type;
  try {
    failed.error_type =
        batch.memory.copy(error ? describe(*error) : "Transformation error: unknown exception");
    out = transform.carry(in, batch.memory);
  } catch (const std::exception&) {
    out = {};
    out.source_offset = in.offset;
    out.timestamp_ms = in.timestamp_ms;
  }
  out.key_id = batch.key_id();
  out.result = outcome::failed;
  out.topic = output_topic::errors;
  failed.slot = batch.outputs.size();
  failed.reason = reason::transform_failed;
  failed.stage = stage::transform;
  batch.outputs.push_back(std::move(out));
  batch.failures.push_back(failed);
}

/// A slot of an input of which nothing but its offset is known.
void append_unreadable(record_batch& batch, const record_view& in, std::string_view error_type) {
  output_record out;
  out.source_offset = in.offset;
  out.key_id = batch.key_id();
  out.result = outcome::failed;
  out.topic = output_topic::errors;
  failure failed;
  failed.slot = batch.outputs.size();
  failed.reason = reason::unreadable;
  failed.error_type = error_type;
  batch.outputs.push_back(out);
  batch.failures.push_back(failed);
}

template <class T>
void grow_for_one(std::vector<T>& items) {
  if (items.size() == items.capacity()) items.reserve(std::max<std::size_t>(16, 2 * items.size()));
}

}  // namespace

record_transform::~record_transform() = default;

output_record record_transform::carry(const record_view& in, arena&) const {
  output_record out;
  out.source_offset = in.offset;
  out.timestamp_ms = in.timestamp_ms;
  return out;
}

void reserve_slot(record_batch& batch) {
  grow_for_one(batch.outputs);
  grow_for_one(batch.failures);
}

void transform_batch(record_transform& transform, record_batch& batch, std::int64_t now_s) {
  // Reserved for the worst case: behind this line no std::exception stops the batch, not even lack
  // of memory.
  batch.outputs.reserve(batch.inputs.size());
  batch.failures.reserve(batch.inputs.size());
  batch.memory.expect(batch.input_bytes + batch.inputs.size() * growth_bytes);
  const auto restore = [&batch](std::size_t outputs, std::size_t failures) {
    batch.outputs.resize(outputs);
    batch.failures.resize(failures);
  };
  for (const record_view& in : batch.inputs) {
    if (!batch.unreadable.empty()) {
      append_unreadable(batch, in, batch.unreadable);
      continue;
    }
    const std::size_t outputs = batch.outputs.size();
    const std::size_t failures = batch.failures.size();
    try {
      transform.apply(in, batch, now_s);
    } catch (const std::exception& error) {
      restore(outputs, failures);
      append_thrown(transform, batch, in, &error);
    } catch (...) {
      restore(outputs, failures);
      append_thrown(transform, batch, in, nullptr);
    }
    assert(batch.outputs.size() == outputs + 1);
  }
  transform.end_batch();
  batch.release_inputs();
  // The batch waits for its acknowledgements without the room that no failure took.
  if (batch.failures.empty()) batch.failures = std::vector<failure>();
}

}  // namespace turnstile::core
