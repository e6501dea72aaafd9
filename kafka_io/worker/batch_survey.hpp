// Where a batch that cannot be read begins and ends.
//
// librdkafka tells of such a batch its first offset and nothing else, whichever of its offsets was
// asked for. So the end is searched for: an offset belongs to the batch as long as a Fetch from
// there fails with the same first offset. `find_unreadable` blocks its thread, any but an actor's;
// rd_batch_survey, owned by whoever asks it, calls it on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

/// The batch at `offset`, or the first one of the partition for -1, if it cannot be read; nothing
/// where it can, or no broker tells. REQUIRES: `client` is a consumer with `enable.partition.eof`,
/// which reads nothing of the partition now. `stopped` is asked several times a second.
[[nodiscard]] std::optional<unreadable_batch> find_unreadable(const shared_client& client,
                                                              const std::string& topic,
                                                              std::int32_t partition,
                                                              std::int64_t offset,
                                                              const std::function<bool()>& stopped);

/// Makes a client that reads what the worker's consumer reads.
using survey_client_factory = std::function<result<shared_client>()>;

class rd_batch_survey {
public:
  rd_batch_survey(survey_client_factory make_client, std::string topic);
  /// What was asked and not answered never is.
  ~rd_batch_survey();
  rd_batch_survey(const rd_batch_survey&) = delete;
  rd_batch_survey& operator=(const rd_batch_survey&) = delete;

  /// As kafka_io::batch_survey has it. A client is made for each question: they are rare.
  void ask(std::int32_t partition, std::int64_t offset,
           std::function<void(std::optional<unreadable_batch>)> answer);

private:
  struct question {
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::function<void(std::optional<unreadable_batch>)> answer;
  };

  void serve();
  [[nodiscard]] bool stopping();
  [[nodiscard]] std::optional<unreadable_batch> answer_to(const question& asked);

  survey_client_factory make_client_;
  std::string topic_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<question> questions_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace turnstile::kafka_io
