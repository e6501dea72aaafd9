// Error records whose contents are sealed.
#include <array>
#include <string>

#include <doctest/doctest.h>
#include <sodium.h>

#include "event/errors/content_seal.hpp"
#include "tests/event/login_fixture.hpp"

using namespace turnstile;
using namespace turnstile::core;
using namespace turnstile::event;
using namespace turnstile::tests;

namespace {

constexpr auto errors = static_cast<std::size_t>(output_topic::errors);

struct sealed_fixture : login_fixture {
  std::array<unsigned char, event::seal_key_bytes> open_key{}, secret{};

  sealed_fixture() {
    crypto_box_keypair(open_key.data(), secret.data());
    seal = event::seal_key::of(open_key);
    options.errors.content = error_content::sealed;
  }

  [[nodiscard]] std::string opened(std::string_view content) const {
    constexpr std::string_view before = "{\"sealed\":\"";
    const auto begin = content.find(before);
    if (begin == std::string_view::npos) return "not sealed";
    content.remove_prefix(begin + before.size());
    const auto plain =
        event::content_opener::of(secret)->open(content.substr(0, content.find('"')));
    return plain ? *plain : "not opened";
  }
};

}  // namespace

TEST_CASE_FIXTURE(sealed_fixture, "a sealed content is the input's bytes, whatever was wrong") {
  const std::string missing = with(real_event, ", \"device_type\": \"iOS\"", "");
  for (const std::string& input : {missing, std::string("no JSON \xff\n"), std::string("[1]"),
                                   value_of("timestamp", "-1"), std::string()}) {
    const auto& out = run_to_error_record(input);
    CHECK(opened(out.value) == input);
    CHECK(header(out, "turnstile-truncated") == "none");
  }
}

TEST_CASE_FIXTURE(sealed_fixture, "nothing of the input can be read in a sealed error record") {
  const auto& out = run_to_error_record(with(real_event, "1729894074", "-1"));
  CHECK(opened(out.value).find("70.201.62.158") != std::string::npos);
  for (const auto* text : {"70.201.62.158", "f6a1baa4", "device_type", "2.3.0"})
    CHECK(out.value.find(text) == std::string_view::npos);
}

TEST_CASE_FIXTURE(sealed_fixture, "an input without a value has no content to seal") {
  CHECK(run_to_error_record(std::nullopt).value.find("\"message_content\":{},") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(sealed_fixture, "a sealed content that does not fit is left out and named") {
  const std::size_t whole = wire_bytes(run_to_error_record("{"));
  layout->record_bytes_max[errors] = whole;
  CHECK(opened(run_to_error_record("{").value) == "{");
  layout->record_bytes_max[errors] = whole - 1;
  const auto& out = run_to_error_record("{");
  CHECK(header(out, "turnstile-truncated") == "content");
  CHECK(out.value.find("\"message_content\":{},") != std::string::npos);
}

TEST_CASE_FIXTURE(sealed_fixture,
                  "an input of megabytes is named as left out without being sealed") {
  options.input.value_bytes_max = 100;
  const std::string huge(4 << 20, 'x');
  const auto& out = run_to_error_record(huge);
  CHECK(header(out, "turnstile-truncated") == "content");
  CHECK(failed().content.empty());
  CHECK(failed().reason == reason::too_large);
}

TEST_CASE_FIXTURE(sealed_fixture, "of an output that its topic refuses no content is repeated") {
  for (const std::string& event : {real_event, with(real_event, "2.3.0", "9")}) {
    run(event);
    const auto refused = refused_output(batch, batch.outputs.size() - 1, reason::delivery_failed,
                                        "Broker: Invalid record", 1);
    CHECK(refused.content.empty());
    CHECK(batch.outputs.back().edits.empty());
  }
}

TEST_CASE_FIXTURE(sealed_fixture, "an output that is known to be refused has its input sealed") {
  layout->rules[static_cast<std::size_t>(output_topic::processed)].needs_key = true;
  key = std::nullopt;
  run(real_event);
  CHECK(failed().reason == reason::delivery_failed);
  CHECK(opened(failed().content) == real_event);
}

TEST_CASE_FIXTURE(sealed_fixture, "without a key an error record has no content") {
  seal.reset();
  run("{");
  CHECK(failed().content.empty());
}

TEST_CASE_FIXTURE(sealed_fixture, "a batch's end takes the key of its seals away") {
  tests::login_transform transform(options, pseudonyms, seal);
  std::string before;
  for (int i = 0; i < 3; ++i) {
    core::record_batch one;
    one.layout = layout;
    one.inputs = {input("{"), input("{")};
    core::transform_batch(transform, one, test_now_s);
    REQUIRE(one.failures.size() == 2);
    // What the public key of the pair takes of the base64, but for its last digit.
    const auto pair = [&one](std::size_t slot) {
      return std::string(one.failures[slot].content.substr(11, 42));
    };
    CHECK(pair(0) == pair(1));
    CHECK(pair(0) != before);
    before = pair(0);
  }
}
