#include "event/errors/foreign_headers.hpp"

#include <algorithm>
#include <array>

namespace turnstile::event {

namespace {

using core::header_style;
using core::header_view;

constexpr std::string_view streams_prefix = "__streams.errors.";
constexpr std::string_view connect_prefix = "__connect.errors.";

/// As org.apache.kafka.connect.runtime.errors.Stage names them.
std::string_view connect_stage(core::stage where) {
  switch (where) {
    case core::stage::parse:
      return "VALUE_CONVERTER";
    case core::stage::publish:
      return "KAFKA_PRODUCE";
    case core::stage::validate:
    case core::stage::transform:
      break;
  }
  return "TRANSFORMATION";
}

}  // namespace

bool is_foreign_header(std::string_view name, header_style style) {
  switch (style) {
    case header_style::streams:
      return name.starts_with(streams_prefix);
    case header_style::connect:
      return name.starts_with(connect_prefix);
    case header_style::turnstile:
      break;
  }
  return false;
}

std::span<header_view> with_foreign_headers(std::span<header_view> carried,
                                            const foreign_headers& wanted,
                                            core::record_batch& batch, const core::failure& failed,
                                            std::string_view worker_id) {
  if (wanted.style == header_style::turnstile) return carried;
  core::arena& memory = batch.memory;
  const auto copied = [&memory](const std::string& text) { return memory.copy(text); };
  const std::string_view why = name_of(failed.reason);
  const std::string_view topic = copied(wanted.input_topic);
  const std::string_view partition = copied(std::to_string(batch.source.assignment().partition));
  const std::string_view offset = copied(std::to_string(batch.outputs[failed.slot].source_offset));
  const std::string_view message = copied(std::string(why) + ": " + std::string(failed.error_type));
  const std::array<header_view, 5> streams{{{"__streams.errors.exception", why},
                                            {"__streams.errors.message", message},
                                            {"__streams.errors.topic", topic},
                                            {"__streams.errors.partition", partition},
                                            {"__streams.errors.offset", offset}}};
  const std::array<header_view, 9> connect{
      {{"__connect.errors.topic", topic},
       {"__connect.errors.partition", partition},
       {"__connect.errors.offset", offset},
       {"__connect.errors.connector.name", copied(wanted.group)},
       {"__connect.errors.task.id", memory.copy(worker_id)},
       {"__connect.errors.stage", connect_stage(failed.stage)},
       {"__connect.errors.class.name", "turnstile"},
       {"__connect.errors.exception.class.name", why},
       {"__connect.errors.exception.message", message}}};
  const std::span<const header_view> added = wanted.style == header_style::streams
                                                 ? std::span<const header_view>(streams)
                                                 : std::span<const header_view>(connect);
  const auto all = memory.make<header_view>(carried.size() + added.size());
  std::ranges::copy(added, std::ranges::copy(carried, all.begin()).out);
  return all;
}

}  // namespace turnstile::event
