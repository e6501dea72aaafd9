// The transform of a fixed number of events, for counting instructions under callgrind:
// `tests/scripts/test_hot_path.py` holds the count against a limit.
#include <cstdio>

#include "events.hpp"

namespace {

constexpr std::size_t batch_records = 512;
constexpr std::size_t batches = 40;

}  // namespace

int main() {
  using namespace turnstile;
  const bench::events given{batch_records};
  tests::login_transform login{tests::default_settings(), std::make_shared<event::pseudonymiser>()};
  std::size_t outputs = 0;
  for (std::size_t n = 0; n < batches; ++n) {
    const auto batch = given.batch();
    core::transform_batch(login, *batch, bench::now_s);
    outputs += batch->outputs.size();
  }
  std::printf("%zu\n", outputs);
}
