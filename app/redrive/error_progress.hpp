// How far a redrive has come in one partition of the error topic, whatever the order in which the
// inputs are worked on.
//
// A plain value of its redrive, used by one thread. GUARANTEES: the position lies behind no error
// record that is not done.
#pragma once

#include <cstdint>
#include <vector>

namespace turnstile::app {

class error_progress {
public:
  /// All below `next` was read, and is done but for what was added.
  void set_read_to(std::int64_t next) { read_to_ = next; }

  /// Gives its slot. REQUIRES: offsets ascend.
  std::uint32_t add(std::int64_t error_offset) {
    open_.push_back({error_offset, false});
    return static_cast<std::uint32_t>(open_.size() - 1);
  }

  void done(std::uint32_t slot) {
    open_[slot].done = true;
    while (first_ < open_.size() && open_[first_].done) ++first_;
  }

  [[nodiscard]] std::int64_t position() const {
    return first_ < open_.size() ? open_[first_].offset : read_to_;
  }

  /// For the next part of the topic. REQUIRES: all are done.
  void forget() {
    open_.clear();
    first_ = 0;
  }

private:
  struct entry {
    std::int64_t offset = 0;
    bool done = false;
  };
  std::vector<entry> open_;
  std::size_t first_ = 0;  ///< The first that is not done.
  std::int64_t read_to_ = 0;
};

}  // namespace turnstile::app
