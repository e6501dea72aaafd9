#include "app/commands.hpp"

#include "app/commands/audit_command.hpp"
#include "app/commands/check_command.hpp"
#include "app/commands/generate_command.hpp"
#include "app/commands/run_command.hpp"
#include "app/commands/value_commands.hpp"
#include "app/commands/version_command.hpp"
#include "app/demo/demo_command.hpp"
#include "app/health/health_command.hpp"
#include "app/lag/lag_command.hpp"
#include "app/redrive/redrive_command.hpp"
#include "app/seals/keygen_command.hpp"
#include "app/seals/unseal_command.hpp"
#include "app/shadow/shadow_command.hpp"
#include "app/shell/shell_commands.hpp"
#include "app/trial/explain_command.hpp"
#include "app/trial/test_command.hpp"
#include "app/watch/watch_command.hpp"

namespace turnstile::app {

std::vector<command> commands() {
  return {
      run_command(),       check_command(),      health_command(), explain_command(),
      test_command(),      generate_command(),   watch_command(),  lag_command(),
      demo_command(),      audit_command(),      shadow_command(), redrive_command(),
      pseudonym_command(), reveal_command(),     keygen_command(), unseal_command(),
      version_command(),   completion_command(), man_command(),
  };
}

}  // namespace turnstile::app
