#include "app/logging/logging.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/log/core.hpp>
#include <boost/log/expressions.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/bounded_fifo_queue.hpp>
#include <boost/log/sinks/text_file_backend.hpp>
#include <boost/log/sources/logger.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/make_shared.hpp>
#include <poll.h>
#include <unistd.h>

#include "app/logging/log_line.hpp"

namespace turnstile::app {

namespace {

namespace sinks = boost::log::sinks;
namespace keywords = boost::log::keywords;

constexpr std::size_t queued_lines_max = 4096;

std::atomic<std::uint64_t> dropped_lines{0};

/// Boost.Log's drop_on_overflow that also counts.
struct count_overflow {
  template <typename Lock>
  static bool on_overflow(const boost::log::record_view& /*line*/, Lock& /*lock*/) {
    dropped_lines.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  static void on_queue_space_available() {}
  static void interrupt() {}
};

using line_queue = sinks::bounded_fifo_queue<queued_lines_max, count_overflow>;

/// One write for each line, so that lines of several processes on one pipe do not mix.
void write_standard_error(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, 1000) == 0) return;
    } else if (written == 0 || errno != EINTR) {
      return;
    }
  }
}

class standard_error
  : public sinks::basic_formatted_sink_backend<char, sinks::synchronized_feeding> {
public:
  explicit standard_error(core::log_format format) : format_(format) {}

  void consume(const boost::log::record_view& /*record*/, const std::string& line) {
    write_standard_error(line + "\n");
    if (std::chrono::steady_clock::now() >= next_) tell_dropped();
  }

  /// By who writes: what goes into a full queue would be dropped too.
  void tell_dropped() {
    const auto dropped = dropped_lines.load(std::memory_order_relaxed);
    if (dropped == told_) return;
    told_ = dropped;
    next_ = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    const core::log_field since_start{"since_start", dropped};
    write_standard_error(log_line(format_, std::chrono::system_clock::now(),
                                  core::severity::warning, "log lines were dropped",
                                  {&since_start, 1}) +
                         "\n");
  }

private:
  core::log_format format_;
  std::uint64_t told_ = dropped_lines.load(std::memory_order_relaxed);
  std::chrono::steady_clock::time_point next_{};
};

using error_frontend = sinks::asynchronous_sink<standard_error, line_queue>;
using file_frontend = sinks::asynchronous_sink<sinks::text_file_backend, line_queue>;

/// Called inside a catch block: by a frontend on its thread, or by who makes it.
class report_once {
public:
  report_once(core::log_format format, std::string path)
    : format_(format), path_(std::move(path)) {}

  void operator()() const {
    if (reported_->exchange(true)) return;
    std::string why = "unknown";
    try {
      throw;
    } catch (const std::exception& error) {
      why = error.what();
    } catch (...) {  // NOLINT(bugprone-empty-catch): "unknown" says it.
    }
    const std::array<core::log_field, 2> fields{{{"path", path_}, {"error", why}}};
    write_standard_error(log_line(format_, std::chrono::system_clock::now(),
                                  core::severity::warning, "log file cannot be written", fields) +
                         "\n");
  }

private:
  core::log_format format_;
  std::string path_;
  /// Shared, because frontends copy their handler.
  std::shared_ptr<std::atomic<bool>> reported_ = std::make_shared<std::atomic<bool>>(false);
};

boost::shared_ptr<file_frontend> make_file_sink(const core::settings& settings) {
  const auto& log = settings.log;
  const std::filesystem::path path(log.file);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  auto backend = boost::make_shared<sinks::text_file_backend>(
      keywords::file_name = log.file, keywords::target_file_name = log.file + ".%5N",
      keywords::rotation_size = static_cast<std::uintmax_t>(log.file_mib) * 1024 * 1024,
      keywords::open_mode = std::ios_base::out | std::ios_base::app, keywords::auto_flush = true,
      keywords::enable_final_rotation = false);
  // A full disk shows in the stream's state only; thrown, it reaches the exception handler.
  backend->set_open_handler([](std::ostream& stream) {
    stream.exceptions(std::ios_base::badbit | std::ios_base::failbit);
  });
  auto sink = boost::make_shared<file_frontend>(backend);
  const report_once report(log.format, log.file);
  sink->set_exception_handler(report);
  try {
    backend->set_file_collector(sinks::file::make_collector(
        keywords::target = folder,
        keywords::max_files = static_cast<std::uintmax_t>(log.files_max)));
    backend->scan_for_files(sinks::file::scan_matching, true);
  } catch (...) {
    report();
  }
  return sink;
}

}  // namespace

class logging::sink final : public core::log_sink {
public:
  explicit sink(const core::settings& settings)
    : level_(settings.log.level),
      format_(settings.log.format),
      error_(boost::make_shared<error_frontend>(boost::make_shared<standard_error>(format_))) {
    namespace expr = boost::log::expressions;
    error_->set_formatter(expr::stream << expr::smessage);
    boost::log::core::get()->add_sink(error_);
    if (settings.log.file.empty()) return;
    file_ = make_file_sink(settings);
    file_->set_formatter(expr::stream << expr::smessage);
    boost::log::core::get()->add_sink(file_);
  }

  ~sink() override {
    finish(error_);
    error_->locked_backend()->tell_dropped();
    if (file_) finish(file_);
  }

  sink(const sink&) = delete;
  sink& operator=(const sink&) = delete;

  void write(core::severity level, std::string_view event,
             core::log_fields fields) noexcept override {
    if (level < level_) return;
    try {
      push(log_line(format_, std::chrono::system_clock::now(), level, event, fields));
    } catch (...) {
      dropped_lines.fetch_add(1, std::memory_order_relaxed);
    }
  }

private:
  static void push(const std::string& line) {
    // Has no state that is worth a lock.
    thread_local boost::log::sources::logger logger;
    if (auto record = logger.open_record()) {
      boost::log::record_ostream stream(record);
      stream << line;
      stream.flush();
      logger.push_record(std::move(record));
    }
  }

  /// Writes what is queued, then takes the target away.
  template <typename Frontend>
  static void finish(const boost::shared_ptr<Frontend>& frontend) {
    boost::log::core::get()->remove_sink(frontend);
    frontend->stop();
    frontend->flush();
  }

  core::severity level_;
  core::log_format format_;
  boost::shared_ptr<error_frontend> error_;
  boost::shared_ptr<file_frontend> file_;
};

logging::logging(const core::settings& settings) : sink_(std::make_unique<sink>(settings)) {
  core::install_log_sink(sink_.get());
}

logging::~logging() { core::install_log_sink(nullptr); }

void logging::flush() { boost::log::core::get()->flush(); }

}  // namespace turnstile::app
