#include "app/worker/key_watch.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>
#include <variant>

#include "core/log.hpp"
#include "event/event_transform.hpp"
#include "event/plan.hpp"

namespace turnstile::app {

namespace {

/// Reads of a folder that somebody is writing to, before the next look.
constexpr int tries = 3;

void pause(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, stop, duration, [] { return false; });
}

std::shared_ptr<const core::transform_version> make_version(
    std::shared_ptr<const core::settings> settings, std::uint64_t generation,
    const event::loaded_keys& loaded, const std::optional<event::seal_key>& seal) {
  const bool is_used = event::use_pseudonym_key(
      settings->event, event::keys_there_of(event::key_files_of(*settings)));
  auto made = std::make_shared<core::transform_version>();
  made->generation = generation;
  if (is_used) made->key_id = loaded.id;
  auto plan = std::make_shared<const event::plan>(settings->event, loaded.keys);
  made->make = [settings = std::move(settings), plan = std::move(plan), seal] {
    return std::make_unique<event::event_transform>(*settings, plan, seal);
  };
  return made;
}

}  // namespace

key_watch::key_watch(std::shared_ptr<const core::settings> settings,
                     event::loaded_keys first,  // NOLINT(performance-unnecessary-value-param)
                     std::optional<event::seal_key> seal,
                     std::shared_ptr<core::worker_figures> figures,
                     std::chrono::milliseconds settled_after)
  : settings_(std::move(settings)),
    files_(event::key_files_of(*settings_)),
    seal_(std::move(seal)),
    figures_(std::move(figures)),
    settled_after_(settled_after),
    in_force_(state_of(first)),
    versions_(
        std::make_shared<core::version_board>(make_version(settings_, generation_, first, seal_))) {
}

void key_watch::start() {
  if (files_.ring.empty() || settings_->privacy.key_check_s == 0) return;
  thread_ = std::jthread{[this](const std::stop_token& stop) {
    const std::chrono::seconds interval{settings_->privacy.key_check_s};
    for (pause(interval, stop); !stop.stop_requested(); pause(interval, stop)) look(stop);
  }};
}

key_watch::state key_watch::state_of(const event::loaded_keys& keys) {
  return {keys.id, keys.keys.pseudonyms->key_fingerprint(), {}};
}

key_watch::seen key_watch::read() const {
  auto loaded = event::load_method_keys(files_);
  if (const auto* fault = std::get_if<event::key_file_fault>(&loaded))
    return {{{}, {}, fault->option + ": " + fault->error}, {}};
  auto& keys = std::get<event::loaded_keys>(loaded);
  return {state_of(keys), std::move(keys)};
}

/// Nothing: it is being written, so that no two reads agree.
std::optional<key_watch::seen> key_watch::read_settled(const std::stop_token& stop) const {
  seen before = read();
  for (int n = 0; n < tries && before.what != in_force_; ++n) {
    pause(settled_after_, stop);
    if (stop.stop_requested()) return std::nullopt;
    seen now = read();
    if (now.what == before.what) return now;
    before = std::move(now);
  }
  return before.what == in_force_ ? std::optional{std::move(before)} : std::nullopt;
}

void key_watch::look(const std::stop_token& stop) {
  const auto found = read_settled(stop);
  if (!found) return;
  const state& now = found->what;
  if (!now.fault.empty()) return note_fault(now.fault);
  // Outputs of both keys would carry one id.
  if (now.id == in_force_.id && now != in_force_)
    return note_fault("privacy.key_dir: " + now.id +
                      ".key holds another key than before: give a new key an id of its own");
  if (!std::exchange(told_, {}).empty())
    core::log_info("key ring can be used again", {{"key", now.id}});
  if (now != in_force_) take_up(*found->keys);
}

void key_watch::note_fault(const std::string& fault) {
  figures_->key_ring_faults.add(1);
  if (std::exchange(told_, fault) == fault) return;
  core::log_error("key ring cannot be used, the key in force stays",
                  {{"error", fault}, {"key", in_force_.id}});
}

void key_watch::take_up(const event::loaded_keys& keys) {
  versions_->put(make_version(settings_, ++generation_, keys, seal_));
  const state before = std::exchange(in_force_, state_of(keys));
  if (!keys.warning.empty()) core::log_warning("configuration", {{"detail", keys.warning}});
  core::log_info(
      "key taken up",
      {{"key", in_force_.id}, {"fingerprint", in_force_.fingerprint}, {"before", before.id}});
}

}  // namespace turnstile::app
