// Keeps what is logged while it lives, as `event name=value ...`.
//
// Owned by a test case; takes the place of the installed sink, of which there must be none. Used on
// the test's thread only.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.hpp"

namespace turnstile::tests {

class log_capture final : public core::log_sink {
public:
  log_capture() { core::install_log_sink(this); }
  ~log_capture() override { core::install_log_sink(nullptr); }
  log_capture(const log_capture&) = delete;
  log_capture& operator=(const log_capture&) = delete;

  void write(core::severity, std::string_view event, core::log_fields fields) noexcept override {
    std::string line{event};
    for (const auto& field : fields)
      line.append(" ").append(field.name).append("=").append(field.value);
    lines.push_back(std::move(line));
  }

  /// Those that hold all of `parts`.
  [[nodiscard]] std::vector<std::string> with(std::initializer_list<std::string_view> parts) const {
    std::vector<std::string> found;
    for (const auto& line : lines) {
      bool all = true;
      for (const auto part : parts) all = all && line.find(part) != std::string::npos;
      if (all) found.push_back(line);
    }
    return found;
  }

  std::vector<std::string> lines;
};

}  // namespace turnstile::tests
