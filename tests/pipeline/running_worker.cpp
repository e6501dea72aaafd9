#include "tests/pipeline/running_worker.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "config/options.hpp"
#include "event/error_record.hpp"
#include "kafka_io/client/client_config.hpp"

namespace turnstile::tests {

using kafka_io::testing::kept;

namespace {

constexpr std::int16_t api_produce = 0;
constexpr std::int16_t api_offset_commit = 8;

core::settings make_settings(const worker_plan& plan, const kafka_io::embedded_broker& broker) {
  auto settings = core::default_settings();
  settings.kafka.group = plan.name;
  auto& t = settings.topics;
  for (auto* topic : {&t.input, &t.processed, &t.errors, &t.cleaned, &t.summary})
    *topic = plan.name + "." + *topic;
  settings.workers.id = plan.name;
  settings.workers.transformers = 2;
  // Many workers share the machine: an idle one asks for records less often than in production.
  settings.kafka.consumer.emplace("fetch.wait.max.ms", "25");
  if (plan.adjust) plan.adjust(settings);
  kafka_io::tune_for_embedded(settings, broker);
  return settings;
}

}  // namespace

running_worker::running_worker(worker_plan plan, kafka_io::embedded_broker& broker)
  : plan_(std::move(plan)), broker_(broker), settings_(make_settings(plan_, broker)) {
  auto* const cluster = broker_.cluster_for_tests();
  create_topic(settings_.topics.input, input_broker);
  for (const auto& topic : output_topics())
    create_topic(topic, topic == settings_.topics.errors ? plan_.errors_broker : output_broker);
  rd_kafka_mock_coordinator_set(cluster, "group", plan_.name.c_str(), input_broker);
  auto opened = kafka_io::admin::open(settings_);
  REQUIRE(opened);
  brokers_.emplace(std::move(*opened));
  // Asks what the group has committed, and never joins it.
  auto conf = kafka_io::plain_config(settings_);
  REQUIRE(conf);
  REQUIRE_FALSE(kafka_io::set_property(conf->get(), "group.id", settings_.kafka.group));
  auto client = kafka_io::make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  REQUIRE(client);
  group_ = std::move(*client);
  engine_ = plan_.as_the_program ? start_host(settings_) : start_actors(settings_, plan_.engine);
}

running_worker::~running_worker() = default;

void running_worker::create_topic(const std::string& topic, int leader) const {
  REQUIRE_FALSE(broker_.create_topic(topic, plan_.partitions));
  for (int p = 0; p < plan_.partitions; ++p)
    REQUIRE(rd_kafka_mock_partition_set_leader(broker_.cluster_for_tests(), topic.c_str(), p,
                                               leader) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

std::vector<std::string> running_worker::output_topics() const {
  const auto& t = settings_.topics;
  return {t.processed, t.errors, t.cleaned, t.summary};
}

void running_worker::send(const std::vector<input>& inputs) const {
  auto settings = settings_;
  settings.producer.linger_ms = 50;
  auto writer = kafka_io::topic_writer::open(settings, settings.topics.input);
  REQUIRE(writer);
  for (const auto& one : inputs) {
    std::vector<core::header_view> headers;
    for (const auto& [name, value] : one.headers) headers.push_back({name, value});
    REQUIRE(writer->send({.key = one.key,
                          .value = one.value,
                          .headers = headers,
                          .partition = one.partition,
                          .timestamp_ms = one.timestamp_ms}));
  }
  REQUIRE(writer->flush(patience));
  REQUIRE(writer->delivered() == inputs.size());
}

std::vector<kafka_io::partition_offset> running_worker::committed_offsets() const {
  const kafka_io::topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(plan_.partitions)};
  for (std::int32_t p = 0; p < plan_.partitions; ++p)
    rd_kafka_topic_partition_list_add(list.get(), settings_.topics.input.c_str(), p);
  const auto code =
      rd_kafka_committed(group_.get(), list.get(), static_cast<int>(patience.count()));
  REQUIRE(code == RD_KAFKA_RESP_ERR_NO_ERROR);
  std::vector<kafka_io::partition_offset> offsets;
  for (int i = 0; i < list->cnt; ++i)
    offsets.push_back({list->elems[i].partition, list->elems[i].offset});
  return offsets;
}

bool running_worker::is_all_committed() const {
  for (const auto& [partition, offset] : committed_offsets()) {
    const auto end = end_of(settings_.topics.input, partition);
    if (end > 0 && offset != end) return false;
  }
  return true;
}

void running_worker::await_all_committed() const {
  REQUIRE_MESSAGE(eventually([this] { return is_all_committed(); }),
                  "offsets were not committed up to the end");
}

std::int64_t running_worker::committed(std::int32_t partition) const {
  for (const auto& one : committed_offsets())
    if (one.partition == partition && one.offset >= 0) return one.offset;
  return -1;
}

std::int64_t running_worker::end_of(const std::string& topic, std::int32_t partition) const {
  const auto ends = brokers_->read_watermarks(topic, partition, patience);
  REQUIRE(ends);
  return ends->high;
}

written running_worker::read_new() {
  if (!reader_) {
    auto opened = kafka_io::topic_reader::open(settings_, output_topics(),
                                               kafka_io::read_from::beginning, patience);
    REQUIRE(opened);
    reader_.emplace(std::move(*opened));
    for (const auto& topic : output_topics())
      for (std::int32_t p = 0; p < plan_.partitions; ++p) read_to_.push_back({{topic, p}, 0});
  }
  written found;
  const auto& t = settings_.topics;
  const std::map<std::string, std::vector<kept_record>*> by_topic{{t.processed, &found.processed},
                                                                  {t.errors, &found.errors},
                                                                  {t.cleaned, &found.cleaned},
                                                                  {t.summary, &found.summaries}};
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> at{read_to_.begin(), read_to_.end()};
  for (auto& [where, end] : read_to_) {
    end = end_of(where.first, where.second);
  }
  const auto is_complete = [&] {
    return std::all_of(read_to_.begin(), read_to_.end(),
                       [&](const auto& one) { return at[one.first] >= one.second; });
  };
  while (!is_complete()) {
    const auto count = reader_->read(patience, [&](const kafka_io::topic_record& r) {
      by_topic.at(std::string{r.topic})->push_back(kept(r));
      at[{std::string{r.topic}, r.partition}] = r.record.offset + 1;
    });
    REQUIRE_MESSAGE(count > 0, "records that are there could not be read");
  }
  read_to_.assign(at.begin(), at.end());
  return found;
}

written running_worker::process(const std::vector<input>& inputs) {
  send(inputs);
  await_all_committed();
  return read_new();
}

void running_worker::fail(int broker, std::int16_t api,
                          const std::vector<rd_kafka_resp_err_t>& errors) const {
  for (const auto error : errors)
    REQUIRE(rd_kafka_mock_broker_push_request_error_rtts(broker_.cluster_for_tests(), broker, api,
                                                         1, error,
                                                         0) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void running_worker::fail_produce(const std::vector<rd_kafka_resp_err_t>& errors) const {
  fail(output_broker, api_produce, errors);
}

void running_worker::fail_commit(const std::vector<rd_kafka_resp_err_t>& errors) const {
  fail(input_broker, api_offset_commit, errors);
}

void running_worker::fail_anywhere(std::int16_t api,
                                   const std::vector<rd_kafka_resp_err_t>& errors) const {
  REQUIRE(plan_.own_broker);
  rd_kafka_mock_push_request_errors_array(broker_.cluster_for_tests(), api, errors.size(),
                                          errors.data());
}

namespace {

std::vector<int> brokers_of(request kind) {
  switch (kind) {
    case request::find_coordinator:
    case request::init_producer_id:
      return {input_broker, output_broker};
    case request::produce:
      return {output_broker};
    default:
      return {input_broker};
  }
}

}  // namespace

void running_worker::fail_requests(request kind,
                                   const std::vector<rd_kafka_resp_err_t>& errors) const {
  for (const int broker : brokers_of(kind)) fail(broker, static_cast<std::int16_t>(kind), errors);
}

bool running_worker::errors_met(request kind) const {
  const auto brokers = brokers_of(kind);
  return std::any_of(brokers.begin(), brokers.end(), [&](int broker) {
    std::size_t left = 0;
    REQUIRE(rd_kafka_mock_broker_error_stack_cnt(broker_.cluster_for_tests(), broker,
                                                 static_cast<std::int16_t>(kind),
                                                 &left) == RD_KAFKA_RESP_ERR_NO_ERROR);
    return left == 0;
  });
}

void running_worker::set_down(int broker, bool down) const {
  auto* const cluster = broker_.cluster_for_tests();
  REQUIRE((down ? rd_kafka_mock_broker_set_down(cluster, broker)
                : rd_kafka_mock_broker_set_up(cluster, broker)) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

int running_worker::await_end() {
  if (!exit_code_) exit_code_ = engine_->wait();
  return *exit_code_;
}

std::string header_of(const kept_record& record, std::string_view name) {
  for (const auto& [header, value] : record.headers)
    if (header == name) return value.value_or("none");
  return "none";
}

std::int64_t origin_of(const kept_record& record) {
  const auto text = header_of(record, core::origin_header);
  const auto slash = text.rfind('/');
  if (slash == std::string::npos) return -1;
  std::int64_t offset = -1;
  std::from_chars(text.data() + slash + 1, text.data() + text.size(), offset);
  return offset;
}

std::vector<std::int64_t> origins_of(const std::vector<kept_record>& records) {
  std::vector<std::int64_t> origins;
  for (const auto& record : records) origins.push_back(origin_of(record));
  return origins;
}

}  // namespace turnstile::tests
