#include "app/reload/port_check.hpp"

#include <cstdlib>
#include <string_view>

#include "app/http/listening.hpp"

namespace turnstile::app {

namespace {

std::string_view port_of(std::string_view address) {
  return address.substr(address.rfind(':') + 1);
}

}  // namespace

std::string port_fault(const std::string& now, const std::string& wanted) {
  if (wanted.empty() || wanted == now) return {};
  const auto tried = listen_at(wanted);
  // It may be the worker itself that has the port, at another of its addresses.
  const bool is_own = port_of(now) == port_of(wanted) && tried.taken;
  return tried.fault.empty() || is_own ? "" : "cannot listen at " + wanted + ": " + tried.fault;
}

std::string port_fault_of_reload(const std::string& wanted) {
  const char* const now = std::getenv(listening_variable);
  return now == nullptr ? "" : port_fault(now, wanted);
}

}  // namespace turnstile::app
