// A share of the input partitions: makes the new outcomes of their inputs and judges them.
//
// Owned by the session and used by one thread at a time: its own while records are read, the
// session's between two passes. Knows no broker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/shadow/keyed.hpp"
#include "app/shadow/pairing.hpp"
#include "app/shadow/tally.hpp"
#include "core/arena.hpp"
#include "core/layout.hpp"
#include "core/settings.hpp"
#include "core/transform.hpp"
#include "event/plan.hpp"

namespace turnstile::shadow {

/// Records of one input partition, with their bytes, on the way to its lane.
struct parcel {
  struct output {
    std::int64_t offset = -1;  ///< Of its input.
    side found;                ///< But for the number of its key.
    std::string_view key_id;   ///< Empty: none.
  };

  std::int32_t partition = -1;
  core::arena memory;
  std::vector<core::record_view> inputs;
  std::vector<output> outputs;
  std::size_t bytes = 0;

  void add_input(const core::record_view& read);
  void add_output(std::int64_t offset, audit::fate where, const core::record_view& read);
};

/// What all lanes go by; constant.
struct new_rules {
  core::settings settings;
  std::shared_ptr<const event::plan> plan;
  std::shared_ptr<const core::topic_layout> layout;
  keyed_parts keyed;
  std::string key_id;  ///< Of the key that they make outputs with; empty: none.
  bool keeps_values = false;
};

class lane {
public:
  lane(std::shared_ptr<const new_rules> rules, std::size_t waiting_bytes_max);

  void open(std::int32_t partition, audit::offset_range range);

  void take(parcel& read);

  struct rest {
    std::int32_t partition = -1;
    pairing::rest of;
  };
  /// `known_from`, by partition: of inputs before it outputs were removed. Gives what the next pass
  /// must read; nothing: all is judged.
  [[nodiscard]] std::vector<rest> finish_pass(const std::vector<std::int64_t>& known_from);

  [[nodiscard]] const tally& counts() const { return tally_; }
  [[nodiscard]] pairing::figures figures() const;

private:
  void make_outcomes(pairing& pairs, parcel& read);
  tally::id judge(input_place at, const side& before, const side& after);
  [[nodiscard]] std::uint16_t key_number(std::string_view id);

  std::shared_ptr<const new_rules> rules_;
  std::unique_ptr<core::record_transform> transform_;
  waiting_room room_;
  std::map<std::int32_t, std::unique_ptr<pairing>> pairs_;
  pairing::judge judge_;
  tally tally_;
  std::vector<std::string> keys_{""};
  std::string scratch_;
};

}  // namespace turnstile::shadow
