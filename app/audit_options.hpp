// The options of `turnstile audit` that are more than a word or a number.
//
// Pure functions of the command line, called on the main thread.
#pragma once

#include <string>

#include "app/commands.hpp"

namespace turnstile::app {

/// As they stand on the command line.
struct audit_texts {
  std::string since;
  std::string offsets;
  std::string isolation = "read_committed";
};

/// Why it is none; empty: it is one.
[[nodiscard]] std::string audit_time_fault(const std::string& text);
[[nodiscard]] std::string audit_offsets_fault(const std::string& text);

/// `flags` with what the texts say. REQUIRES: they have no fault.
[[nodiscard]] audit::audit_args audit_args_of(const audit_texts& texts, audit::audit_args flags);

}  // namespace turnstile::app
