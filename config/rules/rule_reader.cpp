#include "config/rules/rule_reader.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "config/rules/filter_reader.hpp"
#include "config/rules/rule_checks.hpp"
#include "config/rules/rule_draft.hpp"
#include "core/own_headers.hpp"
#include "core/quoting.hpp"
#include "event/path.hpp"

namespace turnstile::core {

namespace {

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

rule_draft draft_of(rule_place place, std::string name, field_rule rule) {
  rule_draft out;
  out.place = place;
  out.name = std::move(name);
  out.rule = std::move(rule);
  return out;
}

class reader {
public:
  explicit reader(event_rules begin) : rules_(std::move(begin)) {
    for (auto& rule : rules_.fields) {
      std::string name = "fields." + key_text(rule.path);
      fields_.push_back(draft_of(rule_place::field, std::move(name), std::move(rule)));
    }
    for (auto& header : rules_.headers)
      headers_.push_back(draft_of(rule_place::header, "headers." + key_text(header.name),
                                  {.path = header.name, .method = header.method}));
    key_ = draft_of(rule_place::key, "key", {.method = rules_.key});
  }

  read_rules_result read(const std::vector<rule_layer>& layers) {
    filter_reader filters{rules_, faults_, origins_};
    for (const auto& layer : layers) {
      origin_ = [&layer](const config_node& node) {
        return layer.has_lines ? layer.origin + ":" + std::to_string(node.line) : layer.origin;
      };
      if (layer.root == "filter") {
        filters.read(layer.node, origin_);
      } else if (layer.root == "key") {
        apply_rule(key_, layer.node, origin_, faults_);
      } else {
        read_table(layer.root, layer.node);
      }
    }
    finish();
    return {std::move(rules_), std::move(faults_), std::move(origins_)};
  }

private:
  void read_table(const std::string& root, const config_node& node) {
    const auto* table = std::get_if<config_node::table>(&node.value);
    const bool is_field = root == "fields";
    if (table == nullptr) {
      const std::string of = is_field ? "paths" : "headers' names";
      faults_.push_back({origin_(node), root,
                         "expects a table of " + of + " and their rules, not " + in_words(node)});
      return;
    }
    std::set<std::string> seen;
    for (const auto& member : *table) {
      const std::string name = root + "." + key_text(member.name);
      const auto said = is_field ? path_of(member, name) : header_of(member, name);
      if (said.empty()) continue;
      if (!seen.insert(said).second) {
        faults_.push_back({origin_(member.node), name,
                           "the path " + printable(said) + " has another rule already"});
        continue;
      }
      apply_rule(find(is_field ? fields_ : headers_, is_field, said, name), member.node, origin_,
                 faults_);
    }
  }

  /// The canonical text, or nothing with a fault.
  std::string path_of(const config_member& member, const std::string& name) {
    const auto parsed = event::parse_path(member.name);
    if (parsed.fault.empty()) return event::path_text(parsed.value);
    faults_.push_back({origin_(member.node), name, "the path " + parsed.fault});
    return {};
  }

  std::string header_of(const config_member& member, const std::string& name) {
    std::string fault;
    if (member.name.empty()) fault = "a header's name must not be empty";
    if (is_own_header(member.name)) fault = "is a header of the worker's own";
    if (fault.empty()) return member.name;
    faults_.push_back({origin_(member.node), name, fault});
    return {};
  }

  static rule_draft& find(std::vector<rule_draft>& drafts, bool is_field, const std::string& path,
                          const std::string& name) {
    const auto found =
        std::ranges::find(drafts, path, [](const rule_draft& d) { return d.rule.path; });
    if (found != drafts.end()) return *found;
    drafts.push_back(
        draft_of(is_field ? rule_place::field : rule_place::header, name, {.path = path}));
    return drafts.back();
  }

  void finish() {
    for (const auto* drafts : {&fields_, &headers_})
      for (const auto& draft : *drafts) finish(draft);
    finish(key_);
    check_together(fields_, faults_);
    check_count(headers_, "headers", faults_);
    rules_.fields.clear();
    rules_.headers.clear();
    for (auto& draft : fields_) rules_.fields.push_back(std::move(draft.rule));
    for (auto& draft : headers_)
      rules_.headers.push_back({std::move(draft.rule.path), std::move(draft.rule.method)});
    std::ranges::sort(rules_.headers, {}, &header_rule::name);
    rules_.key = std::move(key_.rule.method);
  }

  void finish(const rule_draft& draft) {
    check_draft(draft, faults_);
    if (!draft.origin.empty()) origins_[draft.name] = draft.origin;
  }

  event_rules rules_;
  std::vector<rule_draft> fields_;
  std::vector<rule_draft> headers_;
  rule_draft key_;
  std::vector<rule_fault> faults_;
  std::map<std::string, std::string, std::less<>> origins_;
  origin_of_node origin_;
};

}  // namespace

read_rules_result read_rules(event_rules begin, const std::vector<rule_layer>& layers) {
  return reader(std::move(begin)).read(layers);
}

std::string key_text(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, is_bare) ? std::string(key) : quoted(key);
}

std::vector<std::string> split_keys(std::string_view name) {
  std::vector<std::string> keys;
  while (true) {
    std::string key;
    std::size_t end = 0;
    if (!name.empty() && (name[0] == '"' || name[0] == '\'')) {
      // Of the escapes only those that a path needs.
      for (end = 1; end < name.size() && name[end] != name[0]; ++end) {
        if (name[0] == '"' && name[end] == '\\' && end + 1 < name.size()) ++end;
        key += name[end];
      }
      if (end++ >= name.size()) return {};
    } else {
      end = std::min(name.find('.'), name.size());
      key = name.substr(0, end);
      if (key.empty()) return {};
    }
    keys.push_back(std::move(key));
    if (end == name.size()) return keys;
    if (name[end] != '.') return {};
    name.remove_prefix(end + 1);
  }
}

config_node nested(const std::vector<std::string>& keys, config_node value) {
  for (std::size_t i = keys.size(); i-- > 1;) {
    config_node outer;
    outer.value = config_node::table{{keys[i], std::move(value)}};
    value = std::move(outer);
  }
  return value;
}

}  // namespace turnstile::core
