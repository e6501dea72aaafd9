// Every kind of violation is planted once into a good pipeline, and the audit must name it.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model.hpp"

namespace turnstile::audit {
namespace {

using testing::good;
using testing::model;
using testing::model_summary;

struct plant {
  std::string name;
  fault kind;
  std::function<void(model&)> put;
};

auto drop(fate where) {
  return [where](model& m) { m.remove(where); };
}

auto origin(fate where, std::string value) {
  return [where, value](model& m) { m.set_header(where, "turnstile-origin", value); };
}

void add_again(model& m, fate where, std::size_t times) {
  const auto again = m.at(where);
  for (std::size_t n = 0; n < times; ++n) m.outputs.push_back(again);
}

auto also_as(fate where) {
  return [where](model& m) {
    auto other = m.at(fate::processed);
    other.where = where;
    if (where == fate::error) other.headers.emplace_back("turnstile-reason", "wrong_type");
    m.outputs.push_back(other);
  };
}

auto instead_as(fate where) {
  return [where](model& m) { m.at(fate::processed).where = where; };
}

auto summary(std::size_t nth, std::function<void(model_summary&)> change) {
  return [nth, change](model& m) { change(m.summaries.at(nth)); };
}

void swap_two(model& m) {
  std::swap(m.outputs[m.find(fate::processed, 3)], m.outputs[m.find(fate::processed, 4)]);
}

void swap_far(model& m) {
  const auto from = m.outputs.begin() + static_cast<long>(m.find(fate::cleaned, 1));
  const auto moved = *from;
  m.outputs.erase(from);
  m.outputs.push_back(moved);
}

void commit_before_write(model& m) {
  const auto lost = m.at(fate::processed).source;
  m.remove(fate::processed);
  m.committed[1] = lost + 1;
}

const std::vector<plant> plants{
    {"a lost output", fault::missing, drop(fate::processed)},
    {"a lost error record", fault::missing, drop(fate::error)},
    {"a lost filtered record", fault::missing, drop(fate::cleaned)},
    {"the first output lost", fault::missing, [](model& m) { m.outputs.erase(m.outputs.begin()); }},
    {"the last output lost", fault::missing, [](model& m) { m.outputs.pop_back(); }},
    {"all outputs lost", fault::missing, [](model& m) { m.outputs.clear(); }},
    {"a repeated output", fault::repeated, [](model& m) { add_again(m, fate::processed, 1); }},
    {"a repeated error record", fault::repeated, [](model& m) { add_again(m, fate::error, 1); }},
    {"an output five times more", fault::repeated,
     [](model& m) { add_again(m, fate::cleaned, 5); }},
    {"a repeat in another partition", fault::repeated,
     [](model& m) {
       add_again(m, fate::processed, 1);
       m.outputs.back().partition = 2;
     }},
    {"an output that is also an error", fault::two_fates, also_as(fate::error)},
    {"an output that is also filtered", fault::two_fates, also_as(fate::cleaned)},
    {"two swapped outputs", fault::order, swap_two},
    {"an output far behind its place", fault::order, swap_far},
    {"an origin beyond the end", fault::foreign, origin(fate::processed, "user-login/1/160")},
    {"an origin far beyond the end", fault::foreign,
     origin(fate::processed, "user-login/1/9223372036854775807")},
    {"an origin in no partition", fault::foreign, origin(fate::error, "user-login/3/101")},
    {"an origin in another topic", fault::foreign, origin(fate::cleaned, "logins/1/101")},
    {"an origin in a topic that begins alike", fault::foreign,
     origin(fate::cleaned, "user-login/x/1/101")},
    {"an output without origin", fault::no_origin,
     [](model& m) { m.remove_header(fate::processed, "turnstile-origin"); }},
    {"an origin twice", fault::no_origin,
     [](model& m) {
       auto& headers = m.at(fate::processed).headers;
       headers.push_back(*std::ranges::find(headers, "turnstile-origin",
                                            &std::pair<std::string, std::string>::first));
     }},
    {"an empty origin", fault::no_origin, origin(fate::processed, "")},
    {"an origin of the topic alone", fault::no_origin, origin(fate::processed, "user-login")},
    {"an origin without offset", fault::no_origin, origin(fate::processed, "user-login/1/")},
    {"an origin with a negative offset", fault::no_origin,
     origin(fate::processed, "user-login/1/-101")},
    {"an origin with a partition that is none", fault::no_origin,
     origin(fate::processed, "user-login/one/101")},
    {"an origin with an offset beyond 64 bits", fault::no_origin,
     origin(fate::processed, "user-login/1/99999999999999999999")},
    {"an output in another partition", fault::wrong_partition,
     [](model& m) { m.at(fate::processed).partition = 2; }},
    {"an error record in another partition", fault::wrong_partition,
     [](model& m) { m.at(fate::error).partition = 0; }},
    {"an error record without reason", fault::no_reason,
     [](model& m) { m.remove_header(fate::error, "turnstile-reason"); }},
    {"an error record with two reasons", fault::no_reason,
     [](model& m) { m.at(fate::error).headers.emplace_back("turnstile-reason", "wrong_type"); }},
    {"an unknown reason", fault::unknown_reason,
     [](model& m) { m.set_header(fate::error, "turnstile-reason", "bad"); }},
    {"a good event in the error topic", fault::no_reason, instead_as(fate::error)},
    {"a commit above what is written", fault::commit_ahead, commit_before_write},
    {"a commit beyond the end", fault::commit_ahead, [](model& m) { m.committed[2] = 161; }},
    {"a clean stop without the last commit", fault::commit_behind,
     [](model& m) { m.committed[0] = 159; }},
    {"a clean stop without any commit", fault::commit_behind,
     [](model& m) { m.committed.erase(2); }},
    {"a wrong total", fault::summary_total,
     summary(2, [](model_summary& s) { ++s.total["error_count"]; })},
    {"a wrong total of a locale", fault::summary_total,
     summary(2, [](model_summary& s) { s.total["locale_counts/KS"] = 500; })},
    {"a value that is in no window", fault::summary_total,
     summary(3, [](model_summary& s) { s.total["device_type_counts/other"] = 1; })},
    {"a summary that is no JSON", fault::summary_total,
     summary(1, [](model_summary& s) { s.value = "oops"; })},
    {"a summary without window", fault::summary_total,
     summary(1, [](model_summary& s) { s.value = R"({"worker":"w-1","sequence":2})"; })},
    {"a summary with another key than its worker", fault::summary_total,
     summary(1, [](model_summary& s) { s.key = "w-2"; })},
    {"a wrong window", fault::summary_window,
     summary(1, [](model_summary& s) { s.window["error_count"] = 99; })},
    {"a window whose parts are not the whole", fault::summary_window,
     summary(1, [](model_summary& s) { ++s.window["received_count"]; })},
    {"a window of other devices", fault::summary_window,
     summary(1, [](model_summary& s) { s.window["device_type_counts/iOS"] = 99; })},
    {"a cover that is too short", fault::summary_window,
     summary(0,
             [](model_summary& s) {
               s.covers[0] = {{100, 110}};
             })},
    {"a cover with a hole", fault::summary_window,
     summary(0,
             [](model_summary& s) {
               s.covers[0] = {{100, 110}, {112, s.covers[0].back().high}};
             })},
    {"a cover beyond the end", fault::summary_window,
     summary(0,
             [](model_summary& s) {
               s.covers[0] = {{100, 161}};
             })},
    {"a cover in no partition", fault::summary_window,
     summary(0,
             [](model_summary& s) {
               s.covers[7] = {{100, 101}};
             })},
    {"a cover the wrong way round", fault::summary_window,
     summary(0,
             [](model_summary& s) {
               s.covers[0] = {{110, 100}};
             })},
    {"a summary at about the multiple", fault::summary_moment,
     summary(0, [](model_summary& s) { s.total["processed_count"] = 21; })},
    {"a summary before its multiple that is not the last", fault::summary_moment,
     summary(1, [](model_summary& s) { s.total["processed_count"] = 35; })},
    {"a summary gone", fault::summary_sequence,
     [](model& m) { m.summaries.erase(m.summaries.begin() + 1); }},
    {"the first summary gone", fault::summary_sequence,
     [](model& m) { m.summaries.erase(m.summaries.begin()); }},
    {"a summary twice", fault::summary_sequence,
     [](model& m) { m.summaries.insert(m.summaries.begin() + 1, m.summaries[1]); }},
    {"offsets counted twice", fault::summary_overlap,
     [](model& m) { m.summaries.insert(m.summaries.begin() + 1, m.summaries[1]); }},
    {"covers of two workers that overlap", fault::summary_overlap,
     [](model& m) {
       auto other = m.summaries[0];
       other.worker = other.key = "w-2";
       m.summaries.push_back(other);
     }},
    {"no last summary", fault::uncovered, [](model& m) { m.summaries.pop_back(); }},
};

}  // namespace

TEST_CASE("finds no fault in a good pipeline") {
  const auto report = good().report();
  CHECK(report.faults.total() == 0);
  CHECK(report.verdict() == verdict::exactly_once);
  CHECK(report.counts.inputs() == 180);
  CHECK(report.counts.of(fate::processed) + report.counts.of(fate::error) +
            report.counts.of(fate::cleaned) ==
        180);
  CHECK(report.counts.of(fate::error) > 10);
  CHECK(report.counts.of(fate::cleaned) > 10);
  CHECK(report.summaries.uncovered == 0);
  CHECK(report.summaries.windows_compared > 5);
  CHECK(report.summaries.windows_not_compared == 0);
}

TEST_CASE("finds every planted fault, and names it") {
  for (const auto& planted : plants) {
    CAPTURE(planted.name);
    auto broken = good();
    planted.put(broken);
    const auto report = broken.report();
    CHECK(report.faults.count(planted.kind) > 0);
    CHECK_FALSE(report.faults.examples(planted.kind).empty());
    CHECK(report.verdict() == verdict::faults);
  }
}

TEST_CASE("every kind of fault but raw values and keys is planted") {
  for (std::size_t k = 0; k < fault_count; ++k) {
    const auto kind = static_cast<fault>(k);
    // Their tests are raw_values_test and key_audit_test.
    if (kind == fault::raw_value || kind >= fault::key_missing) continue;
    CAPTURE(name_of(kind));
    CHECK(std::ranges::any_of(plants, [kind](const plant& p) { return p.kind == kind; }));
  }
}

TEST_CASE("a fault does not hide another") {
  auto broken = good();
  for (const auto* name : {"a lost output", "a repeated error record", "a commit beyond the end",
                           "a wrong total of a locale"}) {
    std::ranges::find(plants, name, &plant::name)->put(broken);
  }
  const auto report = broken.report();
  CHECK(report.faults.count(fault::missing) == 1);
  CHECK(report.faults.count(fault::repeated) == 1);
  CHECK(report.faults.count(fault::commit_ahead) >= 1);
  CHECK(report.faults.count(fault::summary_total) >= 1);
}

}  // namespace turnstile::audit
