// Reads whole topics with librdkafka and looks at nothing: what the speed of `turnstile audit` is
// measured against. One consumer, all partitions at once, batches of 10,000.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <librdkafka/rdkafka.h>

#include "kafka_io/client/handles.hpp"

namespace {

using namespace turnstile::kafka_io;  // NOLINT(google-build-using-namespace): the handles.

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "read: %s\n", why.c_str());
  std::exit(1);
}

shared_client make_consumer(const std::string& brokers, const std::vector<std::string>& more) {
  conf_ptr conf{rd_kafka_conf_new()};
  char text[512];
  const auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof text) !=
        RD_KAFKA_CONF_OK)
      fail(text);
  };
  set("bootstrap.servers", brokers);
  set("group.id", "turnstile-bench-read");
  set("enable.auto.commit", "false");
  set("enable.partition.eof", "true");
  for (const auto& property : more) {
    const auto equals = property.find('=');
    if (equals == std::string::npos) fail("no NAME=VALUE: " + property);
    set(property.substr(0, equals), property.substr(equals + 1));
  }
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), text, sizeof text);
  if (client == nullptr) fail(text);
  static_cast<void>(conf.release());  // Owned by the client from here on.
  return {client, rd_kafka_destroy};
}

/// All partitions of the topics, from the beginning.
topic_partition_list_ptr partitions_of(rd_kafka_t* client, const std::vector<std::string>& topics) {
  topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(16)};
  for (const auto& name : topics) {
    const topic_ptr topic{rd_kafka_topic_new(client, name.c_str(), nullptr)};
    const rd_kafka_metadata_t* answer = nullptr;
    if (rd_kafka_metadata(client, 0, topic.get(), &answer, 10'000) != 0) fail("no metadata");
    const metadata_ptr owned{answer};
    for (std::int32_t p = 0; p < answer->topics[0].partition_cnt; ++p)
      rd_kafka_topic_partition_list_add(list.get(), name.c_str(), p)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
  }
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  std::string brokers;
  std::vector<std::string> topics;
  std::vector<std::string> properties;
  CLI::App app{"Reads topics to their ends and prints how many records a second that were"};
  app.add_option("--brokers", brokers, "HOST:PORT,...")->required();
  app.add_option("topic", topics, "Topics")->required();
  app.add_option("--consumer", properties, "Further property NAME=VALUE; repeatable")
      ->allow_extra_args(false);
  CLI11_PARSE(app, argc, argv);

  const shared_client client = make_consumer(brokers, properties);
  const auto list = partitions_of(client.get(), topics);
  const auto begin = std::chrono::steady_clock::now();
  if (rd_kafka_assign(client.get(), list.get()) != 0) fail("cannot assign");
  const queue_ptr queue{rd_kafka_queue_get_consumer(client.get())};
  std::vector<rd_kafka_message_t*> messages(10'000);
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  for (int ended = 0; ended < list->cnt;) {
    const auto count =
        rd_kafka_consume_batch_queue(queue.get(), 100, messages.data(), messages.size());
    if (count < 0) fail("cannot read");
    for (auto* message : std::span{messages.data(), static_cast<std::size_t>(count)}) {
      const message_ptr owned{message};
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ended;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      ++records;
      bytes += static_cast<std::int64_t>(message->len);
    }
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  std::printf("{\"records\":%lld,\"value_bytes\":%lld,\"seconds\":%.3f,\"records_per_s\":%.0f}\n",
              static_cast<long long>(records), static_cast<long long>(bytes), passed.count(),
              static_cast<double>(records) / passed.count());
  rd_kafka_assign(client.get(), nullptr);
}
