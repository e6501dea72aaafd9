// Asks the HTTP endpoint of a worker on this machine once, as a health check does.
//
// A free function; any thread may call it. To connect, to write and each read take at most
// `question_time_max`. It sends no secret and believes nothing but a status, so it checks no
// certificate: who could answer in the worker's place runs on its machine. REQUIRES: SIGPIPE does
// not end the process.
#pragma once

#include <chrono>
#include <string>

namespace turnstile::app {

inline constexpr std::chrono::seconds question_time_max{4};
inline constexpr std::size_t answer_bytes_max = 65'536;

struct endpoint_answer {
  int status = 0;
  std::string body;
  std::string fault;  ///< Not empty: there is no answer.
};

/// `listens_at` as http.listen has it; one that stands for all addresses is asked on loopback. By
/// TLS where the endpoint says that it speaks it.
[[nodiscard]] endpoint_answer ask_endpoint(const std::string& listens_at, const std::string& path);

}  // namespace turnstile::app
