// How a lane finds the record that a broker refuses, without writing anything out of order.
//
// A plain value, owned by one delivery_lane and used on it alone. A broker refuses a whole request
// for one record. From a refusal on records go in groups, each one request with nothing else under
// way; a group that is refused is halved until one record is refused alone, so that k among n cost
// about k * log2(n) requests. What is suspected goes alone at once: then k cost k. After enough of
// them went well the lane streams again.
#pragma once

#include <algorithm>
#include <cstddef>

namespace turnstile::actors {

class refusal_search {
public:
  /// Handing over more might take longer than librdkafka waits for the rest of a request.
  static constexpr std::size_t group_records_max = 512;

  /// Of a request's bytes: it has some of its own.
  static constexpr std::size_t request_share = 10;

  /// Streaming costs one client for each refusal, a group a round trip.
  static constexpr std::size_t trusted_after = 50'000;

  [[nodiscard]] bool on() const { return left_ > 0; }

  /// Records of the group that is under way.
  [[nodiscard]] std::size_t group() const { return group_; }
  /// Whether a record of `bytes` joins the group. `alone`: only where that is empty.
  [[nodiscard]] bool has_room(std::size_t bytes, bool alone, std::size_t request_bytes) const {
    if (group_ == 0) return true;
    return !alone && !alone_ && group_ < records_max() &&
           bytes_ + bytes <= request_bytes - request_bytes / request_share;
  }
  void add(std::size_t bytes, bool alone) {
    ++group_;
    bytes_ += bytes;
    alone_ = alone;
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
    alone_ = false;
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
  bool alone_ = false;
  std::size_t delivered_ = 0;  ///< Of the group.
  std::size_t refused_ = 0;    ///< Since nothing was under way.
};

}  // namespace turnstile::actors
