// A certificate with its key, for an endpoint that speaks TLS.
//
// Made once at the start, then only read. GUARANTEES: TLS 1.2 or later; asks no terminal for a
// key's password; no text of a fault holds a byte of the key.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include <openssl/types.h>

namespace turnstile::app {

struct tls_fault {
  std::string option;  ///< `http.tls_cert_file` or `http.tls_key_file`.
  std::string text;
};

class tls_context {
public:
  [[nodiscard]] static std::variant<std::shared_ptr<const tls_context>, tls_fault> open(
      const std::string& cert_file, const std::string& key_file);

  [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }
  /// That the certificate has expired, or holds only later; empty: it holds.
  [[nodiscard]] std::string warning() const;

private:
  explicit tls_context(ssl_ctx_st* made);
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace turnstile::app
