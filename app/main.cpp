// The program. Everything that can go wrong ends in one line and an exit code.
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#ifdef TURNSTILE_MIMALLOC
#include <mimalloc.h>
#endif

#include "app/cli.hpp"
#include "app/commands.hpp"
#include "app/terminal/standard_streams.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace {

turnstile::app::environment environment_of_process() {
  turnstile::app::environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

/// mimalloc gives freed pages back after 25 ms (later versions 10), and the buffers of fetches and
/// requests are freed and taken again all the time: 50,000 page faults a second, a tenth of the
/// CPU. A default only: its variable in the environment counts.
void keep_freed_pages() {
#ifdef TURNSTILE_MIMALLOC
  constexpr long keep_ms = 2000;
#if MI_MALLOC_VERSION < 210
  mi_option_set_default(mi_option_decommit_delay, keep_ms);
#else
  mi_option_set_default(mi_option_purge_delay, keep_ms);
#endif
#endif
}

int internal_error(const char* what) {
  std::fprintf(stderr, "turnstile: internal error: %s\n", turnstile::core::printable(what).c_str());
  return turnstile::exit_internal;
}

}  // namespace

int main(int argc, char** argv) {
  turnstile::app::reserve_standard_descriptors();
  keep_freed_pages();
  try {
    return turnstile::app::run_command_line(turnstile::app::commands(),
                                            {argv + (argc > 0 ? 1 : 0), argv + argc},
                                            environment_of_process());
  } catch (const std::exception& error) {
    return internal_error(error.what());
  } catch (...) {
    return internal_error("an exception of unknown type");
  }
}
