// The page that a person opens at `/`: one file, made of app/http/page at build.
//
// A constant; any thread. It holds no figure: it asks /status itself. GUARANTEES: by its policy a
// browser runs nothing but the script in it, and loads nothing from anywhere else.
#pragma once

#include "app/http/http_request.hpp"

namespace turnstile::app {

[[nodiscard]] const http_response& status_page();

}  // namespace turnstile::app
