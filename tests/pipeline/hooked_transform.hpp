// The transform of login events with a test's function before it, which may throw or take its time.
//
// Owned by a transformer actor. The function is shared by the whole pool: it must not keep state.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "event/methods/pseudonymiser.hpp"
#include "tests/pipeline/engine.hpp"
#include "tests/support/login_transform.hpp"

namespace turnstile::tests {

class hooked_transform final : public core::record_transform {
public:
  using hook = std::function<void(const core::record_view&)>;

  /// `on_carry` also runs for what an input that threw carries over: where that throws something
  /// else than a std::exception, the transformer actor dies of it.
  hooked_transform(const core::settings& settings, hook on_apply, hook on_carry = {})
    : login_(settings, std::make_shared<event::pseudonymiser>()),
      on_apply_(std::move(on_apply)),
      on_carry_(std::move(on_carry)) {}

  void apply(const core::record_view& in, core::record_batch& batch, std::int64_t now_s) override {
    on_apply_(in);
    login_.apply(in, batch, now_s);
  }

  [[nodiscard]] core::output_record carry(const core::record_view& in,
                                          core::arena& memory) const override {
    if (on_carry_) on_carry_(in);
    return login_.carry(in, memory);
  }

private:
  tests::login_transform login_;
  hook on_apply_, on_carry_;
};

/// For engine_plan::make_transform.
inline transform_maker hooked(hooked_transform::hook on_apply,
                              hooked_transform::hook on_carry = {}) {
  return [on_apply, on_carry](const core::settings& settings) {
    return std::make_unique<hooked_transform>(settings, on_apply, on_carry);
  };
}

}  // namespace turnstile::tests
