#include "kafka_io/client/defaults_reference.hpp"

#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/kafka_property.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/memory_shares.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::string_view head = R"(
## Defaults of librdkafka's properties

Other than librdkafka's own, or relied on. They hold unless `[kafka]` or the table of the client says otherwise:

| property | of | default | why |
|---|---|---|---|
)";

constexpr std::string_view tail = R"(
With exactly-once `message.timeout.ms` is at most `transaction.timeout_ms`, and a producer's `socket.timeout.ms` at
most a third of it. `client.id` is `workers.id` where that is set.

`fetch.queue.backoff.ms` is 10 where librdkafka knows it (from 2.2 on): with its own 1,000 a partition whose queue was
full is not fetched again for a second, though the queue has long been empty.
)";

void append_rows(std::string& to, const std::vector<client_property>& properties,
                 std::string_view client) {
  constexpr std::string_view budget = "memory.budget_mib";
  for (const auto& [name, value, why] : properties) {
    if (!core::property_fault(name, value).empty()) continue;
    const bool is_derived = why.starts_with(budget);
    to += "| `" + name + "` | " + std::string(client) + " | ";
    to += is_derived ? "derived" : "`" + value + "`";
    to += " | ";
    to += is_derived ? "`" + std::string(budget) + "`" + std::string(why.substr(budget.size()))
                     : std::string(why);
    to += " |\n";
  }
}

}  // namespace

std::string defaults_reference() {
  const core::settings settings = core::load_config({}).values;
  const auto shares = divide_budget(settings.memory.budget_mib, 1, settings.delivery.guarantee);
  std::string page(head);
  append_rows(page, common_defaults(settings), "both");
  append_rows(page, consumer_defaults(settings, shares.prefetch), "consumer");
  append_rows(page, producer_defaults(settings, shares.producer_bytes), "producer");
  page += tail;
  return page;
}

}  // namespace turnstile::kafka_io
