#include "app/worker/key_watch.hpp"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "event/presets.hpp"
#include "tests/support/key_folder.hpp"
#include "tests/support/log_capture.hpp"

using namespace turnstile;

namespace {

/// A worker's view of a ring of two keys, of which 2024 is active.
struct watched_ring {
  tests::key_folder folder;
  tests::log_capture log;
  std::shared_ptr<core::settings> settings = std::make_shared<core::settings>();
  std::shared_ptr<core::worker_figures> figures = std::make_shared<core::worker_figures>();
  std::unique_ptr<app::key_watch> watch;

  watched_ring() {
    folder.put_key("2024", "old");
    folder.put_key("2025", "new");
    folder.activate("2024");
    settings->event = event::login_rules();
    settings->topics.input = "in";
    settings->privacy.key_dir = folder.path;
    start();
  }
  void start() {
    auto loaded = event::load_method_keys(event::key_files_of(*settings));
    watch =
        std::make_unique<app::key_watch>(settings, std::get<event::loaded_keys>(std::move(loaded)),
                                         std::nullopt, figures, std::chrono::milliseconds{0});
  }
  [[nodiscard]] std::string in_force() const {
    const auto version = watch->versions()->in_force();
    return std::to_string(version->generation) + " " + version->key_id;
  }
};

}  // namespace

TEST_CASE_FIXTURE(watched_ring, "another active key makes a new version, once") {
  CHECK(in_force() == "1 2024");
  watch->look();
  CHECK(in_force() == "1 2024");
  folder.activate("2025");
  watch->look();
  CHECK(in_force() == "2 2025");
  watch->look();
  CHECK(in_force() == "2 2025");
  CHECK(log.with({"key taken up key=2025 fingerprint=", " before=2024"}).size() == 1);
  folder.activate("2024");
  watch->look();
  CHECK(in_force() == "3 2024");
}

TEST_CASE_FIXTURE(watched_ring, "an added key that is not active changes nothing") {
  folder.put_key("2026", "next");
  folder.remove("2025.key");
  watch->look();
  CHECK(in_force() == "1 2024");
  CHECK(log.lines.empty());
}

TEST_CASE_FIXTURE(watched_ring, "an unusable ring leaves the key in force, and is told once") {
  folder.activate("2026");
  for (int n = 0; n < 3; ++n) watch->look();
  CHECK(in_force() == "1 2024");
  CHECK(figures->key_ring_faults.get() == 3);
  CHECK(log.with({"key ring cannot be used, the key in force stays error=privacy.key_dir: ",
                  "names \"2026\"", " key=2024"})
            .size() == 1);
  folder.remove("active");
  watch->look();
  CHECK(log.lines.size() == 2);  // Another fault is another line.
  folder.activate("2024");
  watch->look();
  CHECK(log.with({"key ring can be used again key=2024"}).size() == 1);
  watch->look();
  CHECK(log.lines.size() == 3);
  CHECK(figures->key_ring_faults.get() == 4);
}

TEST_CASE_FIXTURE(watched_ring,
                  "another key under the id in force is a fault: its outputs carry it") {
  folder.put_key("2024", "changed");
  watch->look();
  CHECK(in_force() == "1 2024");
  CHECK(log.with({"2024.key holds another key than before"}).size() == 1);
  folder.activate("2025");
  watch->look();
  CHECK(in_force() == "2 2025");
}

TEST_CASE_FIXTURE(watched_ring, "rules without a keyed method have no key id") {
  settings->event = event::no_rules();
  start();
  CHECK(in_force() == "1 ");
}

TEST_CASE_FIXTURE(watched_ring, "the version that was in force is gone once nobody holds it") {
  std::weak_ptr<const core::transform_version> old = watch->versions()->in_force();
  folder.activate("2025");
  watch->look();
  CHECK(old.expired());
}
