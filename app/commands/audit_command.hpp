// `turnstile audit`: proves from the topics what became of every input.
//
// On the main thread. What it decides is in audit/.
#pragma once

#include "app/commands/command.hpp"
#include "audit/run/audit_session.hpp"

namespace turnstile::app {

[[nodiscard]] command_of<audit::audit_args> audit_command();

}  // namespace turnstile::app
