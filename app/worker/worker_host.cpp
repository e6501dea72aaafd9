#include "app/worker/worker_host.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <future>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <sodium.h>
#include <unistd.h>

#include "actors/worker.hpp"
#include "app/http/endpoints.hpp"
#include "app/http/http_server.hpp"
#include "app/logging/logging.hpp"
#include "app/worker/about_json.hpp"
#include "app/worker/key_watch.hpp"
#include "app/worker/start_check.hpp"
#include "app/worker/start_line.hpp"
#include "app/worker/startup.hpp"
#include "config/kafka_property.hpp"
#include "core/exit_codes.hpp"
#include "core/log.hpp"
#include "figures/text_table.hpp"
#include "kafka_io/ask/admin.hpp"
#include "kafka_io/worker/worker_clients.hpp"

namespace turnstile::app {

namespace {

/// What the destruction of clients and actors may take before the process ends without it: some
/// librdkafka versions block for ever where a broker or a partition is gone.
constexpr std::chrono::seconds teardown_max{4};
/// A reader of standard error that has stopped reading must not hold up the end.
constexpr std::chrono::milliseconds last_lines_max{500};

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

/// Unique for each start of a process: readers of summaries rely on it.
std::string make_worker_id(const core::settings& settings) {
  std::string name = settings.workers.id;
  if (name.empty()) {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    name = host.data();
  }
  std::array<unsigned char, 4> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, 2 * random.size() + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), random.data(), random.size());
  return name + "-" + hex.data();
}

/// So that the brokers' tools name a member as the log does.
core::settings with_client_id(core::settings settings, const std::string& worker_id) {
  const auto most = core::client_id_bytes_max;
  const auto tail = worker_id.size() > most ? worker_id.size() - most : 0;
  if (settings.workers.id.empty())
    settings.kafka.common.try_emplace("client.id", worker_id.substr(tail));
  return settings;
}

/// Ends the process where what follows takes too long: with the code it was to end with, or as an
/// internal error.
class teardown_watchdog {
public:
  teardown_watchdog(int exit_code, const std::function<void(int)>& last)
    : thread_([exit_code, last](const std::stop_token& done) {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock{mutex};
        never.wait_for(lock, done, teardown_max, [] { return false; });
        if (done.stop_requested()) return;
        core::log_error("clients could not be closed in time, the process ends without it");
        std::thread{logging::flush}.detach();
        std::this_thread::sleep_for(last_lines_max);
        if (last) last(exit_code);
        _exit(exit_code == exit_ok ? exit_internal : exit_code);
      }) {}

private:
  std::jthread thread_;
};

std::shared_ptr<figures::registry> make_figures(const core::settings& settings) {
  const auto transformers = settings.workers.transformers > 0
                                ? static_cast<std::size_t>(settings.workers.transformers)
                                : cores();
  return std::make_shared<figures::registry>(transformers,
                                             static_cast<std::size_t>(settings.workers.producers));
}

}  // namespace

class worker_host::running {
public:
  running(const core::settings& settings, std::string config_file)
    : settings_(std::make_shared<const core::settings>(settings)),
      config_file_(std::move(config_file)),
      figures_(make_figures(settings)) {}
  ~running() { request_stop("its owner is gone"); }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  void start(std::function<void(int)> last) {
    last_ = std::move(last);
    thread_ = std::jthread{[this](const std::stop_token& stop) { exit_code_ = serve(stop); }};
  }

  void request_stop(const std::string& cause) {
    const std::lock_guard lock{mutex_};
    stop_cause_ = cause;
    thread_.request_stop();
    if (worker_) messages::tell(worker_, messages::request_stop{cause});
  }

  int wait() {
    if (thread_.joinable()) thread_.join();
    return exit_code_;
  }

  const std::shared_ptr<figures::registry>& figures() const { return figures_; }

private:
  int serve(const std::stop_token& stop) {
    auto start = check_start(*settings_);
    for (const auto& warning : start.warnings)
      core::log_warning("configuration", {{"detail", warning}});
    if (!start.faults.empty()) return refuse(start.faults);
    const std::string worker_id = make_worker_id(*settings_);
    // Moved, so that nothing here outlives the key's use.
    key_watch keys{settings_, *std::exchange(start.keys, std::nullopt), start.seal,
                   figures_->worker};
    const start_facts facts{worker_id,
                            config_file_,
                            keys.id(),
                            keys.fingerprint(),
                            figures_->transformers.size(),
                            figures_->producers.size()};
    const auto http = open_endpoints(start, facts, keys.versions(), stop);
    if (const auto* fault = std::get_if<std::string>(&http))
      return refuse({{"http.listen", *fault}});
    log_start(*settings_, facts);
    keys.start();
    const core::settings named = with_client_id(*settings_, worker_id);
    const auto brokers = kafka_io::admin::open(named);
    if (!brokers) return refuse({{{}, brokers.error().text}});
    const auto layout = await_topics(*brokers, *settings_, *figures_->worker, stop);
    if (!layout) {
      core::log_info("worker stopped", {{"exit_code", static_cast<int>(exit_ok)}});
      return exit_ok;
    }
    if (!may_promise(*brokers, *settings_)) return exit_configuration;
    auto clients = kafka_io::make_worker_clients(named, *layout, worker_id);
    if (!clients) return refuse({{{}, clients.error().text}});
    return run_actors(std::move(*clients), *layout, worker_id, keys.versions());
  }

  /// Null: none are wanted.
  std::variant<std::unique_ptr<http_server>, std::string> open_endpoints(
      const start_check& start, const start_facts& facts,
      const std::shared_ptr<const core::version_board>& versions,
      const std::stop_token& stop) const {
    if (settings_->http.listen.empty()) return std::unique_ptr<http_server>{};
    const auto served = std::make_shared<endpoints>(
        endpoints_args{.figures = figures_,
                       .exposition = {settings_->topics.input,
                                      static_cast<std::size_t>(settings_->metrics.partitions_max),
                                      figures_facts(*settings_), about_json(*settings_, facts)},
                       .facts_now = [versions] { return key_facts(versions->in_force()->key_id); },
                       .token = start.http_token,
                       .stopping = [stop] { return stop.stop_requested(); }});
    return http_server::open(
        settings_->http.listen,
        {.answer = [served](const http_request& request) { return served->answer(request); },
         .at_intervals = [served] { served->note_history(); },
         .interval = figures::history::interval,
         .tls = start.http_tls});
  }

  static int refuse(const std::vector<start_fault>& faults) {
    for (const auto& fault : faults) {
      if (fault.option.empty())
        core::log_error("configuration refused", {{"error", fault.text}});
      else
        core::log_error("configuration refused", {{"option", fault.option}, {"error", fault.text}});
    }
    return exit_configuration;
  }

  int run_actors(kafka_io::worker_clients clients, const core::topic_layout& layout,
                 const std::string& worker_id,
                 std::shared_ptr<const core::version_board> versions) {
    // Before the system, whose threads may call this while it ends.
    std::promise<int> ended;
    std::once_flag once;
    const auto end_with = [&](int exit_code) {
      std::call_once(once, [&] { ended.set_value(exit_code); });
    };
    std::optional<teardown_watchdog> watchdog;
    messages::register_messages();
    caf::actor_system_config config;
    messages::configure_scheduler(config, scheduler_threads());
    caf::actor_system system{config};

    actors::worker_args args;
    args.settings = settings_;
    args.worker_id = worker_id;
    args.group_client = std::move(clients.group);
    args.lookup = std::move(clients.lookup);
    args.survey = std::move(clients.survey);
    args.make_delivery_client = std::move(clients.make_delivery_client);
    args.make_transaction_client = std::move(clients.make_transaction_client);
    args.versions = std::move(versions);
    args.layout = std::make_shared<const core::topic_layout>(layout);
    args.credit_total = {clients.credit.records, clients.credit.bytes};
    args.credit_is_pooled = clients.credit_is_pooled;
    args.figures = figures_;
    args.now_s = [] { return static_cast<std::int64_t>(std::time(nullptr)); };
    args.ended = end_with;
    const auto worker = system.spawn(actors::worker, std::move(args));
    messages::call_when_ended(worker, [end_with] { end_with(exit_internal); });
    announce(worker);
    const int exit_code = ended.get_future().get();
    watchdog.emplace(exit_code, last_);
    announce({});
    system.await_all_actors_done();
    return exit_code;
  }

  /// From now on a stop goes to the worker; one that came earlier too.
  void announce(messages::worker_actor worker) {
    const std::lock_guard lock{mutex_};
    worker_ = std::move(worker);
    if (worker_ && !stop_cause_.empty())
      messages::tell(worker_, messages::request_stop{stop_cause_});
  }

  [[nodiscard]] std::size_t scheduler_threads() const {
    return settings_->workers.threads > 0 ? static_cast<std::size_t>(settings_->workers.threads)
                                          : std::max<std::size_t>(1, cores() / 2);
  }

  std::shared_ptr<const core::settings> settings_;
  std::string config_file_;
  std::shared_ptr<figures::registry> figures_;
  std::mutex mutex_;
  std::string stop_cause_;
  std::function<void(int)> last_;
  messages::worker_actor worker_;
  int exit_code_ = 0;
  std::jthread thread_;
};

worker_host::worker_host(const core::settings& settings, const std::string& config_file)
  : running_(std::make_unique<running>(settings, config_file)) {}
worker_host::~worker_host() = default;
void worker_host::start(std::function<void(int)> last) { running_->start(std::move(last)); }
void worker_host::request_stop(const std::string& cause) { running_->request_stop(cause); }
int worker_host::wait() { return running_->wait(); }
std::string worker_host::figures_table() const { return figures::text_table(*figures()); }
const std::shared_ptr<figures::registry>& worker_host::figures() const {
  return running_->figures();
}

}  // namespace turnstile::app
