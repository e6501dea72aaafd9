#include "app/worker/start_check.hpp"

#include <fstream>
#include <utility>
#include <variant>

#include "core/quoting.hpp"
#include "event/errors/seal_key_file.hpp"
#include "kafka_io/ask/connect_check.hpp"

namespace turnstile::app {

namespace {

void check_keys(const core::settings& settings, start_check& out) {
  auto loaded = event::load_method_keys(event::key_files_of(settings));
  if (const auto* fault = std::get_if<event::key_file_fault>(&loaded)) {
    out.faults.push_back({fault->option, fault->error});
    return;
  }
  auto& made = std::get<event::loaded_keys>(loaded);
  if (!made.warning.empty()) out.warnings.push_back(std::move(made.warning));
  out.keys = std::move(made);
}

void check_seal(const core::settings& settings, start_check& out) {
  auto loaded = event::load_seal_key(settings);
  if (auto* const fault = std::get_if<std::string>(&loaded))
    out.faults.push_back({"errors.seal_key_file", std::move(*fault)});
  else
    out.seal = std::get<0>(std::move(loaded));
}

void check_token(const std::string& file, start_check& out) {
  if (file.empty()) return;
  std::ifstream in{file};
  const bool readable = static_cast<bool>(std::getline(in, out.http_token));
  while (out.http_token.ends_with('\r') || out.http_token.ends_with(' ')) out.http_token.pop_back();
  if (!readable || out.http_token.empty())
    out.faults.push_back({"http.token_file", "cannot read a token from " + file});
}

void check_tls(const core::settings& settings, start_check& out) {
  const auto& http = settings.http;
  if (http.tls_cert_file.empty() || http.tls_key_file.empty()) return;
  auto opened = tls_context::open(http.tls_cert_file, http.tls_key_file);
  if (const auto* fault = std::get_if<tls_fault>(&opened)) {
    out.faults.push_back({fault->option, core::printable(fault->text)});
    return;
  }
  out.http_tls = std::get<std::shared_ptr<const tls_context>>(std::move(opened));
  if (const auto warning = out.http_tls->warning(); !warning.empty())
    out.warnings.push_back("http.tls_cert_file: the certificate " + warning);
}

}  // namespace

start_check check_start(const core::settings& settings) {
  start_check out;
  check_keys(settings, out);
  check_seal(settings, out);
  check_token(settings.http.token_file, out);
  check_tls(settings, out);
  for (const auto& fault : kafka_io::client_faults(settings))
    out.faults.push_back({{}, core::printable(fault)});
  return out;
}

}  // namespace turnstile::app
