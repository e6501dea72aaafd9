#include "event/path_states.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace turnstile::event {

/// Of the tree of all paths without `**`.
struct path_states::node {
  std::uint16_t rule = none;
  std::uint16_t place = none;
  event::inside inside = event::inside::open;
  bool is_looked_at = false;
  scalar_needs needs;
  std::map<std::string, node, std::less<>> members;
  std::unique_ptr<node> element;
};

class path_states::builder {
public:
  builder(path_states& to, const std::vector<bool>& expected) : to_(to), expected_(expected) {}

  void build(const std::vector<known_path>& paths) {
    for (const known_path& p : paths) {
      node& at = is_at_any_depth(p.at) ? deep_[p.at.steps.front().name] : node_of(p.at);
      has_deep_rules_ = has_deep_rules_ || (p.rule != none && is_at_any_depth(p.at));
      at.is_looked_at = at.is_looked_at || p.is_looked_at;
      if (p.rule != none) {
        at.rule = p.rule;
        at.inside = p.inside;
        at.needs = p.needs;
      }
      if (p.place != none) at.place = p.place;
    }
    to_.states_.resize(2);
    make(root, &tree_, nullptr, event::inside::open);
  }

private:
  /// A value's node, the `**` rule that holds for it, and what holds around it.
  using key = std::tuple<const node*, const node*, event::inside>;

  node& node_of(const path& p) {
    node* at = &tree_;
    for (const path_step& step : p.steps) {
      if (step.kind == path_step_kind::elements) {
        if (!at->element) at->element = std::make_unique<node>();
        at = at->element.get();
      } else {
        at = &at->members[step.name];
      }
    }
    return *at;
  }

  index state_of(const node* at, const node* deep, event::inside around) {
    if (at == nullptr && deep == nullptr && deep_.empty()) return dead;
    const auto [found, added] = made_.try_emplace(key{at, deep, around}, dead);
    if (!added) return found->second;
    if (to_.states_.size() >= none) throw std::length_error("too many paths");
    const auto made = static_cast<index>(to_.states_.size());
    found->second = made;
    to_.states_.emplace_back();
    make(made, at, deep, around);
    return made;
  }

  void make(index made, const node* at, const node* deep, event::inside around) {
    state s;
    const bool hidden = around == event::inside::hidden;
    s.inside = around;
    if (at != nullptr) s.place = at->place;
    s.is_looked_at = (at != nullptr && at->is_looked_at) || (deep != nullptr && deep->is_looked_at);
    if (!hidden && at != nullptr && at->rule != none) {
      s.rule = at->rule;
      s.needs = at->needs;
      s.inside = at->inside;
    } else if (!hidden && deep != nullptr && deep->rule != none) {
      s.rule = deep->rule;
      s.needs = deep->needs;
      s.inside = deep->inside;
    }
    std::vector<known_member> members;
    s.tracked = !deep_.empty();
    s.on_way = has_deep_rules_ && s.inside != event::inside::hidden;
    const auto add = [&](const std::string& name, const node* child, const node* rule) {
      const index next = state_of(child, rule, s.inside);
      if (next != dead) members.push_back({name_of(name), next});
    };
    if (at != nullptr)
      for (const auto& [name, child] : at->members) {
        const auto rule = deep_.find(name);
        add(name, &child, rule == deep_.end() ? nullptr : &rule->second);
        const bool applies = s.inside != event::inside::hidden && child.rule != none;
        if (applies && expected_[child.rule]) s.expected.push_back({child.rule, name});
      }
    for (const auto& [name, rule] : deep_)
      if (at == nullptr || !at->members.contains(name)) add(name, nullptr, &rule);
    std::ranges::sort(s.expected, {}, &expected_member::rule);
    s.other = state_of(nullptr, nullptr, s.inside);
    s.element = state_of(at == nullptr ? nullptr : at->element.get(), nullptr, s.inside);
    for (const known_member& member : members) add_what_is_in(s, member.next);
    add_what_is_in(s, s.element);
    to_.fill_slots(s, std::move(members));
    to_.states_[made] = std::move(s);
  }

  void add_what_is_in(state& s, index next) const {
    const state& in = to_.states_[next];
    s.on_way = s.on_way || in.rule != none || in.on_way;
    s.tracked = s.tracked || s.on_way || in.place != none || in.is_looked_at || in.tracked;
  }

  std::string_view name_of(const std::string& name) {
    return *to_.names_.emplace_back(std::make_unique<const std::string>(name));
  }

  path_states& to_;
  const std::vector<bool>& expected_;
  node tree_;
  std::map<std::string, node, std::less<>> deep_;  ///< Of `**`, by name.
  bool has_deep_rules_ = false;
  std::map<key, index> made_;
};

path_states::path_states(const std::vector<known_path>& paths, const std::vector<bool>& expected) {
  for (const known_path& p : paths)
    if (p.place != none) places_ = std::max(places_, std::size_t{p.place} + 1);
  builder(*this, expected).build(paths);
}

/// Of some factors the one with which the fewest names have the place of another.
std::uint32_t path_states::best_factor(const std::vector<known_member>& members,
                                       std::uint32_t mask) {
  constexpr std::uint32_t tried = 64;
  std::uint32_t best = 1;
  std::size_t most = 0;
  for (std::uint32_t i = 0; i < tried && most < members.size(); ++i) {
    const std::uint32_t factor = 0x9e3779b1U + i * 0x2c1b3c6eU;
    std::set<std::uint32_t> taken;
    for (const known_member& member : members) taken.insert(slot_of(member.name, factor) & mask);
    if (taken.size() > most) {
      most = taken.size();
      best = factor;
    }
  }
  return best;
}

void path_states::fill_slots(state& s, std::vector<known_member> members) {
  // At least a quarter stays empty, so that a look for a name that is not there ends.
  const auto count = static_cast<std::uint32_t>(std::bit_ceil(members.size() * 2 + 2));
  s.first_slot = static_cast<std::uint32_t>(slots_.size());
  s.slot_mask = count - 1;
  s.hash_factor = best_factor(members, s.slot_mask);
  slots_.resize(slots_.size() + count);
  for (const known_member& member : members) {
    std::uint32_t i = slot_of(member.name, s.hash_factor);
    while (slots_[s.first_slot + (i & s.slot_mask)].next != dead) ++i;
    slots_[s.first_slot + (i & s.slot_mask)] = member;
  }
}

}  // namespace turnstile::event
