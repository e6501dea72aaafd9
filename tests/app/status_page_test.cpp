#include "app/http/status_page.hpp"

#include <string>

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include "app/worker/about_json.hpp"
#include "config/options.hpp"

namespace turnstile::app {

TEST_CASE("the page is whole, and asks for nothing of other hosts") {
  const std::string& page = status_page().body;
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(page.ends_with("</html>\n"));
  for (const auto* place : {"/* style */", "/* script */", "src=\"", "@import", "url(", "https://"})
    CHECK(page.find(place) == std::string::npos);
  CHECK(page.size() < 100'000);
}

TEST_CASE("by its policy a browser runs the page's own script and nothing else") {
  const std::string& policy = status_page().policy;
  CHECK(policy.starts_with("default-src 'none'; connect-src 'self';"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("style-src 'sha256-") != std::string::npos);
  CHECK(policy.find("script-src 'sha256-") != std::string::npos);
}

TEST_CASE("the status has the options in force, which of them are changed, and no secret") {
  auto settings = core::default_settings();
  settings.kafka.group = "logins";
  settings.kafka.common = {{"sasl.username", "u"}, {"sasl.password", "hunter2"}};
  rapidjson::Document about;
  const std::string text = about_json(settings, {.worker_id = "w-1",
                                                 .config_file = "/etc/t.toml",
                                                 .key_fingerprint = "abc",
                                                 .transformers = 2,
                                                 .producers = 3});
  about.Parse(text.c_str());
  REQUIRE_FALSE(about.HasParseError());
  CHECK(about["worker"] == "w-1");
  CHECK(about["transformers"].GetInt() == 2);
  CHECK(text.find("hunter2") == std::string::npos);
  bool seen = false;
  for (const auto& option : about["config"].GetArray()) {
    if (option["name"] == "kafka.group") {
      seen = option["value"] == "\"logins\"" && option["changed"].GetBool();
    } else if (option["name"] == "batch.records_max") {
      CHECK_FALSE(option["changed"].GetBool());
    }
  }
  CHECK(seen);
}

TEST_CASE("a configuration of very many and long rules is cut") {
  auto settings = core::default_settings();
  for (int i = 0; i < 2000; ++i)
    settings.kafka.common["x" + std::to_string(i)] = std::string(5000, 'x');
  CHECK(about_json(settings, {}).size() < 400'000);
}

}  // namespace turnstile::app
