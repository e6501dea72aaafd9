#include "app/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace turnstile::app {

namespace {

/// Why the library refused, as it says; its queue of errors is empty then.
std::string last_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason == nullptr ? "not PEM" : reason;
  ERR_clear_error();
  return text;
}

int no_password(char* /*to*/, int /*size*/, int /*writes*/, void* /*of*/) { return 0; }

}  // namespace

tls_context::tls_context(ssl_ctx_st* made) : context_(made, &SSL_CTX_free) {}

std::variant<std::shared_ptr<const tls_context>, tls_fault> tls_context::open(
    const std::string& cert_file, const std::string& key_file) {
  ERR_clear_error();
  const std::shared_ptr<tls_context> made{new tls_context{SSL_CTX_new(TLS_server_method())}};
  SSL_CTX* const context = made->get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // A session that can be resumed is memory for each client that came once.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context, &no_password);
  if (SSL_CTX_use_certificate_chain_file(context, cert_file.c_str()) != 1)
    return tls_fault{"http.tls_cert_file",
                     "cannot read a certificate from " + cert_file + ": " + last_reason()};
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool is_other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    const std::string reason = last_reason();
    return tls_fault{"http.tls_key_file",
                     is_other ? key_file + " is not the key of the certificate in " + cert_file
                              : "cannot read a key from " + key_file + ": " + reason};
  }
  return made;
}

std::string tls_context::warning() const {
  const X509* const certificate = SSL_CTX_get0_certificate(get());
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) return "has expired";
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) return "does not hold yet";
  return "";
}

}  // namespace turnstile::app
