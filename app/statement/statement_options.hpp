// `turnstile audit --statement` and `--verify`: the files, the keys, and what is said of them.
//
// On the main thread.
#pragma once

#include <optional>
#include <string>

#include "app/statement/signed_statement.hpp"
#include "audit/run/audit_session.hpp"
#include "core/settings.hpp"

namespace turnstile::app {

/// Why a statement could not be written with these arguments, before an hour is spent on the
/// audit; the exit code, having complained. Nothing: it can.
[[nodiscard]] std::optional<int> statement_refusal(const audit::audit_args& args);

/// Signs where a key is named. The exit code where it fails, having complained.
[[nodiscard]] std::optional<int> write_statement(const audit::audit_args& args,
                                                 const audit::audit_report& report,
                                                 const audit::reading& read,
                                                 const core::settings& settings);

/// `--verify`: says whether the file is what was signed; the exit code.
[[nodiscard]] int print_verification(const audit::audit_args& args);

}  // namespace turnstile::app
