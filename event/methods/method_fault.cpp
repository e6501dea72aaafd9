// Whether the attributes of a method rule fit it: what a configuration is refused for, in words.

#include "event/methods/address_method.hpp"
#include "event/methods/field_method.hpp"
#include "event/methods/json_escape.hpp"
#include "event/methods/value_methods.hpp"

namespace turnstile::event {

namespace {

using fault = std::optional<std::string>;

fault outside(std::string_view attribute, std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return std::nullopt;
  return std::string(attribute) + " must be " + std::to_string(min) + " to " + std::to_string(max);
}

bool takes_addresses(const core::method_rule& rule) {
  switch (rule.method) {
    case core::field_method::ipcrypt:
    case core::field_method::ipcrypt_pfx:
    case core::field_method::truncate_ip:
    case core::field_method::mask_ip:
      return true;
    case core::field_method::pseudonym:
      return rule.canonical == core::canonical_form::ip;
    default:
      return false;
  }
}

fault key_fault(const core::method_rule& rule, const keys_there& keys) {
  if (keys.pseudonyms) return std::nullopt;
  if (rule.method == core::field_method::encrypt)
    return "encrypt needs a key: privacy.key_dir or privacy.hmac_key_file, from which its own is "
           "derived";
  const bool ipcrypt = rule.method == core::field_method::ipcrypt && !keys.ipcrypt;
  const bool ipcrypt_pfx = rule.method == core::field_method::ipcrypt_pfx && !keys.ipcrypt_pfx;
  if (!ipcrypt && !ipcrypt_pfx) return std::nullopt;
  const std::string name = ipcrypt ? "ipcrypt" : "ipcrypt-pfx";
  const std::string option = ipcrypt ? "ipcrypt_key_file" : "ipcrypt_pfx_key_file";
  return name + " needs a key: privacy." + option +
         ", or privacy.key_dir or privacy.hmac_key_file, from which one is derived";
}

fault list_fault(const core::method_rule& rule) {
  constexpr std::size_t bytes_max = 16;
  if (rule.list.empty()) return std::nullopt;
  if (!takes_addresses(rule))
    return "list is for addresses: ipcrypt, ipcrypt-pfx, truncate-ip, mask-ip, and pseudonym with "
           "canonical = \"ip\"";
  constexpr std::string_view of_addresses =
      ".:[]%#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (rule.list.size() > bytes_max || escaped_bytes(rule.list) != rule.list.size() ||
      rule.list.find_first_of(of_addresses) != std::string::npos)
    return "list must be a separator of at most 16 bytes without a character of an address";
  return std::nullopt;
}

fault mask_fault(const core::method_rule& rule) {
  if (auto found = outside("keep_first", rule.keep_first, 0, mask_keep_max)) return found;
  if (auto found = outside("keep_last", rule.keep_last, 0, mask_keep_max)) return found;
  if (escaped_bytes(rule.with) > mask_with_bytes_max)
    return "with must be at most " + std::to_string(mask_with_bytes_max) + " bytes";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> method_fault(const core::method_rule& rule, const keys_there& keys) {
  if (auto found = key_fault(rule, keys)) return found;
  if (auto found = outside("digits", rule.digits, 16, 64)) return found;
  if (auto found = outside("v4_bits", rule.v4_bits, 0, 32)) return found;
  if (auto found = outside("v6_bits", rule.v6_bits, 0, 128)) return found;
  if (auto found = mask_fault(rule)) return found;
  if (auto found = list_fault(rule)) return found;
  if (!(rule.to >= round_to_min && rule.to <= round_to_max)) return "to must be 1e-9 to 1e15";
  if (rule.method == core::field_method::pseudonym && rule.port == core::port_policy::keep)
    return "port = \"keep\" is not for a pseudonym: one client on two ports has one";
  return std::nullopt;
}

}  // namespace turnstile::event
