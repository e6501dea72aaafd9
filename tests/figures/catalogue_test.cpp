#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "figures/catalogue_page.hpp"
#include "figures/figure_table.hpp"

using namespace turnstile;

namespace {

std::vector<const figures::row*> rows() {
  std::vector<const figures::row*> all;
  for (const auto* table : figures::all_tables())
    for (const auto& row : table->rows) all.push_back(&row);
  return all;
}

}  // namespace

TEST_CASE("docs/metrics.md is made from the catalogue") {
  std::ifstream page{TURNSTILE_SOURCE_DIR "/docs/metrics.md"};
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  CHECK(text == figures::catalogue_page());
}

TEST_CASE("names are those of Prometheus: base units, _total for what only grows") {
  for (const auto* row : rows()) {
    const auto& family = *row->family;
    CAPTURE(family.name);
    CHECK((family.name.starts_with("turnstile_") || family.name.starts_with("process_")));
    CHECK(family.name.ends_with("_total") == (family.kind == figures::kind::counter));
    CHECK((family.kind == figures::kind::histogram) == static_cast<bool>(row->latencies));
    CHECK(static_cast<bool>(row->read) != static_cast<bool>(row->latencies));
    CHECK(family.help.ends_with("."));
    CHECK_FALSE(family.unit.empty());
    for (const auto* unit : {"milli", "_ms", "_us", "mib"})
      CHECK(family.name.find(unit) == std::string_view::npos);
  }
}

TEST_CASE("a family's name is one family's, and a row's label is one row's") {
  std::map<std::string_view, const figures::family*> names;
  for (const auto* row : rows())
    CHECK(names.emplace(row->family->name, row->family).first->second == row->family);
  for (const auto* table : figures::all_tables()) {
    std::set<std::pair<const figures::family*, std::string_view>> seen;
    for (const auto& row : table->rows) {
      CAPTURE(row.family->name);
      CHECK(seen.emplace(row.family, row.label_value).second);
      CHECK((row.family->label.empty() || row.states != nullptr) == row.label_value.empty());
    }
  }
}

TEST_CASE(
    "a counter of which partition has it is not told: it would fall when that is given back") {
  for (const auto& row : figures::partition_table().rows) {
    CAPTURE(row.family->name);
    CHECK(
        (row.family->kind != figures::kind::counter || row.family->instance.empty() || row.of_all));
  }
}
