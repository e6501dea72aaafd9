#include "event/methods/address_method.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "event/ciphers/address.hpp"
#include "event/methods/json_escape.hpp"
#include "event/methods/partial_method.hpp"

namespace turnstile::event {

namespace {

constexpr std::size_t port_bytes_max = sizeof("[]:65535") - 1;

/// Reads the addresses of a value, alone or in a list, and writes what each becomes.
class address_method : public field_method {
public:
  address_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : otherwise_(rule, path, keys),
      // One client on two ports has one pseudonym.
      port_(rule.method == core::field_method::pseudonym ? core::port_policy::drop : rule.port),
      list_(rule.list) {
    separator_.resize(escaped_bytes(list_));
    static_cast<void>(write_escaped(separator_.data(), list_));
  }

  [[nodiscard]] std::size_t bytes_max(std::size_t token_bytes) const final;
  [[nodiscard]] applied apply(const json_value& value, char*& to) const final;

protected:
  /// Writes what an address becomes, without its port. REQUIRES: room for `address_bytes_max`, or
  /// for what the constructor's pseudonyms need.
  [[nodiscard]] virtual char* write(char* to, const address& of) const = 0;

  [[nodiscard]] const pseudonym_writer& pseudonyms() const { return otherwise_.pseudonyms(); }

private:
  /// The end of what is written; null: the element decides about the whole value.
  [[nodiscard]] char* write_element(char* to, std::string_view element) const;
  [[nodiscard]] char* write_list(char* to, std::string_view text) const;
  [[nodiscard]] char* write_with_port(char* to, const address& of) const;
  [[nodiscard]] std::optional<address> parse(std::string_view text) const;
  [[nodiscard]] bool drops() const { return otherwise_.policy() == core::invalid_value::drop; }

  invalid_handler otherwise_;
  core::port_policy port_;
  std::string list_;
  std::string separator_;  ///< `list_` as in a JSON string.
};

std::size_t address_method::bytes_max(std::size_t token_bytes) const {
  constexpr std::size_t with_port = address_bytes_max + port_bytes_max;
  const std::size_t last =
      2 + std::max(with_port, otherwise_.bytes_max(std::max(token_bytes, address_bytes_max)));
  if (list_.empty()) return last;
  // Elements that stay, separators and blanks are together no longer than the token.
  const std::size_t others = std::min(list_elements_max - 1, token_bytes / list_.size());
  return token_bytes + others * std::max(with_port, pseudonym_bytes) + last;
}

std::optional<address> address_method::parse(std::string_view text) const {
  auto parsed = parse_address(text);
  if (parsed && parsed->port != address::no_port) {
    if (port_ == core::port_policy::error) return std::nullopt;
    if (port_ == core::port_policy::drop) parsed->port = address::no_port;
  }
  return parsed;
}

char* address_method::write_with_port(char* to, const address& of) const {
  if (of.port == address::no_port) return write(to, of);
  char* end = write(to + 1, of);
  if (std::find(to + 1, end, ':') != end) {
    *to = '[';
    *end++ = ']';
  } else {
    std::memmove(to, to + 1, static_cast<std::size_t>(end - to - 1));
    --end;
  }
  *end++ = ':';
  return write_decimal(end, static_cast<std::uint32_t>(of.port));
}

char* address_method::write_element(char* to, std::string_view element) const {
  if (const auto parsed = parse(element)) return write_with_port(to, *parsed);
  switch (otherwise_.policy()) {
    case core::invalid_value::pseudonym:
      return pseudonyms().write_digits(to, element);
    case core::invalid_value::keep:
      return write_escaped(to, element);
    case core::invalid_value::drop:
      return to;
    case core::invalid_value::null:
    case core::invalid_value::error:
      break;
  }
  return nullptr;
}

char* address_method::write_list(char* to, std::string_view text) const {
  bool is_first = true;
  for (std::size_t left = list_elements_max; left > 0; --left) {
    const std::size_t at = std::min(text.find(list_), text.size());
    const std::string_view part = text.substr(0, at);
    const std::string_view element = without_blanks(part);
    char* begin = to;
    if (!is_first) {
      begin = core::write_bytes(begin, separator_);
      if (!element.empty() && element.front() != part.front()) *begin++ = ' ';
    }
    char* const end = write_element(begin, element);
    if (!end) return nullptr;
    if (end != begin || !drops()) {
      to = end;
      is_first = false;
    }
    if (at == text.size()) return to;
    text.remove_prefix(at + list_.size());
  }
  return nullptr;
}

applied address_method::apply(const json_value& value, char*& to) const {
  if (value.kind == core::json_kind::null) {
    to = core::write_bytes(to, "null");
    return applied::written;
  }
  char* end = nullptr;
  if (value.kind == core::json_kind::string) {
    if (!list_.empty())
      end = write_list(to + 1, value.text);
    else if (const auto parsed = parse(value.text))
      end = write_with_port(to + 1, *parsed);
  }
  if (!end) return otherwise_.apply(value, to);
  if (end == to + 1 && drops()) return applied::dropped;  // Each element of the list was.
  *to = '"';
  *end++ = '"';
  to = end;
  return applied::written;
}

class ipcrypt_method final : public address_method {
public:
  ipcrypt_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : address_method(rule, path, keys), cipher_(keys.ipcrypt) {}

private:
  [[nodiscard]] char* write(char* to, const address& of) const override {
    return write_address(to, cipher_->encrypt(of));
  }
  std::shared_ptr<const ipcrypt_cipher> cipher_;
};

class ipcrypt_pfx_method final : public address_method {
public:
  ipcrypt_pfx_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : address_method(rule, path, keys), cipher_(keys.ipcrypt_pfx) {}

private:
  [[nodiscard]] char* write(char* to, const address& of) const override {
    return write_address(to, cipher_->encrypt(of));
  }
  std::shared_ptr<const ipcrypt_pfx_cipher> cipher_;
};

class truncate_method final : public address_method {
public:
  truncate_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : address_method(rule, path, keys),
      v4_bits_(v4_begin_bit + static_cast<unsigned>(rule.v4_bits)),
      v6_bits_(static_cast<unsigned>(rule.v6_bits)) {}

private:
  static constexpr unsigned v4_begin_bit = 96;

  [[nodiscard]] char* write(char* to, const address& of) const override {
    address kept = of;
    unsigned bits = of.is_v4() ? v4_bits_ : v6_bits_;
    for (std::uint8_t& byte : kept.bytes) {
      const unsigned here = std::min(bits, 8U);
      byte = static_cast<std::uint8_t>(byte & 0xff00U >> here);
      bits -= here;
    }
    return write_address(to, kept);
  }

  unsigned v4_bits_;
  unsigned v6_bits_;
};

class mask_method final : public address_method {
public:
  using address_method::address_method;

private:
  [[nodiscard]] char* write(char* to, const address& of) const override {
    if (of.is_v4()) {
      char* end = write_address(to, of);
      while (end[-1] != '.') --end;
      return core::write_bytes(end, "xxx");
    }
    constexpr std::size_t groups_kept = 3;
    for (std::size_t i = 0; i < groups_kept; ++i) {
      to = write_group(to, std::uint32_t{of.bytes[2 * i]} << 8U | of.bytes[2 * i + 1]);
      *to++ = ':';
    }
    return core::write_bytes(to, "xxxx:xxxx:xxxx:xxxx:xxxx");
  }
};

class pseudonym_of_address final : public address_method {
public:
  using address_method::address_method;

private:
  [[nodiscard]] char* write(char* to, const address& of) const override {
    std::array<char, address_bytes_max> text;
    const char* const end = write_address(text.data(), of);
    return pseudonyms().write_digits(to, {text.data(), end});
  }
};

}  // namespace

std::unique_ptr<const field_method> make_address_method(const core::method_rule& rule,
                                                        std::string_view path,
                                                        const method_keys& keys) {
  switch (rule.method) {
    case core::field_method::ipcrypt:
      return std::make_unique<ipcrypt_method>(rule, path, keys);
    case core::field_method::ipcrypt_pfx:
      return std::make_unique<ipcrypt_pfx_method>(rule, path, keys);
    case core::field_method::truncate_ip:
      return std::make_unique<truncate_method>(rule, path, keys);
    case core::field_method::mask_ip:
      return std::make_unique<mask_method>(rule, path, keys);
    default:
      return std::make_unique<pseudonym_of_address>(rule, path, keys);
  }
}

}  // namespace turnstile::event
