// Events that fit given rules, each with what its rules want to find: to try rules of one's own.
//
// Owned and used by one thread. Pure: the same rules and seed give the same events. GUARANTEES: an
// event has a value for each path that is required, of its type and one that its method takes; the
// filter lets it pass, unless a value to drop is all that there could be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/event_rules.hpp"
#include "event/path.hpp"
#include "generate/event_factory.hpp"
#include "generate/fast_random.hpp"

namespace turnstile::generate {

class rules_factory {
public:
  rules_factory(core::event_rules rules, std::uint64_t seed);

  /// Of the kind `processed`; good until the next one is made.
  [[nodiscard]] generated_event next();

private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// A value of the event, and what lies below it.
  struct node {
    std::string name;  ///< Of a member; an element has none.
    bool is_array = false;
    bool required = false;
    std::size_t rule = none;
    const core::filter_condition* keep = nullptr;
    std::vector<std::size_t> children;  ///< Members; of an array its one element.
  };

  std::size_t add(const event::path& at);
  [[nodiscard]] std::size_t child(std::size_t of, const event::path_step& step);
  void require_up_to(const event::path& at);

  void write(std::size_t at);
  void write_members(const node& of);
  void write_elements(const node& of);
  void write_value(const node& of);
  void write_kept(const core::filter_condition& keep);
  void write_time(const core::time_rule& rule);
  void write_string(std::string_view text);
  [[nodiscard]] bool is_left_out(const node& of);
  [[nodiscard]] std::string text_for(const core::method_rule& method, std::string_view name);
  [[nodiscard]] std::string address(core::port_policy port);
  [[nodiscard]] std::string hex(std::size_t digits);
  [[nodiscard]] std::string uuid();

  core::event_rules rules_;
  fast_random random_;
  std::vector<node> nodes_;
  std::uint64_t made_ = 0;
  std::string text_;
  std::string key_;
  std::vector<std::string> header_values_;
  std::vector<core::header_view> headers_;
};

}  // namespace turnstile::generate
