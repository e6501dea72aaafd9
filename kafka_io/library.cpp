#include "kafka_io/library.hpp"

#include <array>

#include "kafka_io/handles.hpp"

namespace turnstile::kafka_io {

int library_version() { return rd_kafka_version(); }

std::string library_version_text() { return rd_kafka_version_str(); }

bool fetch_sleeps() {
  constexpr int fixed_in = 0x02020000;
  return rd_kafka_version() < fixed_in;
}

std::string library_fault(const std::string& name, const std::string& value) {
  const conf_ptr conf{rd_kafka_conf_new()};
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK)
    return {};
  return text.data();
}

}  // namespace turnstile::kafka_io
