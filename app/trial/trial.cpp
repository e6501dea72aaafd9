#include "app/trial/trial.hpp"

#include <ctime>
#include <string_view>

#include "event/error_record.hpp"
#include "event/errors/seal_key_file.hpp"
#include "event/event_transform.hpp"
#include "event/methods/load_keys.hpp"

namespace turnstile::app {

namespace {

constexpr std::string_view worker_id = "trial";

std::optional<std::string> copied(const core::maybe_bytes& bytes) {
  return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
}

core::maybe_bytes view_of(const std::optional<std::string>& bytes) {
  return bytes ? core::maybe_bytes{*bytes} : std::nullopt;
}

/// What follows `"message_content":` up to the end of the object that begins there.
std::string_view content_of(std::string_view value) {
  constexpr std::string_view before = "\"message_content\":";
  const auto begin = value.find(before);
  if (begin == std::string_view::npos) return {};
  value.remove_prefix(begin + before.size());
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return value.substr(0, i + 1);
  }
  return {};
}

}  // namespace

trial::trial(const core::settings& settings, std::unique_ptr<core::record_transform> transform)
  : settings_(settings), transform_(std::move(transform)) {}

std::variant<std::shared_ptr<const event::plan>, std::string> load_rules(
    const core::settings& settings) {
  const auto loaded = event::load_method_keys(event::key_files_of(settings));
  if (const auto* fault = std::get_if<event::key_file_fault>(&loaded))
    return fault->option + ": " + fault->error;
  return std::make_shared<const event::plan>(settings.event,
                                             std::get<event::loaded_keys>(loaded).keys);
}

std::variant<trial, std::string> trial::make(const core::settings& settings) {
  auto rules = load_rules(settings);
  if (auto* fault = std::get_if<std::string>(&rules)) return std::move(*fault);
  auto seal = event::load_seal_key(settings);
  if (auto* fault = std::get_if<std::string>(&seal)) return "errors.seal_key_file: " + *fault;
  return trial(settings, std::make_unique<event::event_transform>(settings, std::get<0>(rules),
                                                                  std::get<0>(seal)));
}

tried_event trial::run(const given_event& event) const {
  std::vector<core::header_view> headers;
  for (const auto& [name, value] : event.headers) headers.push_back({name, view_of(value)});
  core::record_batch batch;
  batch.source = core::partition_epoch{};
  batch.layout = std::make_shared<const core::topic_layout>();
  batch.inputs.push_back({.offset = 0,
                          .timestamp_ms = event.timestamp_ms,
                          .key = view_of(event.key),
                          .value = view_of(event.value),
                          .headers = headers});
  const std::int64_t now_s = std::time(nullptr);
  core::transform_batch(*transform_, batch, now_s);
  tried_event out;
  for (const auto& failed : batch.failures) {
    event::write_error_record(
        batch, failed, worker_id, now_s, core::origin_bytes_max,
        {settings_.errors.header_style, settings_.topics.input, settings_.kafka.group});
    out.reason = failed.reason;
    out.error_type = failed.error_type;
  }
  const auto& record = batch.outputs.front();
  out.outcome = record.result;
  out.topic = core::output_topics(settings_)[static_cast<std::size_t>(record.topic)];
  if (!record.is_tombstone) out.value = std::string(record.value);
  out.key = copied(record.key);
  for (const auto& header : record.headers)
    out.headers.emplace_back(header.name, copied(header.value));
  return out;
}

std::string_view name_of(core::outcome outcome) {
  switch (outcome) {
    case core::outcome::processed:
      return "processed";
    case core::outcome::filtered:
      return "filtered";
    case core::outcome::failed:
      break;
  }
  return "error";
}

std::string_view event_of(const tried_event& tried) {
  if (!tried.value) return {};
  return tried.outcome == core::outcome::processed ? std::string_view{*tried.value}
                                                   : content_of(*tried.value);
}

}  // namespace turnstile::app
