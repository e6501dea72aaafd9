// Follows the paths through an event that is read, and keeps what they lead to.
//
// A part of json_event, used by its readers for the time of one parse.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "event/json_event.hpp"

namespace turnstile::event {

class json_event::walk {
public:
  explicit walk(json_event& event) : event_(event) {}

  void start(bool is_object) {
    level_ = levels_.data();
    *level_ = {&event_.paths_.at(path_states::root), absent, absent, false};
    dead_ = is_object ? 0 : dead_for_good;
  }

  /// Whether anything is known of what the innermost object or array holds.
  [[nodiscard]] bool is_live() const { return dead_ == 0; }

  // REQUIRES of the next two: is_live.
  void key(std::string_view token, std::string_view name) {
    begin(event_.paths_.member(*level_->state, name), token, name, token.data());
  }
  void scalar(core::json_kind kind, std::string_view raw, std::string_view text = {}) {
    if (level_->is_array) begin(level_->state->element, {}, {}, raw.data());
    if (level_->child == absent) return extend_run(raw.data() + raw.size());
    json_field& field = event_.fields_[level_->child];
    field.kind = kind;
    field.raw = raw;
    field.text = text;
  }

  /// `at`: the bracket.
  void open(const char* at, bool is_array) {
    if (dead_ > 0) {
      ++dead_;
      return;
    }
    if (level_->is_array) begin(level_->state->element, {}, {}, at);
    const auto& state = event_.paths_.at(pending_.state);
    if (level_->child == absent && state.tracked) push();
    if (level_->child != absent) event_.fields_[level_->child].raw = std::string_view(at, 1);
    if (!state.tracked || level_ == &levels_.back()) {
      dead_ = 1;
      return;
    }
    *++level_ = {&state, absent, absent, is_array};
  }

  /// `end`: behind the bracket.
  void close(const char* end, core::json_kind kind) {
    if (dead_ > 1) {
      --dead_;
      return;
    }
    if (dead_ == 0) {
      if (level_ == levels_.data()) return;
      --level_;
    }
    dead_ = 0;
    if (level_->child == absent) return extend_run(end);
    json_field& field = event_.fields_[level_->child];
    field.kind = kind;
    field.raw = {field.raw.data(), static_cast<std::size_t>(end - field.raw.data())};
    field.end = static_cast<std::uint32_t>(event_.fields_.size());
  }

private:
  /// Without initial values: there are many, and few are used.
  struct level {
    const path_states::state* state;
    std::uint32_t child;  ///< The field that is read; absent: it may become part of a run.
    std::uint32_t run;    ///< The last one.
    bool is_array;
  };
  struct value_begun {
    path_states::index state = path_states::dead;
    std::string_view key, name;
    const char* from = nullptr;
  };
  static constexpr std::size_t dead_for_good = std::size_t{1} << 40;

  void begin(path_states::index state, std::string_view key, std::string_view name,
             const char* from) {
    if (level_ == levels_.data()) {
      pending_.state = state;
      level_->child = static_cast<std::uint32_t>(event_.fields_.size());
      event_.add_field(state, key, name, true);
      return;
    }
    pending_ = {state, key, name, from};
    const auto& known = event_.paths_.at(state);
    level_->child = absent;
    const bool is_known = known.rule != none || known.place != none || known.is_looked_at;
    if (is_known) push();
  }

  void push() {
    level_->child = static_cast<std::uint32_t>(event_.fields_.size());
    event_.add_field(pending_.state, pending_.key, pending_.name, false);
  }

  void extend_run(const char* end) {
    if (level_->run != absent && level_->run + 1 == event_.fields_.size()) {
      std::string_view& raw = event_.fields_.back().raw;
      raw = {raw.data(), static_cast<std::size_t>(end - raw.data())};
      return;
    }
    event_.sums_.is_right = false;
    level_->run = static_cast<std::uint32_t>(event_.fields_.size());
    json_field& run = event_.fields_.emplace_back();
    run.raw = {pending_.from, static_cast<std::size_t>(end - pending_.from)};
    run.name = pending_.name;
    run.end = level_->run + 1;
    run.is_run = true;
  }

  json_event& event_;
  std::array<level, json_depth_max> levels_;
  level* level_ = nullptr;
  value_begun pending_;
  std::size_t dead_ = dead_for_good;  ///< Objects and arrays that are open and of no interest.
};

}  // namespace turnstile::event
