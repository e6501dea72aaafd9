#include "app/http/status_page.hpp"

#include <array>
#include <string>
#include <string_view>

#include <sodium.h>

#include "app/page_text.hpp"

namespace turnstile::app {

namespace {

/// Of what stands in the page's one element `name`, as a policy names it.
std::string source_of(const std::string& name) {
  const std::string begin_tag = "<" + name + ">";
  const auto begin = page_text.find(begin_tag) + begin_tag.size();
  const auto text = page_text.substr(begin, page_text.find("</" + name + ">", begin) - begin);
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string shown(sodium_base64_ENCODED_LEN(hash.size(), variant), '\0');
  sodium_bin2base64(shown.data(), shown.size(), hash.data(), hash.size(), variant);
  shown.pop_back();  // Its end of a C string.
  return "'sha256-" + shown + "'";
}

http_response make_page() {
  return {.type = "text/html; charset=utf-8",
          .body = std::string{page_text},
          .policy = "default-src 'none'; connect-src 'self'; img-src data:; style-src " +
                    source_of("style") + "; script-src " + source_of("script") +
                    "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"};
}

}  // namespace

const http_response& status_page() {
  static const http_response page = make_page();
  return page;
}

}  // namespace turnstile::app
