// Makes new outcomes of inputs that are redriven, and writes them in transactions.
//
// Owned and used by one thread. An input goes by the worker's own transform, and what becomes of it
// to where a worker would put it. GUARANTEES: an output is committed together with the position
// that says so; nothing is written in a dry run; at most `records_max` outputs and about
// `bytes_max` bytes are kept, until their transaction's end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/redrive/dead_letter.hpp"
#include "app/redrive/redrive_tally.hpp"
#include "core/batch.hpp"
#include "core/layout.hpp"
#include "core/settings.hpp"
#include "core/transform.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/tools/transactional_writer.hpp"

namespace turnstile::app {

/// Where outputs go. Null functions: nowhere, it is a dry run.
struct redrive_sink {
  using failure = std::optional<kafka_io::io_error>;
  std::function<failure(const core::output_record&, std::int32_t source_partition,
                        std::int32_t partition)>
      send;
  std::function<failure(const std::vector<kafka_io::noted_position>&)> commit;
};

class redriver {
public:
  using failure = redrive_sink::failure;

  static constexpr std::size_t records_max = 10'000;
  static constexpr std::size_t bytes_max = std::size_t{16} * 1024 * 1024;
  /// After which an open transaction is ended although more could go into it.
  static constexpr std::chrono::milliseconds age_max{1000};

  struct setup {
    core::settings settings;
    std::shared_ptr<const core::topic_layout> layout;
    std::shared_ptr<const core::transform_version> version;
    redrive_sink sink;
    /// Called before a commit: what to commit with it.
    std::function<std::vector<kafka_io::noted_position>()> positions;
    /// Called with each input that is done, before the commit of it.
    std::function<void(const dead_letter&, bool failed)> done;
  };

  redriver(setup with, redrive_tally& tally);

  /// Applies the rules to the input of `letter`.
  failure take(const dead_letter& letter, const core::record_view& input);

  /// Its input cannot be read.
  failure take_unreadable(const dead_letter& letter);

  /// Ends the transaction: whatever is done is committed. `always`: the positions, even where
  /// nothing is.
  failure commit(bool always);

  /// The same where it has been open for long.
  failure commit_if_old();

private:
  [[nodiscard]] bool is_of(const dead_letter& letter, const core::record_view& input) const;
  failure take_outcome(const dead_letter& letter);
  failure take_failed(const dead_letter& letter, const core::failure& failed);
  failure write(const dead_letter& letter, core::output_record& record);
  void add_headers(const dead_letter& letter, core::output_record& record);
  failure finish(const dead_letter& letter, bool failed);
  void begin_batch();

  setup with_;
  std::unique_ptr<core::record_transform> transform_;
  redrive_tally& tally_;
  std::size_t origin_bytes_;
  std::unique_ptr<core::record_batch> batch_;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
  bool uncommitted_ = false;  ///< Something is done since the last commit.
  std::chrono::steady_clock::time_point began_{};
};

}  // namespace turnstile::app
