// A batch of generated login events, for the benchmarks of the transform.
//
// Owned by one benchmark. The events are those of `turnstile generate --seed 7`.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/batch.hpp"
#include "generate/event_factory.hpp"
#include "tests/support/login_transform.hpp"

namespace turnstile::bench {

inline constexpr std::int64_t now_s = 1729894460;

class events {
public:
  explicit events(std::size_t count) {
    generate::event_factory factory{generate::parse_mix("seed").mix, 7, 1024 * 1024};
    for (std::size_t i = 0; i < count; ++i) {
      const auto event = factory.next();
      core::record_view view;
      view.offset = static_cast<std::int64_t>(i);
      view.timestamp_ms = now_s * 1000;
      if (event.key) view.key = kept_.emplace_back(*event.key);
      if (event.value) view.value = kept_.emplace_back(*event.value);
      views_.push_back(view);
    }
  }

  [[nodiscard]] const std::vector<core::record_view>& views() const { return views_; }

  /// A batch as a partition_consumer reads it.
  [[nodiscard]] std::shared_ptr<core::record_batch> batch() const {
    auto made = std::make_shared<core::record_batch>();
    made->layout = layout_;
    made->inputs = views_;
    return made;
  }

private:
  std::deque<std::string> kept_;
  std::vector<core::record_view> views_;
  std::shared_ptr<const core::topic_layout> layout_ = std::make_shared<core::topic_layout>();
};

}  // namespace turnstile::bench
