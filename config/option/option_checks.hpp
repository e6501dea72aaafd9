// Checks of single texts, named by the rows of the option table.
//
// Pure functions. Each returns what is wrong, as the end of a sentence that begins with the text,
// or nothing.
#pragma once

#include <string>
#include <string_view>

namespace turnstile::core {

using text_check = std::string (*)(std::string_view);

/// `HOST:PORT`, `[IPV6]:PORT`, each with one of Kafka's protocols and `://` before it or without.
[[nodiscard]] std::string broker_fault(std::string_view text);

/// Kafka's own rule for topic names.
[[nodiscard]] std::string topic_fault(std::string_view text);

[[nodiscard]] std::string group_fault(std::string_view text);
[[nodiscard]] std::string worker_id_fault(std::string_view text);
/// HOST:PORT to listen at.
[[nodiscard]] std::string listen_fault(std::string_view text);
[[nodiscard]] std::string log_file_fault(std::string_view text);

}  // namespace turnstile::core
