// How a lane finds the record that a broker refuses, without writing anything out of order.
//
// A plain value, owned by one delivery_lane and used on it alone. A broker refuses a whole request
// for one record. From a refusal on records go in groups, each one request with nothing else under
// way; a group that is refused is halved until one record is refused alone, so that k among n cost
// about k * log2(n) requests. After enough of them went well the lane streams again.
#pragma once

#include <algorithm>
#include <cstddef>

namespace turnstile::actors {

class refusal_search {
public:
  /// A group of more would be two requests where requests are as small as they get.
  static constexpr std::size_t group_records_max = 64;
  static constexpr std::size_t group_bytes_max = 15'000;

  /// Streaming costs one client for each refusal, a group a round trip.
  static constexpr std::size_t trusted_after = 50'000;

  [[nodiscard]] bool on() const { return left_ > 0; }

  /// Records of the group that is under way.
  [[nodiscard]] std::size_t group() const { return group_; }
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return group_ == 0 || (group_ < records_max() && bytes_ + bytes <= group_bytes_max);
  }
  void add(std::size_t bytes) {
    ++group_;
    bytes_ += bytes;
  }

  void begin() { left_ = trusted_after; }

  /// Of a record that is under way. True: it was alone, so it is the one.
  bool refused() {
    begin();
    ++refused_;
    return group_ == 1;
  }
  void delivered() {
    if (group_ > 0) ++delivered_;
  }

  /// Nothing is under way any more.
  void end_group() {
    if (refused_ > 0)
      suspects_ = group_ == 1 ? 0 : refused_;
    else
      suspects_ -= std::min(suspects_, delivered_);
    left_ -= std::min(left_, delivered_);
    group_ = bytes_ = delivered_ = refused_ = 0;
  }

private:
  [[nodiscard]] std::size_t records_max() const {
    if (suspects_ == 0) return group_records_max;
    return std::clamp<std::size_t>(suspects_ / 2, 1, group_records_max);
  }

  std::size_t left_ = 0;      ///< To be delivered before the lane streams again.
  std::size_t suspects_ = 0;  ///< One of so many that come next is refused.
  std::size_t group_ = 0;
  std::size_t bytes_ = 0;
  std::size_t delivered_ = 0;  ///< Of the group.
  std::size_t refused_ = 0;    ///< Since nothing was under way.
};

}  // namespace turnstile::actors
