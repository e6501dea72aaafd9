#include "event/methods/reveal.hpp"

#include <algorithm>
#include <array>

#include "core/quoting.hpp"
#include "event/ciphers/address.hpp"

namespace turnstile::event {

namespace {

std::string text_of(const address& of, std::int32_t port) {
  std::array<char, address_bytes_max> room;
  std::string text(room.data(), write_address(room.data(), of));
  if (port == address::no_port) return text;
  if (!of.is_v4()) text = '[' + text + ']';
  return text + ':' + std::to_string(port);
}

class address_revealer {
public:
  address_revealer(const core::method_rule& rule, const method_keys& keys)
    : rule_(rule), keys_(keys) {}

  [[nodiscard]] std::optional<std::string> of_one(std::string_view text) const {
    const auto parsed = parse_address(text);
    if (!parsed) return std::nullopt;
    const address opened = rule_.method == core::field_method::ipcrypt
                               ? keys_.ipcrypt->decrypt(*parsed)
                               : keys_.ipcrypt_pfx->decrypt(*parsed);
    return text_of(opened, parsed->port);
  }

  [[nodiscard]] std::optional<std::string> of_list(std::string_view text) const {
    std::string all;
    bool found = false;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(rule_.list, begin), text.size());
      const std::string_view part = text.substr(begin, end - begin);
      const auto opened = of_one(part);
      found = found || opened;
      if (begin > 0) all += rule_.list;
      if (opened && part.starts_with(' ')) all += ' ';
      all += opened ? *opened : part;
      begin = end + rule_.list.size();
    }
    if (!found) return std::nullopt;
    return all;
  }

private:
  const core::method_rule& rule_;
  const method_keys& keys_;
};

}  // namespace

bool can_reveal(core::field_method method) {
  return method == core::field_method::encrypt || method == core::field_method::ipcrypt ||
         method == core::field_method::ipcrypt_pfx;
}

std::optional<std::string> reveal(const core::method_rule& rule, std::string_view path,
                                  std::string_view text, const method_keys& keys) {
  if (rule.method == core::field_method::encrypt) return keys.values->open(path, text);
  const address_revealer addresses(rule, keys);
  const auto opened = rule.list.empty() ? addresses.of_one(text) : addresses.of_list(text);
  if (!opened) return std::nullopt;
  return core::quoted(*opened);
}

}  // namespace turnstile::event
