#include "app/statement/statement_options.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <variant>

#include <sodium.h>
#include <unistd.h>

#include "app/build_info.hpp"
#include "app/statement/key_path.hpp"
#include "app/statement/whole_file.hpp"
#include "app/terminal/terminal.hpp"
#include "audit/statement/statement.hpp"
#include "config/rules/rule_text.hpp"
#include "core/exit_codes.hpp"
#include "core/quoting.hpp"
#include "core/timestamps.hpp"
#include "event/json_event.hpp"
#include "event/methods/key_file.hpp"

namespace turnstile::app {

namespace {

/// A report has at most a few thousand ranges for each partition.
constexpr std::size_t file_bytes_max = std::size_t{64} << 20U;

using loaded_key = std::variant<event::secret_key, std::string>;

/// The key of an option that was given; the fault with the option's name.
loaded_key load(const char* option, const std::string& file, event::pair_key kind) {
  auto loaded = event::load_pair_key_file(key_path(file), kind);
  if (auto* const fault = std::get_if<std::string>(&loaded))
    return std::string(option) + ": " + *fault;
  return loaded;
}

loaded_key load_seed(const audit::audit_args& args) {
  return load("--sign-key", args.sign_key_file, event::pair_key::sign_secret);
}

std::string sha256_of(const std::string& text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  std::array<char, 2 * digest.size() + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  return hex.data();
}

audit::statement_origin origin_of(const core::settings& settings) {
  return {.program = std::string("turnstile ") + TURNSTILE_VERSION + " " + TURNSTILE_COMMIT,
          .time = core::timestamp_text(std::time(nullptr), core::timestamp_format::rfc3339),
          .rules_sha256 = sha256_of(core::rules_json(settings.event))};
}

/// The key whose signature it must be; nothing: any. Complains where one cannot be used.
std::variant<std::optional<sign_public_key>, std::string> wanted_key(
    const audit::audit_args& args) {
  if (!args.sign_key_file.empty()) {
    const auto seed = load_seed(args);
    if (const auto* fault = std::get_if<std::string>(&seed)) return *fault;
    return public_key_of(std::get<event::secret_key>(seed));
  }
  if (args.public_key_file.empty()) return std::optional<sign_public_key>{};
  const auto loaded = load("--public-key", args.public_key_file, event::pair_key::sign_public);
  if (const auto* fault = std::get_if<std::string>(&loaded)) return *fault;
  sign_public_key key{};
  std::ranges::copy(std::get<event::secret_key>(loaded).bytes(), key.begin());
  return key;
}

/// Of an object: what a string says, or another value's token.
std::string said_in(const event::json_event& object, std::string_view name) {
  const auto found = std::ranges::find(object.fields(), name, &event::json_field::name);
  if (found == object.fields().end()) return {};
  return std::string(found->kind == core::json_kind::string ? found->text : found->raw);
}

void print_verified(const verified_statement& verified) {
  event::json_event statement;
  event::json_event audit;
  static_cast<void>(statement.parse(verified.statement, file_bytes_max));
  const std::string report = said_in(statement, "audit");
  static_cast<void>(audit.parse(report, file_bytes_max));
  const painter paint{stdout};
  std::printf("%s signed by the key %s at %s: %s, %s inputs of %s\n",
              paint(colour::green, "OK").c_str(), id_of(verified.key).c_str(),
              core::printable(said_in(statement, "time")).c_str(),
              core::printable(said_in(statement, "verdict")).c_str(),
              core::printable(said_in(audit, "inputs")).c_str(),
              core::printable(said_in(audit, "input_topic")).c_str());
}

}  // namespace

std::optional<int> statement_refusal(const audit::audit_args& args) {
  if (args.statement_file.empty()) {
    if (args.sign_key_file.empty()) return std::nullopt;
    complain("--sign-key signs what --statement writes, or tells whose a --verify must be");
    return exit_usage;
  }
  if (!args.sign_key_file.empty()) {
    const auto seed = load_seed(args);
    if (const auto* fault = std::get_if<std::string>(&seed)) {
      complain(*fault);
      return exit_configuration;
    }
  }
  const auto slash = args.statement_file.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : args.statement_file.substr(0, slash + 1);
  if (::access(folder.c_str(), W_OK) == 0) return std::nullopt;
  complain("cannot write " + args.statement_file);
  return exit_output;
}

std::optional<int> write_statement(const audit::audit_args& args, const audit::audit_report& report,
                                   const audit::reading& read, const core::settings& settings) {
  if (args.statement_file.empty()) return std::nullopt;
  std::optional<event::secret_key> seed;
  if (!args.sign_key_file.empty()) {
    auto loaded = load_seed(args);
    if (const auto* fault = std::get_if<std::string>(&loaded)) {
      complain(*fault);
      return exit_configuration;
    }
    seed.emplace(std::get<event::secret_key>(std::move(loaded)));
  }
  const std::string statement = to_statement(origin_of(settings), report, read, settings);
  if (write_whole_file(args.statement_file, statement_file(statement, seed ? &*seed : nullptr)))
    return std::nullopt;
  complain("cannot write " + args.statement_file);
  return exit_output;
}

int print_verification(const audit::audit_args& args) {
  const auto key = wanted_key(args);
  if (const auto* fault = std::get_if<std::string>(&key)) {
    complain(*fault);
    return exit_configuration;
  }
  const auto file = read_whole_file(args.verify_file, file_bytes_max);
  if (!file) {
    complain(args.verify_file + " cannot be read");
    return exit_failed;
  }
  const auto verified = verify_statement(*file, std::get<0>(key));
  if (const auto* fault = std::get_if<std::string>(&verified)) {
    complain(args.verify_file + " " + *fault);
    return exit_failed;
  }
  print_verified(std::get<verified_statement>(verified));
  if (!std::get<0>(key)) complain("whose key that is, --public-key tells");
  return exit_ok;
}

}  // namespace turnstile::app
