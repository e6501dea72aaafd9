// The configuration: a file, one variable of the environment, one option of the command line.
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "config/config.hpp"
#include "config/kafka_property.hpp"
#include "config/options.hpp"
#include "core/quoting.hpp"
#include "tests/fuzz/support.hpp"

using namespace turnstile::core;
using turnstile::fuzz::choices;
using turnstile::fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("configuration", 0);
  choices choose(data, size);
  const std::string override_given(choose.part());
  const std::string name(choose.part());
  const std::string value(choose.part());
  const std::string_view text = choose.rest();
  must(::ftruncate(file, 0) == 0, "the file can be emptied");
  must(::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()),
       "the file can be written");

  config_sources sources;
  sources.files = {"/proc/self/fd/" + std::to_string(file)};
  if (!override_given.empty()) sources.command_line.push_back(parse_override(override_given));
  if (!name.empty()) sources.environment.emplace_back("TURNSTILE_" + name, value);
  static_cast<void>(property_fault(name, value));
  static_cast<void>(shown_property(name, value));
  const config loaded = load_config(sources);
  for (const auto* lines : {&loaded.faults, &loaded.warnings})
    for (const std::string& line : *lines)
      must(printable(line) == line && line.find('\n') == std::string::npos,
           "a fault is one line that can be printed");
  if (!loaded.faults.empty()) return 0;
  for (const auto& option : option_table()) static_cast<void>(to_toml(option.get(loaded.values)));
  return 0;
}
