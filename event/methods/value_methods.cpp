#include "event/methods/value_methods.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "event/ciphers/address.hpp"
#include "event/methods/json_escape.hpp"
#include "event/methods/partial_method.hpp"

namespace turnstile::event {

namespace {

/// Of a UTF-8 text: each code point has one byte that continues no other.
bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

class mask_method final : public partial_method {
public:
  mask_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : partial_method(rule, path, keys), first_(rule.keep_first), last_(rule.keep_last) {
    with_.resize(escaped_bytes(rule.with));
    static_cast<void>(write_escaped(with_.data(), rule.with));
  }

private:
  [[nodiscard]] std::size_t result_bytes_max(std::size_t token_bytes) const override {
    return 2 + token_bytes * std::max<std::size_t>(with_.size(), 1);
  }

  [[nodiscard]] char* write(char* to, const json_value& value) const override {
    const bool is_string = value.kind == core::json_kind::string;
    if (!is_string && value.kind != core::json_kind::number) return nullptr;
    const std::string_view text = is_string ? value.text : value.token;
    const std::int64_t count = std::count_if(text.begin(), text.end(), begins_code_point);
    const bool keeps = count > first_ + last_;
    const std::size_t begin = keeps ? offset_of(text, first_) : 0;
    const std::size_t end = keeps ? offset_of(text, count - last_) : text.size();
    *to++ = '"';
    to = write_escaped(to, text.substr(0, begin));
    for (std::int64_t left = keeps ? count - first_ - last_ : count; left > 0; --left)
      to = core::write_bytes(to, with_);
    to = write_escaped(to, text.substr(end));
    *to++ = '"';
    return to;
  }

  /// Where the code point begins that has so many before it.
  static std::size_t offset_of(std::string_view text, std::int64_t before) {
    std::size_t at = 0;
    for (; at < text.size(); ++at)
      if (begins_code_point(text[at]) && before-- == 0) break;
    return at;
  }

  std::int64_t first_;
  std::int64_t last_;
  std::string with_;  ///< As in a JSON string.
};

class encrypt_method final : public partial_method {
public:
  encrypt_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : partial_method(rule, path, keys), cipher_(keys.values), path_(path) {}

private:
  [[nodiscard]] std::size_t result_bytes_max(std::size_t token_bytes) const override {
    return 2 + cipher_->bytes_max(token_bytes) + token_bytes;
  }

  [[nodiscard]] char* write(char* to, const json_value& value) const override {
    char* const compact = to + 2 + cipher_->bytes_max(value.token.size());
    const char* const end = core::write_compact(compact, value.token);
    *to = '"';
    to = cipher_->write(to + 1, path_, {compact, end});
    *to = '"';
    return to + 1;
  }

  std::shared_ptr<const value_cipher> cipher_;
  std::string path_;
};

constexpr std::size_t uuid_bytes = 36;

/// Lower case with hyphens; false: the text is none, with or without hyphens, braces, `urn:uuid:`.
bool write_uuid(std::array<char, uuid_bytes>& to, std::string_view text) {
  constexpr std::string_view urn = "urn:uuid:";
  constexpr std::size_t digits = 32;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if ((text.size() == urn.size() + uuid_bytes || text.size() == urn.size() + digits) &&
      std::equal(urn.begin(), urn.end(), text.begin(),
                 [&](char a, char b) { return a == lower(b); }))
    text.remove_prefix(urn.size());
  if (text.size() > 2 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, text.size() - 2);
  const bool has_hyphens = text.size() == uuid_bytes;
  if (!has_hyphens && text.size() != digits) return false;
  std::size_t from = 0;
  for (std::size_t at = 0; at < uuid_bytes; ++at) {
    const bool is_hyphen = at == 8 || at == 13 || at == 18 || at == 23;
    if (is_hyphen && !has_hyphens) {
      to[at] = '-';
      continue;
    }
    const char c = lower(text[from++]);
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (is_hyphen ? c != '-' : !is_hex) return false;
    to[at] = c;
  }
  return true;
}

class pseudonym_method final : public partial_method {
public:
  pseudonym_method(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : partial_method(rule, path, keys), pseudonyms_(rule, path, keys), canonical_(rule.canonical) {}

private:
  [[nodiscard]] std::size_t result_bytes_max(std::size_t token_bytes) const override {
    return pseudonyms_.bytes_max(std::max(token_bytes, uuid_bytes)) +
           (canonical_ == core::canonical_form::lower ? token_bytes : 0);
  }

  [[nodiscard]] char* write(char* to, const json_value& value) const override {
    const bool is_string = value.kind == core::json_kind::string;
    switch (canonical_) {
      case core::canonical_form::lower:
        if (is_string) return write_lower(to, value);
        break;
      case core::canonical_form::trim:
        if (is_string) return pseudonyms_.write_token(to, trimmed(value.text));
        break;
      case core::canonical_form::uuid: {
        std::array<char, uuid_bytes> uuid;
        if (!is_string || !write_uuid(uuid, trimmed(value.text))) return nullptr;
        return pseudonyms_.write_token(to, {uuid.data(), uuid.size()});
      }
      case core::canonical_form::none:
      case core::canonical_form::ip:
        break;
    }
    return pseudonyms_.write_token(to, value);
  }

  [[nodiscard]] char* write_lower(char* to, const json_value& value) const {
    char* const lower = to + pseudonyms_.bytes_max(value.token.size());
    char* const end = std::transform(value.text.begin(), value.text.end(), lower, [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return pseudonyms_.write_token(to, std::string_view(lower, end));
  }

  static std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\r";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
  }

  pseudonym_writer pseudonyms_;
  core::canonical_form canonical_;
};

/// Without a canonical form, so that it takes every value.
class plain_pseudonym final : public field_method {
public:
  plain_pseudonym(const core::method_rule& rule, std::string_view path, const method_keys& keys)
    : pseudonyms_(rule, path, keys) {}

  [[nodiscard]] std::size_t bytes_max(std::size_t token_bytes) const override {
    return pseudonyms_.bytes_max(token_bytes);
  }

  [[nodiscard]] applied apply(const json_value& value, char*& to) const override {
    if (value.kind == core::json_kind::string)
      to = pseudonyms_.write_token(to, value.text);
    else if (value.kind == core::json_kind::null)
      to = core::write_bytes(to, "null");
    else
      to = pseudonyms_.write_token(to, value);
    return applied::written;
  }

private:
  pseudonym_writer pseudonyms_;
};

}  // namespace

std::unique_ptr<const field_method> make_mask_method(const core::method_rule& rule,
                                                     std::string_view path,
                                                     const method_keys& keys) {
  return std::make_unique<mask_method>(rule, path, keys);
}

std::unique_ptr<const field_method> make_encrypt_method(const core::method_rule& rule,
                                                        std::string_view path,
                                                        const method_keys& keys) {
  return std::make_unique<encrypt_method>(rule, path, keys);
}

std::unique_ptr<const field_method> make_pseudonym_method(const core::method_rule& rule,
                                                          std::string_view path,
                                                          const method_keys& keys) {
  if (rule.canonical == core::canonical_form::none)
    return std::make_unique<plain_pseudonym>(rule, path, keys);
  return std::make_unique<pseudonym_method>(rule, path, keys);
}

}  // namespace turnstile::event
