#include <sys/prctl.h>

#include "app/commands.hpp"
#include "app/stop_signals.hpp"
#include "app/worker/worker_host.hpp"

namespace turnstile::app {

int run_command(const run_args& args, const core::settings& settings) {
  // Key, passwords and events are in memory: no core file, and no other process of the user reads
  // it. The superuser still can.
  prctl(PR_SET_DUMPABLE, 0);
  worker_host host{settings, args.config_file};
  host.start();
  const stop_signals signals{[&host](const std::string& name) { host.request_stop(name); }};
  return host.wait();
}

}  // namespace turnstile::app
