// Files of events, for the commands that try rules.
//
// Functions that block; used on the main thread. GUARANTEES: a fault is one line.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace turnstile::app {

/// More than a value may have.
inline constexpr std::size_t event_file_bytes_max = std::size_t{256} * 1024 * 1024;

struct file_bytes {
  std::string bytes;
  std::string fault;  ///< Empty: `bytes` are all of the file.
};

/// `-` is standard input.
[[nodiscard]] file_bytes read_file(const std::string& path);

/// Or why it could not be written.
[[nodiscard]] std::string write_file(const std::string& path, const std::string& bytes);

/// Of the file that says what is to become of a case.
inline constexpr std::array<std::string_view, 3> outcome_endings{".out.json", ".error",
                                                                 ".filtered"};

/// Of the files that say what a record has beside its value; a case may do without.
inline constexpr std::string_view record_input_ending = ".in.record.json";
inline constexpr std::string_view record_outcome_ending = ".out.record.json";

/// One case of golden tests: an input and what is to become of it.
struct golden_case {
  std::string name;
  std::string input;  ///< `NAME.in.json` or `NAME.in.bin`
};

struct golden_cases {
  std::vector<golden_case> cases;          ///< By name.
  std::vector<std::string> without_input;  ///< Files beside an input that no case has.
  std::string fault;
};
[[nodiscard]] golden_cases find_cases(const std::string& folder);

}  // namespace turnstile::app
