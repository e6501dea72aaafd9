// A shadow's report as one JSON object; docs/shadow.md lists its fields.

#include <string>
#include <string_view>

#include "app/shadow/shadow_report.hpp"
#include "core/quoting.hpp"

namespace turnstile::shadow {

namespace {

/// An object that is written member by member.
class json_object {
public:
  json_object& add(std::string_view name, const std::string& token) {
    core::append_item(text_, core::quoted(name) + ":" + token, ",");
    return *this;
  }
  json_object& add(std::string_view name, std::int64_t number) {
    return add(name, std::to_string(number));
  }
  json_object& add(std::string_view name, bool is) {
    return add(name, std::string(is ? "true" : "false"));
  }
  [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

private:
  std::string text_;
};

template <typename Items, typename Token>
std::string array_of(const Items& items, const Token& token) {
  std::string out;
  for (const auto& item : items) core::append_item(out, token(item), ",");
  return "[" + out + "]";
}

std::string place_json(const shadow_report& report, input_place at) {
  return core::quoted(report.input_topic + "/" + std::to_string(at.partition) + "/" +
                      std::to_string(at.offset));
}

std::string outcome_json(const shadow_report& report, const changed_outcome& one) {
  const auto place = [&report](input_place at) { return place_json(report, at); };
  return json_object()
      .add("from", core::quoted(name_of(one.from)))
      .add("to", core::quoted(name_of(one.to)))
      .add("count", one.count)
      .add("expected", one.expected)
      .add("examples", array_of(one.examples, place))
      .text();
}

std::string part_json(const shadow_report& report, const changed_part& one) {
  json_object out;
  out.add("path", core::quoted(one.name))
      .add("count", one.count)
      .add("expected", one.expected)
      .add("examples",
           array_of(one.examples, [&report](input_place at) { return place_json(report, at); }));
  if (!one.values.empty())
    out.add("values", array_of(one.values, [&report](const value_example& values) {
              return json_object()
                  .add("origin", place_json(report, values.at))
                  .add("before", core::quoted(values.before))
                  .add("after", core::quoted(values.after))
                  .text();
            }));
  return out.text();
}

std::string outputs_json(const shadow_report& report) {
  return json_object()
      .add("redriven", report.outputs.redriven)
      .add("repeated", report.outputs.repeated)
      .add("of_earlier_topic", report.outputs.earlier)
      .add("without_input", report.outputs.inputless)
      .add("foreign", report.foreign)
      .text();
}

}  // namespace

std::string to_json(const shadow_report& report) {
  json_object would_be;
  for (const auto& [name, count] : report.would_be) would_be.add(name, count);
  const auto quoted = [](const std::string& text) { return core::quoted(text); };
  json_object out;
  out.add("verdict", core::quoted(report.is_fine()          ? "as_expected"
                                  : report.unexpected() > 0 ? "different"
                                                            : "not_known"))
      .add("inputs", report.inputs())
      .add("compared", report.compared())
      .add("same", report.same)
      .add("other_outcome", report.other_outcome)
      .add("other_bytes", report.other_bytes)
      .add("expected", report.expected)
      .add("unexpected", report.unexpected())
      .add("no_outcome", report.no_outcome)
      .add("would_be", would_be.text())
      .add("unknown", report.unknown)
      .add("by_broker", report.by_broker)
      .add("outcomes",
           array_of(report.outcomes,
                    [&report](const changed_outcome& one) { return outcome_json(report, one); }))
      .add("paths", array_of(report.parts,
                             [&report](const changed_part& one) { return part_json(report, one); }))
      .add("other_key", report.has_other_key())
      .add("outputs", outputs_json(report))
      .add("unreadable", report.unreadable)
      .add("missing_topics", array_of(report.missing_topics, quoted))
      .add("stopped_early", report.stopped_early)
      .add("incomplete", report.incomplete);
  return out.text();
}

}  // namespace turnstile::shadow
