// Puts the log where the settings say, by Boost.Log: standard error and a rotating file.
//
// Made by main before other threads exist and destroyed after they have ended; while it lives it is
// what core::log writes to. Logging is safe from any thread and never waits for a disk or a reader:
// lines go through a bounded queue for each target; where it is full they are dropped, and how many
// were is told on standard error.
// GUARANTEES: never throws after construction; a target that cannot be written is told once on
// standard error and tried again with each line.
#pragma once

#include <memory>

#include "core/log.hpp"
#include "core/settings.hpp"

namespace turnstile::app {

/// REQUIRES: one at a time; Boost.Log's core is one for the process.
class logging {
public:
  explicit logging(const core::settings& settings);
  ~logging();
  logging(const logging&) = delete;
  logging& operator=(const logging&) = delete;

  /// THREAD: any. Waits until what was logged so far is written: before a sudden end of the
  /// process.
  static void flush();

private:
  class sink;
  std::unique_ptr<sink> sink_;
};

}  // namespace turnstile::app
