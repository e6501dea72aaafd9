// The ceiling: the best simple program that reads a topic and writes it to another.
//
// One thread, librdkafka only: no JSON, no hashes, no actors. Each record goes with its key, its
// value unchanged and an origin header to the partition of the same number; an offset is stored
// once its record is delivered. Tuned as one would tune it for a backlog, with glibc's malloc.
// scripts/bench measures the worker against it.
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "kafka_io/client/handles.hpp"

namespace {

using namespace turnstile::kafka_io;

struct options {
  std::string brokers = "localhost:9092";
  std::string group = "copy";
  std::string input = "user-login";
  std::string output = "copy-output";
  std::string codec = "snappy";
  int linger_ms = 5;
  int prefetch = 100'000;
  bool no_header = false;
  std::vector<std::string> consumer;  ///< Further properties, NAME=VALUE.
  std::vector<std::string> producer;
};

volatile std::sig_atomic_t stopping = 0;

[[noreturn]] void fail(std::string_view what) {
  std::fprintf(stderr, "copy: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

/// One logfmt line, as the worker writes them: scripts/bench reads the time of the assignment.
void log_count(const char* event, std::int64_t count) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%FT%T", &utc);
  std::fprintf(stderr, "ts=%s.%03ldZ event=\"%s\" count=%lld\n", date.data(),
               now.tv_nsec / 1'000'000, event, static_cast<long long>(count));
}

class copier {
public:
  explicit copier(const options& args)
    : args_(args),
      origin_(args.input + "/"),
      producer_(make_producer()),
      consumer_(make_consumer()) {
    rd_kafka_poll_set_consumer(consumer_.get());
    from_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
    to_.reset(rd_kafka_topic_new(producer_.get(), args_.output.c_str(), nullptr));
    const topic_partition_list_ptr topics{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(topics.get(), args_.input.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto code = rd_kafka_subscribe(consumer_.get(), topics.get()))
      fail(rd_kafka_err2str(code));
  }

  void run() {
    std::array<rd_kafka_message_t*, 1000> batch{};
    while (stopping == 0) {
      // With a timeout the batch call would wait until the batch is full, and add to the latency.
      auto n = rd_kafka_consume_batch_queue(from_.get(), 0, batch.data(), batch.size());
      if (n == 0) {
        batch[0] = rd_kafka_consume_queue(from_.get(), idle_wait_ms);
        n = batch[0] != nullptr ? 1 : 0;
      }
      for (ssize_t i = 0; i < n; ++i) copy(message_ptr{batch[static_cast<std::size_t>(i)]});
      rd_kafka_poll(producer_.get(), 0);
      store_delivered();
    }
    settle();
    rd_kafka_consumer_close(consumer_.get());
    log_count("copied", copied_);
  }

private:
  static constexpr int idle_wait_ms = 5;

  static void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
    std::array<char, 256> why{};
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size()) !=
        RD_KAFKA_CONF_OK)
      fail(why.data());
  }

  static void set_all(rd_kafka_conf_t* conf, const std::vector<std::string>& properties) {
    for (const auto& text : properties) {
      const auto at = text.find('=');
      set(conf, text.substr(0, at), at == std::string::npos ? "" : text.substr(at + 1));
    }
  }

  shared_client make(rd_kafka_type_t type, conf_ptr conf) {
    set(conf.get(), "bootstrap.servers", args_.brokers);
    set(conf.get(), "socket.nagle.disable", "true");
    rd_kafka_conf_set_opaque(conf.get(), this);
    std::array<char, 256> why{};
    rd_kafka_t* client = rd_kafka_new(type, conf.get(), why.data(), why.size());
    if (client == nullptr) fail(why.data());
    static_cast<void>(conf.release());  // Owned by the client from here on.
    return {client, rd_kafka_destroy};
  }

  shared_client make_producer() {
    conf_ptr conf{rd_kafka_conf_new()};
    set(conf.get(), "acks", "all");
    set(conf.get(), "enable.idempotence", "true");
    set(conf.get(), "compression.codec", args_.codec);
    set(conf.get(), "linger.ms", std::to_string(args_.linger_ms));
    set(conf.get(), "queue.buffering.max.messages", "500000");
    set(conf.get(), "queue.buffering.max.kbytes", "1048576");
    set_all(conf.get(), args_.producer);
    rd_kafka_conf_set_dr_msg_cb(conf.get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
                                  static_cast<copier*>(self)->delivered(*message);
                                });
    return make(RD_KAFKA_PRODUCER, std::move(conf));
  }

  shared_client make_consumer() {
    conf_ptr conf{rd_kafka_conf_new()};
    set(conf.get(), "group.id", args_.group);
    set(conf.get(), "auto.offset.reset", "earliest");
    set(conf.get(), "enable.auto.offset.store", "false");
    set(conf.get(), "auto.commit.interval.ms", "1000");
    set(conf.get(), "queued.min.messages", std::to_string(args_.prefetch));
    set_all(conf.get(), args_.consumer);
    rd_kafka_conf_set_rebalance_cb(
        conf.get(), [](rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list,
                       void* self) { static_cast<copier*>(self)->rebalance(code, list); });
    return make(RD_KAFKA_CONSUMER, std::move(conf));
  }

  void rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list) {
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      rd_kafka_assign(consumer_.get(), list);
      log_count("partitions assigned", list->cnt);
    } else {
      settle();
      rd_kafka_assign(consumer_.get(), nullptr);
    }
  }

  void copy(const message_ptr message) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::fprintf(stderr, "copy: %s\n", rd_kafka_message_errstr(message.get()));
      return;
    }
    while (const auto code = produce(*message)) {
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(code));
      rd_kafka_poll(producer_.get(), idle_wait_ms);
    }
    ++copied_;
  }

  rd_kafka_resp_err_t produce(const rd_kafka_message_t& m) {
    rd_kafka_headers_t* headers = args_.no_header ? nullptr : origin_headers(m);
    // The opaque is the offset: delivery reports tell the partition.
    const auto code = rd_kafka_producev(                           //
        producer_.get(),                                           //
        RD_KAFKA_VTYPE_RKT, to_.get(),                             //
        RD_KAFKA_VTYPE_PARTITION, m.partition,                     //
        RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_MSG_F_COPY,              //
        RD_KAFKA_VTYPE_KEY, m.key, m.key_len,                      //
        RD_KAFKA_VTYPE_VALUE, m.payload, m.len,                    //
        RD_KAFKA_VTYPE_HEADERS, headers,                           //
        RD_KAFKA_VTYPE_OPAQUE, reinterpret_cast<void*>(m.offset),  //
        RD_KAFKA_VTYPE_END);
    // Where it fails, the headers are still ours.
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr) rd_kafka_headers_destroy(headers);
    return code;
  }

  rd_kafka_headers_t* origin_headers(const rd_kafka_message_t& m) {
    static constexpr std::string_view name = "turnstile-origin";
    std::array<char, 24> digits{};
    char* const end = digits.data() + digits.size();
    origin_.resize(args_.input.size() + 1);
    origin_.append(digits.data(), std::to_chars(digits.data(), end, m.partition).ptr);
    origin_ += '/';
    origin_.append(digits.data(), std::to_chars(digits.data(), end, m.offset).ptr);
    rd_kafka_headers_t* headers = rd_kafka_headers_new(1);
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), origin_.data(),
                        static_cast<ssize_t>(origin_.size()));
    return headers;
  }

  /// Reports of one partition come in its order, so the last one is the offset to store.
  void delivered(const rd_kafka_message_t& m) {
    if (m.err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_message_errstr(&m));
    const auto partition = static_cast<std::size_t>(m.partition);
    if (next_offset_.size() <= partition)
      next_offset_.resize(partition + 1, RD_KAFKA_OFFSET_INVALID);
    next_offset_[partition] = reinterpret_cast<std::int64_t>(m._private) + 1;
  }

  void store_delivered() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_store_) return;
    next_store_ = now + std::chrono::milliseconds{100};
    const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(32)};
    for (std::size_t p = 0; p < next_offset_.size(); ++p) {
      if (next_offset_[p] == RD_KAFKA_OFFSET_INVALID) continue;
      rd_kafka_topic_partition_list_add(list.get(), args_.input.c_str(),
                                        static_cast<std::int32_t>(p))
          ->offset = next_offset_[p];
      next_offset_[p] = RD_KAFKA_OFFSET_INVALID;
    }
    if (list->cnt > 0) rd_kafka_offsets_store(consumer_.get(), list.get());
  }

  /// All that was read is delivered and stored; closing or giving back commits it.
  void settle() {
    rd_kafka_flush(producer_.get(), 10'000);
    next_store_ = {};
    store_delivered();
  }

  const options& args_;
  std::string origin_;
  shared_client producer_;
  shared_client consumer_;
  queue_ptr from_;
  topic_ptr to_;
  std::vector<std::int64_t> next_offset_;
  std::chrono::steady_clock::time_point next_store_;
  std::int64_t copied_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  options args;
  CLI::App app{"Copies a topic to another with librdkafka: what scripts/bench measures against"};
  app.add_option("--brokers", args.brokers, "HOST:PORT,...")->capture_default_str();
  app.add_option("--group", args.group, "Consumer group")->capture_default_str();
  app.add_option("--input", args.input, "Topic to read")->capture_default_str();
  app.add_option("--output", args.output, "Topic to write")->capture_default_str();
  app.add_option("--codec", args.codec, "Compression")->capture_default_str();
  app.add_option("--linger-ms", args.linger_ms, "Producer's linger")->capture_default_str();
  app.add_option("--prefetch", args.prefetch, "queued.min.messages")->capture_default_str();
  app.add_flag("--no-header", args.no_header, "Without the origin header");
  app.add_option("--consumer", args.consumer, "Further property NAME=VALUE; repeatable");
  app.add_option("--producer", args.producer, "Further property NAME=VALUE; repeatable");
  CLI11_PARSE(app, argc, argv);

  struct sigaction on_stop {};
  on_stop.sa_handler = [](int) { stopping = 1; };
  sigaction(SIGTERM, &on_stop, nullptr);
  sigaction(SIGINT, &on_stop, nullptr);
  copier{args}.run();
}
