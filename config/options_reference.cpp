#include "config/options_reference.hpp"

#include <algorithm>

#include "config/kafka_property.hpp"
#include "config/rules_reference.hpp"
#include "core/quoting.hpp"

namespace turnstile::core {

namespace {

constexpr std::string_view reference_head = R"(# Configuration

<!-- Made by `turnstile check --print-reference`; edit config/options_table.cpp instead. -->

Everything has a default: `turnstile run` works without a file. What is given counts in this order, later over
earlier:

1. the defaults below,
2. TOML files, `turnstile run -c FILE` ([an example with every option](deploy/turnstile.example.toml)); of several
   `-c` the later holds,
3. the environment: `TURNSTILE_PRODUCER_LINGER_MS=20` for `producer.linger_ms`, lists comma separated,
4. the command line: `--set producer.linger_ms=20`, lists comma separated; `--brokers` and `--group` are short for
   `--set kafka.brokers=…` and `--set kafka.group=…`.

A list may also be one string with commas. `${NAME}` is not replaced in values: a value that holds it is refused. Use
the option's own variable instead, such as `TURNSTILE_KAFKA_GROUP`. In the environment every text is taken as it is.

A name that does not exist, a value of the wrong type or out of range is refused before anything starts: one line
for each fault, with the option and where it was given, exit code 78. `turnstile check` shows faults or the values in
force. Variables `TURNSTILE_TEST_…` and `TURNSTILE_BENCH_…` belong to the scripts, and those that Kubernetes sets for
services (`TURNSTILE_…_SERVICE_HOST`, `…_PORT`, `…_TCP…`, `…_UDP…`) are passed over.
)";

constexpr std::string_view properties_text = R"(
## Properties of librdkafka

`[kafka]` takes any
[property of librdkafka](https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md) for both clients,
`[kafka.consumer]` and `[kafka.producer]` for one of them; the narrower one holds. Names are quoted, or nested tables
joined by dots; values are strings, integers or booleans:

```toml
[kafka]
"security.protocol" = "sasl_ssl"
"sasl.mechanism" = "PLAIN"
"sasl.username" = "turnstile"

[kafka.consumer]
session.timeout.ms = 6000
```

In the environment dots become underscores (`TURNSTILE_KAFKA_SASL_PASSWORD`,
`TURNSTILE_KAFKA_CONSUMER_SESSION_TIMEOUT_MS`); on the command line they stay
(`--set kafka.consumer.session.timeout.ms=6000`). Properties whose names sound like a secret are never shown, neither by
`turnstile check` nor in a fault.

Refused, because the engine owns them or because they are dangerous:

| property | why, or what to use |
|---|---|
)";

constexpr std::string_view example_head =
    R"(# Every option of Turnstile with its default. A file needs only what differs.
#
# Over this file goes the environment (TURNSTILE_PRODUCER_LINGER_MS for producer.linger_ms), over
# that the command line (--set producer.linger_ms=20). Check it with: turnstile check -c FILE
#
# Made by `turnstile check --print-example`; edit config/options_table.cpp instead.
)";

constexpr std::string_view example_properties = R"(
# Properties of librdkafka, for both clients here, for one in the tables below.
# "security.protocol" = "sasl_ssl"
# "sasl.mechanism" = "PLAIN"
# "sasl.username" = "turnstile"
# "sasl.password" = better in the environment: TURNSTILE_KAFKA_SASL_PASSWORD
# "ssl.ca.location" = "/etc/ssl/certs/ca-certificates.crt"

[kafka.consumer]
# "session.timeout.ms" = 10000
# "group.instance.id" = "turnstile-0"

[kafka.producer]
# "batch.size" = 1000000
)";

std::string names_of(const option& option, std::string_view quote) {
  std::string out;
  for (const auto name : option.names)
    append_item(out, std::string(quote) + std::string(name) + std::string(quote));
  return out;
}

std::string type_cell(const option& option) {
  switch (option.type) {
    case option_type::boolean:
      return "boolean";
    case option_type::text:
      return "string";
    case option_type::list:
      return "list of strings";
    case option_type::choice:
      return names_of(option, "`");
    case option_type::integer:
      break;
  }
  std::string out = std::to_string(option.min) + " to " + std::to_string(option.max);
  return option.unit.empty() ? out : out + " " + std::string(option.unit);
}

std::string escaped_bar(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

}  // namespace

std::string bounds_of(const option& option) {
  if (option.type == option_type::integer) return type_cell(option);
  return names_of(option, "");
}

std::string wrapped(std::string_view text, std::string_view indent, std::size_t width) {
  std::string out;
  std::string line;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > width) {
      out += std::string(indent) + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return line.empty() ? out : out + std::string(indent) + line + "\n";
}

std::string reference_page() {
  std::string out(reference_head);
  for (const auto& section : option_sections()) {
    out += "\n## `[" + std::string(section.name) + "]`\n\n" + std::string(section.about) + "\n\n";
    out += "| option | values | default | meaning |\n|---|---|---|---|\n";
    for (const auto& option : option_table()) {
      if (section_of(option.name) != section.name) continue;
      out += "| `" + std::string(option.name) + "` | " + type_cell(option) + " | `" +
             escaped_bar(to_toml(option.standard)) + "` | " + escaped_bar(option.help) + " |\n";
    }
    if (section.name == "event") out += rules_reference();
  }
  out += properties_text;
  for (const auto& row : refused_properties()) {
    out += "| `" + std::string(row.name) + "`";
    if (!row.unless.empty()) out += " (unless " + std::string(row.unless) + ")";
    out += " | " + escaped_bar(row.reason) + " |\n";
  }
  out += "| callbacks (`…_cb`, `…_cmp`) | functions of the engine's |\n";
  return out;
}

std::string example_file() {
  std::string out(example_head);
  for (const auto& section : option_sections()) {
    out += "\n# " + std::string(section.about) + "\n[" + std::string(section.name) + "]\n";
    bool first = true;
    for (const auto& option : option_table()) {
      if (section_of(option.name) != section.name) continue;
      if (!first) out += "\n";
      first = false;
      out += wrapped(option.help, "# ", 98);
      if (const auto bounds = bounds_of(option); !bounds.empty()) out += "# [" + bounds + "]\n";
      out += std::string(option.name.substr(section.name.size() + 1)) + " = " +
             to_toml(option.standard) + "\n";
    }
    if (section.name == "kafka") out += example_properties;
    if (section.name == "event") out += rules_example();
  }
  return out;
}

}  // namespace turnstile::core
