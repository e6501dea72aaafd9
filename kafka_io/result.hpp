// A value, or why there is none: what blocking calls of kafka_io return.
//
// A plain value of its caller. GUARANTEES: exactly one of the two is there; the error's text is one
// line and holds no secret.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

template <typename Value>
class [[nodiscard]] result {
public:
  result(Value value) : content_(std::in_place_index<0>, std::move(value)) {}
  result(io_error error) : content_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] explicit operator bool() const { return content_.index() == 0; }

  /// REQUIRES: there is a value.
  [[nodiscard]] Value& operator*() {
    assert(content_.index() == 0);
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] const Value& operator*() const {
    assert(content_.index() == 0);
    return *std::get_if<0>(&content_);
  }
  [[nodiscard]] Value* operator->() { return &**this; }
  [[nodiscard]] const Value* operator->() const { return &**this; }

  /// REQUIRES: there is no value.
  [[nodiscard]] const io_error& error() const {
    assert(content_.index() == 1);
    return *std::get_if<1>(&content_);
  }

private:
  std::variant<Value, io_error> content_;
};

}  // namespace turnstile::kafka_io
