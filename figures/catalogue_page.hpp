// docs/metrics.md: every metric, made from the catalogue.
//
// A pure function. A test holds the page against it.
#pragma once

#include <string>

namespace turnstile::figures {

[[nodiscard]] std::string catalogue_page();

}  // namespace turnstile::figures
