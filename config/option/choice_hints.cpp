#include "config/option/choice_hints.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "config/option/option.hpp"

namespace turnstile::core {

namespace {

struct other_word {
  std::string_view word;  ///< Lower case, letters and digits alone.
  std::string_view ours;
};

constexpr std::string_view hidden = R"("mask", or "replace" for a constant)";
constexpr std::string_view shortened = R"("truncate-ip" for an address, or "drop")";
constexpr std::string_view token = R"("pseudonym", or "encrypt" where it must be undone)";

constexpr std::array other_words{
    other_word{"hash", "\"pseudonym\""},
    other_word{"hashed", "\"pseudonym\""},
    other_word{"hmac", "\"pseudonym\""},
    other_word{"hmacsha256", "\"pseudonym\""},
    other_word{"sha", "\"pseudonym\""},
    other_word{"sha256", "\"pseudonym\""},
    other_word{"sha512", "\"pseudonym\""},
    other_word{"md5", "\"pseudonym\""},
    other_word{"redact", hidden},
    other_word{"obfuscate", hidden},
    other_word{"hide", hidden},
    other_word{"scrub", hidden},
    other_word{"remove", "\"drop\""},
    other_word{"delete", "\"drop\""},
    other_word{"exclude", "\"drop\""},
    other_word{"omit", "\"drop\""},
    other_word{"discard", "\"drop\""},
    other_word{"anonymize", shortened},
    other_word{"anonymise", shortened},
    other_word{"anonymizeip", "\"truncate-ip\""},
    other_word{"truncate", "\"truncate-ip\""},
    other_word{"tokenize", token},
    other_word{"tokenise", token},
    other_word{"token", token},
    other_word{"aes", "\"encrypt\""},
    other_word{"cipher", "\"encrypt\""},
    other_word{"nullify", "\"null\""},
    other_word{"constant", "\"replace\""},
    other_word{"bucket", "\"round\""},
    other_word{"none", "\"keep\""},
    other_word{"pass", "\"keep\""},
    other_word{"passthrough", "\"keep\""},
};

/// Those of presets/, which a package has in /usr/share/turnstile/presets.
constexpr std::array<std::string_view, 13> preset_files{
    "1password", "auth0",    "cloudevents", "cloudflare-access", "cloudtrail", "duo",     "entra",
    "github",    "keycloak", "okta",        "segment",           "snowplow",   "teleport"};

std::string plain(std::string_view word) {
  std::string out;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

}  // namespace

std::string method_hint(std::string_view word) {
  const auto found = std::ranges::find(other_words, plain(word), &other_word::word);
  if (found == other_words.end()) return {};
  return "did you mean " + std::string(found->ours) + "?";
}

std::string preset_hint(std::string_view word) {
  const std::string name{closest(word, preset_files)};
  if (name.empty()) return {};
  return "the rules of " + name + " are a file: give -c presets/" + name +
         ".toml (of the package: /usr/share/turnstile/presets/" + name +
         ".toml) in place of event.preset";
}

}  // namespace turnstile::core
