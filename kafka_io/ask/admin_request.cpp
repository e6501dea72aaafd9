#include "kafka_io/ask/admin_request.hpp"

#include <array>

#include "kafka_io/client/connection_trouble.hpp"

namespace turnstile::kafka_io {

admin_options_ptr options_for(rd_kafka_t* client, rd_kafka_admin_op_t what,
                              std::chrono::milliseconds timeout) {
  admin_options_ptr options{rd_kafka_AdminOptions_new(client, what)};
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout.count()),
                                            text.data(), text.size());
  return options;
}

result<event_ptr> await_answer(rd_kafka_t* client, rd_kafka_queue_t* queue,
                               std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds grace{1000};
  event_ptr event{rd_kafka_queue_poll(queue, static_cast<int>((timeout + grace).count()))};
  const auto code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(client, code);
  return event;
}

bool is_coordinator_trouble(error_code code) {
  return code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR__WAIT_COORD ||
         code == RD_KAFKA_RESP_ERR__TIMED_OUT;
}

}  // namespace turnstile::kafka_io
