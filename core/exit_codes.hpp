// How the process says why it ended: the codes of sysexits.h that we use.
//
// Part of the interface: scripts and orchestrators may rely on them.
#pragma once

namespace turnstile {

enum exit_code : int {
  exit_ok = 0,
  exit_failed = 1,          ///< The command ran, and what it checks does not hold.
  exit_usage = 64,          ///< The command line cannot be understood.
  exit_unavailable = 69,    ///< No broker was reached, or its topics do not fit.
  exit_internal = 70,       ///< A fault of ours.
  exit_output = 74,         ///< What was to be printed could not be written.
  exit_fenced = 76,         ///< Another worker has our transactional.id or group.instance.id.
  exit_configuration = 78,  ///< The configuration is refused.
};

}  // namespace turnstile
