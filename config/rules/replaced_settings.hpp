// Settings that rules have replaced, for what still reads them.
//
// Pure; called once at start.
#pragma once

#include "core/settings.hpp"

namespace turnstile::core {

/// Sets them as `values.event` says.
void set_from_rules(settings& values);

}  // namespace turnstile::core
