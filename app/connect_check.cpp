#include "kafka_io/ask/connect_check.hpp"

#include "app/commands.hpp"
#include "app/terminal/terminal.hpp"

namespace turnstile::app {

kafka_io::broker_report check_brokers(const core::settings& settings) {
  progress_line progress{stderr};
  return kafka_io::check_connection(settings, [&progress](std::string_view what) {
    progress.draw("asking the brokers for " + std::string{what} + " …");
  });
}

}  // namespace turnstile::app
