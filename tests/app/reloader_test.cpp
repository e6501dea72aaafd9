#include "app/reload/reloader.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include "app/http/listening.hpp"
#include "app/reload/port_check.hpp"
#include "app/reload/watched_files.hpp"

namespace turnstile::app {

namespace {

namespace fs = std::filesystem;
using texts = std::vector<std::string>;
using std::chrono::milliseconds;

constexpr std::chrono::seconds patience{20};

/// A worker that is only told, and a program whose check answers as the test says.
class scene {
public:
  explicit scene(milliseconds watch = milliseconds{0})
    : reloads({.faults = [this] { return check(); },
               .drain = [this] { note("drain"); },
               .told = [this](reload_phase phase) { note(phase_name(phase)); },
               .files = {"a", "b"},
               .states_of = [this](const texts&) { return look(); },
               .watch = watch,
               .figures = figures}) {}

  void answer(texts faults) {
    const std::lock_guard lock{mutex_};
    faults_ = std::move(faults);
  }
  void hold_checks(bool held) {
    const std::lock_guard lock{mutex_};
    held_ = held;
    changed_.notify_all();
  }
  void write(const std::string& a, const std::string& b) {
    const std::lock_guard lock{mutex_};
    states_ = {a, b};
  }
  /// So many things have happened, and what; fewer where nothing more comes.
  texts after(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, patience, [&] { return happened_.size() >= count; });
    return happened_;
  }
  /// The files were looked at twice from now on.
  void wait_for_looks() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, patience,
                              [this, wanted = looks_ + 3] { return looks_ >= wanted; }));
  }

  const std::shared_ptr<core::worker_figures> figures = std::make_shared<core::worker_figures>();

private:
  static std::string phase_name(reload_phase phase) {
    return std::vector<std::string>{"idle", "checking", "draining", "stopping"}.at(
        static_cast<std::size_t>(phase));
  }
  void note(const std::string& what) {
    const std::lock_guard lock{mutex_};
    happened_.push_back(what);
    changed_.notify_all();
  }
  texts check() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !held_; });
    return faults_;
  }
  texts look() {
    const std::lock_guard lock{mutex_};
    ++looks_;
    changed_.notify_all();
    return states_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  texts faults_, happened_;
  texts states_{"1", "1"};
  int looks_ = 0;
  bool held_ = false;

public:
  reloader reloads;  ///< Last: its thread uses the others.
};

}  // namespace

TEST_CASE("a reload without a fault drains the worker and restarts") {
  scene s;
  s.reloads.ask("SIGHUP");
  CHECK(s.after(3) == texts{"checking", "draining", "drain"});
  CHECK(s.reloads.restarts());
  CHECK(s.figures->reloads_refused.get() == 0);
}

TEST_CASE("a fault is counted and leaves the worker as it was, until it is mended") {
  scene s;
  s.answer({"one", "two"});
  s.reloads.ask("SIGHUP");
  CHECK(s.after(2) == texts{"checking", "idle"});
  CHECK_FALSE(s.reloads.restarts());
  CHECK(s.figures->reloads_refused.get() == 1);
  s.answer({});
  s.reloads.ask("SIGHUP");
  CHECK(s.after(5).back() == "drain");
}

TEST_CASE("a reload asked for while one is checked is checked behind it") {
  scene s;
  s.hold_checks(true);
  s.answer({"a fault"});
  s.reloads.ask("first");
  s.after(1);
  s.reloads.ask("second");
  s.hold_checks(false);
  CHECK(s.after(4) == texts{"checking", "idle", "checking", "idle"});
}

TEST_CASE("a stop while a reload is checked wins") {
  scene s;
  s.hold_checks(true);
  s.reloads.ask("SIGHUP");
  s.after(1);
  s.reloads.stop();
  s.hold_checks(false);
  CHECK_FALSE(s.reloads.restarts());
  CHECK(s.after(1) == texts{"checking"});
}

TEST_CASE("a stop while the worker drains for a reload wins") {
  scene s;
  s.reloads.ask("SIGHUP");
  s.after(3);
  s.reloads.stop();
  CHECK_FALSE(s.reloads.restarts());
}

TEST_CASE("a changed file reloads once it stays as it is, and a fault in it is told once") {
  scene s{milliseconds{1}};
  s.answer({"half a file"});
  s.write("1", "2");
  CHECK(s.after(2) == texts{"checking", "idle"});
  s.wait_for_looks();
  CHECK(s.after(2).size() == 2);
  s.answer({});
  s.write("1", "3");
  CHECK(s.after(5).back() == "drain");
}

TEST_CASE("files that do not change reload nothing") {
  scene s{milliseconds{1}};
  s.wait_for_looks();
  CHECK(s.after(0).empty());
}

TEST_CASE("what a worker reads is watched: configuration, keys, certificates, token") {
  core::settings settings;
  settings.privacy.hmac_key_file = "hmac";
  settings.privacy.key_dir = "ring";
  settings.http.token_file = "token";
  settings.http.tls_cert_file = "cert";
  settings.log.file = "log";
  settings.kafka.common["ssl.ca.location"] = "ca";
  settings.kafka.consumer["ssl.key.location"] = "key";
  settings.kafka.common["client.id"] = "c";
  CHECK(watched_files(settings, {"one.toml", "two.toml"}) ==
        texts{"one.toml", "two.toml", "hmac", "token", "cert", "ca", "key"});
}

TEST_CASE("a file's state tells that it was written, replaced, removed, or is led to elsewhere") {
  std::string folder = fs::temp_directory_path() / "turnstile-watch-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const fs::path at{folder};
  const auto write = [&](const char* name, const char* text) { std::ofstream{at / name} << text; };
  const auto state = [&] { return states_of({at / "file"}).front(); };
  const std::string none = state();
  write("file", "a");
  const std::string written = state();
  CHECK(written != none);
  CHECK(written == state());
  write("file", "longer");
  const std::string longer = state();
  CHECK(longer != written);
  write("new", "longer");
  fs::rename(at / "new", at / "file");
  const std::string replaced = state();
  CHECK(replaced != longer);
  fs::rename(at / "file", at / "other");
  CHECK(state() == none);
  fs::create_symlink("day", at / "file");
  fs::create_symlink("other", at / "day");
  const std::string led = state();
  CHECK(led != none);
  write("third", "longer");
  fs::remove(at / "day");
  fs::create_symlink("third", at / "day");
  CHECK(state() != led);
  fs::remove_all(at);
}

TEST_CASE("a port that another program has is a fault of a reload, the worker's own is none") {
  const std::string own = free_address(9464);
  const auto held = listen_at(own);
  const std::string port = own.substr(own.rfind(':'));
  CHECK(port_fault("127.0.0.1:1", own) == "cannot listen at " + own + ": Address already in use");
  CHECK(port_fault("", own) == "cannot listen at " + own + ": Address already in use");
  CHECK(port_fault(own, own).empty());
  CHECK(port_fault(own, "0.0.0.0" + port).empty());
  CHECK(port_fault(own, "192.0.2.1" + port).ends_with(": Cannot assign requested address"));
  CHECK(port_fault(own, "").empty());
}

}  // namespace turnstile::app
