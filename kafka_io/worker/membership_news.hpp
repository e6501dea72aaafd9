// Which membership, of those that are read again and again, is to be told.
//
// Of rd_group_client, for Kafka's consumer protocol. There a member keeps its id when the
// coordinator has put it out, and joins anew under it: what is read then looks like its former
// self. It joins only after the event of its loss was answered. So what was read before the events
// that came with it says nothing; their own memberships count.
#pragma once

#include <string>
#include <utility>

namespace turnstile::kafka_io {

class membership_news {
public:
  /// `as_text`: id and epoch, read before the queue of events was emptied. `changed`: an assignment
  /// or a revocation was in it.
  [[nodiscard]] bool tell(std::string as_text, bool changed) {
    if (changed) {
      told_.clear();
      return false;
    }
    return as_text != std::exchange(told_, as_text);
  }

private:
  std::string told_;
};

}  // namespace turnstile::kafka_io
