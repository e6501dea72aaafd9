#include "kafka_io/connect_check.hpp"

#include "app/commands.hpp"

namespace turnstile::app {

std::vector<std::string> check_brokers(const core::settings& settings) {
  return kafka_io::connection_problems(settings);
}

}  // namespace turnstile::app
