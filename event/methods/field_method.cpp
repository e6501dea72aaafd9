#include "event/methods/field_method.hpp"

#include <utility>

#include "event/methods/address_method.hpp"
#include "event/methods/value_methods.hpp"

namespace turnstile::event {

namespace {

class keep_method final : public field_method {
public:
  [[nodiscard]] std::size_t bytes_max(std::size_t token_bytes) const override {
    return token_bytes;
  }
  [[nodiscard]] applied apply(const json_value& value, char*& to) const override {
    to = core::write_compact(to, value.token);
    return applied::written;
  }
};

class constant_method final : public field_method {
public:
  explicit constant_method(std::string token) : token_(std::move(token)) {}

  [[nodiscard]] std::size_t bytes_max(std::size_t) const override { return token_.size(); }
  [[nodiscard]] applied apply(const json_value&, char*& to) const override {
    to = core::write_bytes(to, token_);
    return applied::written;
  }

private:
  std::string token_;
};

class drop_method final : public field_method {
public:
  [[nodiscard]] std::size_t bytes_max(std::size_t) const override { return 0; }
  [[nodiscard]] applied apply(const json_value&, char*&) const override { return applied::dropped; }
};

}  // namespace

std::unique_ptr<const field_method> field_method::make(const core::method_rule& rule,
                                                       std::string_view path,
                                                       const method_keys& keys) {
  switch (rule.method) {
    case core::field_method::keep:
      return std::make_unique<keep_method>();
    case core::field_method::drop:
      return std::make_unique<drop_method>();
    case core::field_method::null:
      return std::make_unique<constant_method>("null");
    case core::field_method::replace:
      return std::make_unique<constant_method>(rule.value);
    case core::field_method::mask:
      return make_mask_method(rule, path, keys);
    case core::field_method::encrypt:
      return make_encrypt_method(rule, path, keys);
    case core::field_method::round:
      return make_round_method(rule, path, keys);
    case core::field_method::pseudonym:
      if (rule.canonical != core::canonical_form::ip)
        return make_pseudonym_method(rule, path, keys);
      break;
    case core::field_method::ipcrypt:
    case core::field_method::ipcrypt_pfx:
    case core::field_method::truncate_ip:
    case core::field_method::mask_ip:
      break;
  }
  return make_address_method(rule, path, keys);
}

}  // namespace turnstile::event
