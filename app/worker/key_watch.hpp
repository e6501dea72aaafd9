// Looks at the key ring of a running worker, and brings another active key to it.
//
// Owned by worker_host. Its thread looks each `privacy.key_check_s`; a test calls `look` itself
// instead. The board is read by the partition_consumers meanwhile. GUARANTEES: what cannot be read,
// or was read while it was written, changes nothing; the keys of a version are wiped with the last
// batch that is made with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "core/figures.hpp"
#include "core/settings.hpp"
#include "core/transform.hpp"
#include "event/errors/content_seal.hpp"
#include "event/methods/load_keys.hpp"

namespace turnstile::app {

class key_watch {
public:
  /// `settled_after`: so far apart two reads must agree before a change counts.
  key_watch(std::shared_ptr<const core::settings> settings, event::loaded_keys first,
            std::optional<event::seal_key> seal, std::shared_ptr<core::worker_figures> figures,
            std::chrono::milliseconds settled_after = std::chrono::milliseconds{200});

  [[nodiscard]] const std::shared_ptr<core::version_board>& versions() const { return versions_; }

  /// Of the key in force. REQUIRES: not started.
  [[nodiscard]] const std::string& id() const { return in_force_.id; }
  [[nodiscard]] const std::string& fingerprint() const { return in_force_.fingerprint; }

  /// Looks at intervals from now on, where there is a folder and the settings want it.
  void start();

  void look(const std::stop_token& stop = {});

private:
  /// What of a ring counts: which key is active.
  struct state {
    std::string id, fingerprint;
    std::string fault;  ///< Why there is none; empty: there is.
    friend bool operator==(const state&, const state&) = default;
  };
  struct seen {
    state what;
    std::optional<event::loaded_keys> keys;
  };

  [[nodiscard]] static state state_of(const event::loaded_keys& keys);
  [[nodiscard]] seen read() const;
  [[nodiscard]] std::optional<seen> read_settled(const std::stop_token& stop) const;
  void note_fault(const std::string& fault);
  void take_up(const event::loaded_keys& keys);

  std::shared_ptr<const core::settings> settings_;
  event::key_files files_;
  std::optional<event::seal_key> seal_;  ///< Of error contents: it does not change.
  std::shared_ptr<core::worker_figures> figures_;
  std::chrono::milliseconds settled_after_;
  state in_force_;
  std::string told_;  ///< The fault that the log has; empty: none.
  std::uint64_t generation_ = 1;
  std::shared_ptr<core::version_board> versions_;
  std::jthread thread_;
};

}  // namespace turnstile::app
