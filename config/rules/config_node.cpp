#include "config/rules/config_node.hpp"

#include "core/quoting.hpp"

namespace turnstile::core {

std::string in_words(const config_node& node) {
  if (const auto* b = std::get_if<bool>(&node.value))
    return *b ? "the boolean true" : "the boolean false";
  if (const auto* i = std::get_if<std::int64_t>(&node.value))
    return "the integer " + std::to_string(*i);
  if (const auto* s = std::get_if<std::string>(&node.value))
    return node.is_untyped ? quoted_short(*s) : "the string " + quoted_short(*s);
  if (std::holds_alternative<config_node::list>(node.value)) return "a list";
  if (std::holds_alternative<config_node::table>(node.value)) return "a table";
  if (const auto* other = std::get_if<config_node::other>(&node.value)) return other->kind;
  return "a number with a fraction";
}

}  // namespace turnstile::core
