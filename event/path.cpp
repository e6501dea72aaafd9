#include "event/path.hpp"

#include <algorithm>
#include <utility>

#include "core/quoting.hpp"

namespace turnstile::event {

namespace {

constexpr std::string_view special = ".[]*\"";

constexpr char pointer_begin = '/';
constexpr std::string_view json_path_root = "$";

bool needs_quotes(std::string_view name, bool is_first) {
  if (is_first && (name.starts_with(pointer_begin) || name == json_path_root)) return true;
  return name.empty() || name.find_first_of(special) != std::string_view::npos;
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string in_own_form(std::string_view text);

/// A rule in another language's form would name a member that no event has, and what it is to
/// protect would pass.
std::string foreign_form(std::string_view text) {
  const bool is_json_path = text.starts_with("$.") || text.starts_with("$[");
  if (!is_json_path && !text.starts_with(pointer_begin)) return {};
  const std::string own = in_own_form(text);
  return std::string("is in the form of ") + (is_json_path ? "JSONPath" : "JSON Pointer") + "; " +
         (own.empty() ? "names here have points between, as in a.b and a[].b"
                      : "write " + core::printable(own));
}

class path_parser {
public:
  explicit path_parser(std::string_view text) : text_(text) {}

  parsed_path parse() {
    if (text_.empty()) return {{}, "is empty"};
    if (!core::is_valid_utf8(text_)) return {{}, "is not valid UTF-8"};
    if (auto fault = foreign_form(text_); !fault.empty()) return {{}, std::move(fault)};
    std::string fault = text_.starts_with("**") ? parse_any_depth() : parse_steps();
    if (fault.empty() && out_.steps.size() > path_levels_max)
      fault = "has more than " + std::to_string(path_levels_max) + " levels";
    if (!fault.empty()) return {{}, std::move(fault)};
    return {std::move(out_), {}};
  }

private:
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] bool is_next(std::string_view what) const {
    return text_.substr(at_).starts_with(what);
  }

  [[nodiscard]] std::string expected(const std::string& what) const {
    return "expects " + what + " at byte " + std::to_string(at_ + 1) +
           (at_end() ? ", where it ends" : "");
  }

  std::string parse_any_depth() {
    at_ = 2;
    if (!is_next(".")) return expected("a point and a name behind **");
    ++at_;
    if (auto fault = parse_name(path_step_kind::member_at_any); !fault.empty()) return fault;
    return at_end() ? "" : expected("nothing more: ** goes with one name only");
  }

  std::string parse_steps() {
    while (true) {
      if (is_next("**")) return expected("a name: ** stands at the beginning only");
      if (auto fault = parse_name(path_step_kind::member); !fault.empty()) return fault;
      for (; is_next("[]"); at_ += 2) out_.steps.push_back({path_step_kind::elements, {}});
      if (at_end()) return {};
      if (is_next("[")) return expected("[], which is each element of an array");
      if (!is_next(".")) return expected("a point or []; a name that holds it is quoted");
      ++at_;
    }
  }

  std::string parse_name(path_step_kind kind) {
    std::string name;
    if (is_next("\"")) {
      if (auto fault = parse_quoted(name); !fault.empty()) return fault;
    } else {
      const auto end = std::min(text_.find_first_of(special, at_), text_.size());
      name = text_.substr(at_, end - at_);
      if (name.empty()) return expected("a name");
      at_ = end;
    }
    out_.steps.push_back({kind, std::move(name)});
    return {};
  }

  std::string parse_quoted(std::string& name) {
    const std::size_t begin = at_++;
    for (; !at_end(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c == '\\') {
        ++at_;
        if (!is_next("\"") && !is_next("\\")) return expected("\" or \\ behind a \\");
        c = text_[at_];
      }
      name += c;
    }
    return "has no end of the quotes that begin at byte " + std::to_string(begin + 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  path out_;
};

void replace_all(std::string& in, std::string_view what, std::string_view by) {
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size()))
    in.replace(at, what.size(), by);
}

/// What the path may have meant; empty where that is not clear.
std::string in_own_form(std::string_view text) {
  if (text.starts_with("$[")) return {};
  std::string own(text.substr(text.starts_with("$..") ? 2 : 1));
  if (text.starts_with("$..")) own = "**" + own.substr(own.find('.'));
  if (text.starts_with(pointer_begin)) {
    // An element's number, or an escaped character.
    if (own.find_first_of("~0123456789.") != std::string::npos) return {};
    std::ranges::replace(own, pointer_begin, '.');
  }
  if (own.starts_with('.')) own.erase(0, 1);
  replace_all(own, "[*]", "[]");
  return parse_path(own).fault.empty() ? own : "";
}

/// 2: names only; 1: with `[]`; 0: with `**`.
int rank_of(const path& p) {
  if (is_at_any_depth(p)) return 0;
  const auto is_elements = [](const path_step& s) { return s.kind == path_step_kind::elements; };
  return std::ranges::any_of(p.steps, is_elements) ? 1 : 2;
}

}  // namespace

parsed_path parse_path(std::string_view text) { return path_parser(text).parse(); }

std::string path_text(const path& p) {
  std::string out;
  for (const auto& step : p.steps) {
    if (step.kind == path_step_kind::elements) {
      out += "[]";
      continue;
    }
    if (step.kind == path_step_kind::member_at_any) out += "**";
    const bool is_first = out.empty();
    if (!is_first) out += '.';
    out += needs_quotes(step.name, is_first) ? quoted_name(step.name) : step.name;
  }
  return out;
}

std::strong_ordering compare_specificity(const path& a, const path& b) {
  return rank_of(a) <=> rank_of(b);
}

bool is_below(const path& inner, const path& outer) {
  return inner.steps.size() > outer.steps.size() &&
         std::equal(outer.steps.begin(), outer.steps.end(), inner.steps.begin());
}

bool is_at_any_depth(const path& p) {
  return !p.steps.empty() && p.steps.front().kind == path_step_kind::member_at_any;
}

}  // namespace turnstile::event
