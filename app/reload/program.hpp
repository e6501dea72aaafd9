// How this process was started, so that it can be started anew in its place.
//
// Owned by the command that runs a worker, made before there is another thread. GUARANTEES: what is
// started has the same path, arguments, environment, working directory and process id, and of the
// open files only those that this process was started with. Where the program's file has been
// replaced meanwhile, it is the new one.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace turnstile::app {

/// How often this process was asked to start anew; each program hands them to the next.
struct reload_counts {
  std::int64_t done = 0;
  std::int64_t refused = 0;
};

class program {
public:
  /// REQUIRES: the main thread, and nothing opened yet that lasts. Takes the variable by which the
  /// program before it has told its counts.
  [[nodiscard]] static program of_this_process();

  /// `path`: absolute. `arguments`: with that of the program's name.
  program(std::string path, std::vector<std::string> arguments)
    : path_(std::move(path)), arguments_(std::move(arguments)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const reload_counts& counts() const { return counts_; }

  /// What its command `check` has against the same arguments, line by line; empty: nothing. It is
  /// the file that is there now which is asked: it will read them. `listens_at`: the port that this
  /// process has itself; empty: none. THREAD: one at a time.
  [[nodiscard]] std::vector<std::string> faults(const std::string& listens_at,
                                                std::chrono::milliseconds time_max) const;

  /// Does not return where it succeeds; else says why. What is blocked of signals stays blocked, so
  /// one that comes meanwhile waits for the new program.
  [[nodiscard]] std::string execute(const reload_counts& counts) const;

private:
  void close_on_execute() const;

  std::string path_;
  std::vector<std::string> arguments_;
  reload_counts counts_;
  std::set<int> inherited_;  ///< Open files that are not ours to close.
};

}  // namespace turnstile::app
