#include "app/shadow/keyed.hpp"

#include <fstream>
#include <utility>

#include "app/shadow/difference.hpp"

namespace turnstile::shadow {

namespace {

bool is_keyed(const core::method_rule& rule) {
  using enum core::field_method;
  return rule.method == pseudonym || rule.method == ipcrypt || rule.method == ipcrypt_pfx ||
         rule.method == encrypt || rule.invalid == core::invalid_value::pseudonym;
}

}  // namespace

std::string key_id_in(const core::settings& settings) {
  const auto& privacy = settings.privacy;
  if (privacy.key_dir.empty()) return privacy.hmac_key_file.empty() ? "" : "0";
  std::ifstream file(privacy.key_dir + "/active");
  std::string id;
  file >> id;
  return id;
}

keyed_parts::keyed_parts(const core::event_rules& rules)
  : other_headers_(is_keyed(rules.other_headers)) {
  for (const auto& field : rules.fields) {
    if (!is_keyed(field.method)) continue;
    add(field.path);
    if (field.path == rules.id) add(std::string(record_part) + "user_id");
  }
  for (const auto& header : rules.headers)
    if (is_keyed(header.method)) add(std::string(header_part) + header.name);
  if (is_keyed(rules.key)) add(std::string(record_part) + "key");
}

void keyed_parts::add(std::string name) {
  parts_.add_name(name);
  names_.push_back(std::move(name));
}

bool keyed_parts::hold(std::string_view name) const {
  return parts_.expects(name) || (other_headers_ && name.starts_with(header_part));
}

}  // namespace turnstile::shadow
