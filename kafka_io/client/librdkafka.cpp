#include "kafka_io/client/librdkafka.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "config/options.hpp"
#include "kafka_io/client/handles.hpp"

namespace turnstile::kafka_io {

namespace {

std::string near_property(rd_kafka_conf_t* conf, const std::string& name) {
  std::size_t count = 0;
  const char** pairs = rd_kafka_conf_dump(conf, &count);
  std::vector<std::string_view> known;
  for (std::size_t i = 0; i < count; i += 2) known.emplace_back(pairs[i]);
  const std::string near{core::closest(name, known)};
  rd_kafka_conf_dump_free(pairs, count);
  return near.empty() ? "" : "; did you mean " + near + "?";
}

}  // namespace

int library_version() { return rd_kafka_version(); }

std::string library_version_text() { return rd_kafka_version_str(); }

bool fetch_sleeps() {
  constexpr int fixed_in = 0x02020000;
  return rd_kafka_version() < fixed_in;
}

std::string library_features() {
  const conf_ptr conf{rd_kafka_conf_new()};
  std::array<char, 512> value{};
  std::size_t size = value.size();
  if (rd_kafka_conf_get(conf.get(), "builtin.features", value.data(), &size) != RD_KAFKA_CONF_OK)
    return {};
  return value.data();
}

std::string library_fault(const std::string& name, const std::string& value) {
  const conf_ptr conf{rd_kafka_conf_new()};
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK:
      return {};
    case RD_KAFKA_CONF_INVALID:
      return text.data();
    case RD_KAFKA_CONF_UNKNOWN:
      break;
  }
  return text.data() + near_property(conf.get(), name);
}

}  // namespace turnstile::kafka_io
