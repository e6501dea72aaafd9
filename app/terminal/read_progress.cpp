#include "app/terminal/read_progress.hpp"

namespace turnstile::app {

void read_progress::show(std::string_view phase, std::uint64_t records, std::uint64_t of) {
  if (phase != phase_) {
    phase_ = phase;
    begin_ = std::chrono::steady_clock::now();
  }
  if (!line_.due()) return;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
  line_.draw(progress_text(phase_, records, of, passed.count(), terminal_width(stderr)));
}

}  // namespace turnstile::app
