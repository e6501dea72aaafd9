#include "audit/key_audit.hpp"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace turnstile;
using namespace turnstile::audit;

namespace {

using texts = std::vector<std::string>;

struct keyed_outputs {
  key_audit keys{2};
  fault_list faults;

  /// Outputs of partition 0's offsets from `first` to `last`, at a place; empty: without the
  /// header.
  void write(std::int64_t first, std::int64_t last, std::string_view key, std::size_t place = 0) {
    std::vector<core::header_view> headers{{"turnstile-origin", "x"}};
    if (!key.empty()) headers.push_back({"turnstile-key", key});
    for (std::int64_t offset = first; offset <= last; ++offset) keys.add(0, place, offset, headers);
  }
  texts runs(bool expected = true) {
    faults = {};
    texts all;
    for (const auto& run : keys.judge(0, expected, faults).runs)
      all.push_back(run.key + " " + std::to_string(run.first) + "-" + std::to_string(run.last) +
                    " " + std::to_string(run.outputs));
    return all;
  }
};

}  // namespace

TEST_CASE_FIXTURE(keyed_outputs, "one key after the other is no fault, wherever outputs went") {
  write(0, 9, "a");
  write(12, 20, "b");
  write(10, 10, "a", 1);  // Errors, which are read later.
  write(11, 11, "b", 1);
  CHECK(runs() == texts{"a 0-10 11", "b 11-20 10"});
  CHECK(faults.total() == 0);
}

TEST_CASE_FIXTURE(keyed_outputs, "outputs before the first with a key are of a time without") {
  write(0, 9, "");
  write(10, 20, "a");
  CHECK(runs() == texts{" 0-9 10", "a 10-20 11"});
  CHECK(faults.total() == 0);
}

TEST_CASE_FIXTURE(keyed_outputs, "outputs without a key behind one with a key are faults") {
  write(0, 9, "a");
  write(10, 14, "");
  write(15, 20, "a");
  CHECK(runs(false) == texts{"a 0-9 10", " 10-14 5", "a 15-20 6"});
  CHECK(faults.count(fault::key_missing) == 5);
  CHECK(faults.total() == 5);
  CHECK(faults.examples(fault::key_missing) == texts{"partition 0: 10 to 14"});
}

TEST_CASE_FIXTURE(keyed_outputs, "a partition without any key is a fault where rules use one") {
  write(0, 9, "");
  runs(false);
  CHECK(faults.total() == 0);
  runs(true);
  CHECK(faults.count(fault::key_missing) == 10);
}

TEST_CASE_FIXTURE(keyed_outputs, "a return to an earlier key is named") {
  write(0, 9, "a");
  write(10, 14, "b");
  write(15, 20, "a");
  CHECK(runs() == texts{"a 0-9 10", "b 10-14 5", "a 15-20 6"});
  CHECK(faults.count(fault::key_returned) == 1);
  CHECK(faults.examples(fault::key_returned) == texts{"partition 0: a again from 15"});
}

TEST_CASE_FIXTURE(keyed_outputs, "two keys in one range are named, once for each change") {
  write(0, 100, "a");
  write(50, 50, "b", 1);
  CHECK(runs() == texts{"a 0-100 101", "b 50-50 1"});
  CHECK(faults.count(fault::key_mixed) == 1);
  CHECK(faults.examples(fault::key_mixed) == texts{"partition 0: a and b at 50"});
}

TEST_CASE_FIXTURE(keyed_outputs, "inputs that were repeated with a later key have two") {
  write(0, 9, "a");
  write(5, 20, "b");
  runs();
  CHECK(faults.examples(fault::key_mixed) == texts{"partition 0: a and b at 5 to 9"});
}

TEST_CASE_FIXTURE(keyed_outputs, "what is no id is no key's, and is not shown") {
  write(0, 0, "Secret Value");
  write(1, 1, "a");
  CHECK(runs() == texts{"(no id) 0-0 1", "a 1-1 1"});
  const std::vector<core::header_view> two{{"turnstile-key", "a"}, {"turnstile-key", "b"}};
  keys.add(1, 0, 5, two);
  CHECK(keys.judge(1, true, faults).runs.at(0).key == "(no id)");
}

TEST_CASE_FIXTURE(keyed_outputs, "a redriven output is of the key of its own time") {
  write(0, 9, "a");
  write(10, 20, "b");
  const std::vector<core::header_view> headers{{"turnstile-key", "c"},
                                               {"turnstile-redrive", "errors/0/1"}};
  keys.add(0, 2, 3, headers);
  CHECK(runs() == texts{"a 0-9 10", "b 10-20 11"});
}

TEST_CASE_FIXTURE(keyed_outputs, "more runs than are kept are counted") {
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(key_audit::runs_max) + 3; ++n)
    write(n, n, n % 2 == 0 ? "a" : "b");
  const auto judged = keys.judge(0, true, faults);
  CHECK(judged.runs.size() == key_audit::runs_max);
  CHECK(judged.left_out == 3);
}
