#include "event/json_event.hpp"

// The only place that includes RapidJSON's reader: its SIMD macro must be the same in each.
#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#include <algorithm>
#include <cstring>
#include <utility>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include "event/json_faults.hpp"
#include "event/json_walk.hpp"
#include "event/plain_reader.hpp"

namespace turnstile::event {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t padding = scan_padding;  // For RapidJSON's SIMD too.
constexpr std::size_t fields_kept = 1024;
constexpr std::size_t depth_kept = 1024;
constexpr std::size_t few_fields = 16;

/// Validating the encoding is ours: with that flag RapidJSON would do without SIMD.
constexpr unsigned parse_flags = rapidjson::kParseInsituFlag |
                                 rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseIterativeFlag;

event_error json_error(std::string_view what, std::size_t at) {
  std::string text = "JSON decoding error: ";
  text += what;
  text += " at byte ";
  text += std::to_string(at);
  return {core::reason::invalid_json, std::move(text)};
}

const path_states& no_paths() {
  static const path_states none_at_all({}, {});
  return none_at_all;
}

}  // namespace

/// Receives RapidJSON's events. Its stream tells positions, which scratch and value share: of an
/// opening quote or first digit, behind a literal, of a bracket.
struct json_event::reader : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, reader> {
  explicit reader(json_event& target) : event(target), walker(target) {}

  bool Null() { return literal(core::json_kind::null, 4); }
  bool Bool(bool b) { return literal(core::json_kind::boolean, b ? 4 : 5); }
  bool RawNumber(const char* token, rapidjson::SizeType size, bool) {
    const std::size_t at = position();
    if (beyond_double({token, size})) return refuse("Number too big for a double", at);
    if (walker.is_live()) walker.scalar(core::json_kind::number, value().substr(at, size));
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view unescaped(text, size);
    if (!check_escapes(unescaped)) return false;
    if (walker.is_live()) walker.scalar(core::json_kind::string, token_of(size), unescaped);
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view name(text, size);
    if (!check_escapes(name)) return false;
    if (walker.is_live()) walker.key(token_of(size), name);
    return true;
  }
  bool StartObject() { return open(false); }
  bool EndObject(rapidjson::SizeType) { return close(core::json_kind::object); }
  bool StartArray() { return open(true); }
  bool EndArray(rapidjson::SizeType) { return close(core::json_kind::array); }

  void start(rapidjson::InsituStringStream& in, bool escapes) {
    stream = &in;
    // Until a bracket opens: a number alone is no field of the event before.
    walker.start(false);
    depth = 0;
    deepest = 0;
    root_is_object = false;
    has_escapes = escapes;
    refusal.reset();
  }

  rapidjson::Reader parser;
  json_event& event;
  walk walker;
  rapidjson::InsituStringStream* stream = nullptr;
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool root_is_object = false;
  bool has_escapes = false;
  std::optional<event_error> refusal;  ///< Of ours, where RapidJSON saw nothing wrong.

private:
  [[nodiscard]] std::string_view value() const { return event.value_; }
  [[nodiscard]] std::size_t position() const { return stream->Tell(); }

  bool refuse(std::string_view what, std::size_t at) {
    refusal = json_error(what, event.frame_bytes_ + at);
    return false;
  }
  bool check_escapes(std::string_view unescaped) {
    if (!has_escapes || !has_half_pair(unescaped)) return true;
    return refuse("Half of a surrogate pair in the string", position());
  }
  /// The string as it stands in the value. One with an escape has a backslash among its first
  /// `size` raw bytes, as each escape becomes one byte at least.
  [[nodiscard]] std::string_view token_of(std::size_t size) const {
    const std::size_t at = position();
    const bool escaped = has_escapes && std::memchr(value().data() + at + 1, '\\', size) != nullptr;
    return value().substr(at, escaped ? core::json_string_end(value(), at + 1) - at : size + 2);
  }
  bool literal(core::json_kind kind, std::size_t size) {
    if (walker.is_live()) walker.scalar(kind, value().substr(position() - size, size));
    return true;
  }
  bool open(bool is_array) {
    if (depth > 0) {
      walker.open(value().data() + position(), is_array);
    } else {
      root_is_object = !is_array;
      walker.start(root_is_object);
    }
    deepest = std::max(deepest, ++depth);
    return true;
  }
  bool close(core::json_kind kind) {
    if (--depth > 0) walker.close(value().data() + position() + 1, kind);
    return true;
  }
};

json_event::json_event() : json_event(no_paths()) {}

json_event::json_event(const path_states& paths)
  : paths_(paths), reader_(std::make_unique<reader>(*this)), first_(paths.places(), absent) {}

json_event::~json_event() = default;

void json_event::clear() {
  // What one record with very many fields or levels needed is not kept for all others.
  if (fields_.capacity() > fields_kept) fields_ = std::vector<json_field>{};
  if (unknown_.capacity() > fields_kept) unknown_ = std::vector<const json_field*>{};
  if (reader_->deepest > depth_kept) reader_ = std::make_unique<reader>(*this);
  fields_.clear();
  unknown_.clear();
  std::fill(first_.begin(), first_.end(), absent);
  second_known_at_ = nullptr;
  other_names_ = 0;
  sums_ = {};
}

void json_event::copy_to_scratch(std::string_view value) {
  const std::size_t bytes = value.size() + padding;
  if (bytes > scratch_bytes_) {
    scratch_ = std::make_unique_for_overwrite<char[]>(bytes);
    scratch_bytes_ = bytes;
  }
  std::memcpy(scratch_.get(), value.data(), value.size());
  std::memset(scratch_.get() + value.size(), 0, padding);
}

std::optional<event_error> json_event::parse(const core::maybe_bytes& value, std::size_t bytes_max,
                                             std::size_t frame_bytes) {
  clear();
  value_ = {};
  frame_bytes_ = frame_bytes;
  if (!value) return event_error{core::reason::tombstone, "Tombstone: the record has no value"};
  if (value->empty()) return event_error{core::reason::empty_value, "Empty value"};
  bytes_max = std::min(bytes_max, json_bytes_max);
  if (value->size() > bytes_max)
    return event_error{core::reason::too_large,
                       "Value too large: " + std::to_string(value->size()) + " bytes, at most " +
                           std::to_string(bytes_max)};
  if (frame_bytes > 0 && (value->size() < frame_bytes || value->front() != 0))
    return event_error{core::reason::bad_frame,
                       "Bad frame: the value does not begin with a zero byte and a schema's id"};
  value_ = value->substr(frame_bytes);
  const core::text_faults faults = core::find_text_faults(value_);
  if (faults.invalid_utf8_at != npos)
    return event_error{
        core::reason::invalid_utf8,
        "Invalid UTF-8 at byte " + std::to_string(frame_bytes + faults.invalid_utf8_at)};
  if (faults.control_at != npos)
    return json_error("Control character", frame_bytes + faults.control_at);
  copy_to_scratch(value_);
  const bool has_escapes = value_.find('\\') != npos;
  const std::string_view given = std::exchange(value_, {scratch_.get(), value_.size()});
  if (has_escapes || !plain_reader(*this).read()) {
    clear();
    value_ = given;
    if (auto error = read(has_escapes)) return error;
  }
  if (const std::size_t at = duplicate_at(); at != npos)
    return event_error{core::reason::duplicate_key,
                       "Duplicate key at byte " + std::to_string(frame_bytes + at)};
  return std::nullopt;
}

void json_event::add_field(path_states::index state, std::string_view key, std::string_view name,
                           bool is_top_level) {
  const auto at = static_cast<std::uint32_t>(fields_.size());
  json_field& field = fields_.emplace_back();
  sums_.is_right = false;
  field.key = key;
  field.name = name;
  field.state = state;
  field.end = at + 1;
  const auto& known = paths_.at(state);
  field.rule = known.rule;
  if (known.place == none) {
    if (is_top_level) ++other_names_;
    return;
  }
  std::uint32_t& first = first_[known.place];
  if (first == absent)
    first = at;
  else if (is_top_level && second_known_at_ == nullptr)
    second_known_at_ = key.data();
}

std::string json_event::path_of(const json_field& field) const {
  const auto at = static_cast<std::uint32_t>(&field - fields_.data());
  event::path path;
  for (std::uint32_t i = 0; i <= at; i = fields_[i].end > at ? i + 1 : fields_[i].end) {
    if (fields_[i].end <= at) continue;
    const bool is_element = fields_[i].name.data() == nullptr;
    path.steps.push_back(is_element
                             ? path_step{path_step_kind::elements, {}}
                             : path_step{path_step_kind::member, std::string(fields_[i].name)});
  }
  return path_text(path);
}

std::optional<event_error> json_event::read(bool has_escapes) {
  rapidjson::InsituStringStream stream(scratch_.get());
  reader_->start(stream, has_escapes);
  const rapidjson::ParseResult result = reader_->parser.Parse<parse_flags>(stream, *reader_);
  if (reader_->refusal) return std::exchange(reader_->refusal, std::nullopt);
  if (result.IsError()) {
    std::string_view what = rapidjson::GetParseError_En(result.Code());
    if (what.ends_with('.')) what.remove_suffix(1);
    return json_error(what, frame_bytes_ + result.Offset());
  }
  if (stream.Tell() != value_.size())
    return json_error("More after the end", frame_bytes_ + stream.Tell());
  if (reader_->deepest > json_depth_max)
    return event_error{core::reason::too_deep,
                       "Nested too deep: " + std::to_string(reader_->deepest) +
                           " levels, at most " + std::to_string(json_depth_max)};
  if (!reader_->root_is_object)
    return event_error{core::reason::not_an_object, "Not a JSON object"};
  return std::nullopt;
}

std::size_t json_event::duplicate_at() {
  const std::size_t known_at =
      second_known_at_ ? static_cast<std::size_t>(second_known_at_ - value_.data()) : npos;
  if (other_names_ < 2) return known_at;
  for (std::size_t i = 0; i < fields_.size(); i = fields_[i].end)
    if (paths_.at(fields_[i].state).place == none) unknown_.push_back(&fields_[i]);
  return std::min(known_at, unknown_duplicate_at());
}

/// Sorting instead of a hash set: no choice of keys makes it quadratic.
std::size_t json_event::unknown_duplicate_at() {
  const auto position = [&](const json_field* f) {
    return static_cast<std::size_t>(f->key.data() - value_.data());
  };
  if (unknown_.size() <= few_fields) {
    for (std::size_t i = 1; i < unknown_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (unknown_[i]->name == unknown_[j]->name) return position(unknown_[i]);
    return npos;
  }
  std::sort(unknown_.begin(), unknown_.end(), [](const json_field* a, const json_field* b) {
    if (a->name.size() != b->name.size()) return a->name.size() < b->name.size();
    const int order = a->name.compare(b->name);
    return order != 0 ? order < 0 : a->key.data() < b->key.data();
  });
  std::size_t first = npos;
  for (std::size_t i = 1; i < unknown_.size(); ++i)
    if (unknown_[i]->name == unknown_[i - 1]->name) first = std::min(first, position(unknown_[i]));
  return first;
}

std::string_view text_of_token(std::string_view token, core::arena& memory) {
  if (token.empty() || token.front() != '"') return token;
  if (token.find('\\') == npos) return token.substr(1, token.size() - 2);
  const std::string object = "{\"\":" + std::string(token) + "}";
  json_event event;
  if (event.parse(object, json_bytes_max)) return {};
  return memory.copy(event.fields().front().text);
}

}  // namespace turnstile::event
