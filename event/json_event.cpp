#include "event/json_event.hpp"

// The only place that includes RapidJSON's reader: its SIMD macro must be the same in each.
#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include "core/json_text.hpp"
#include "event/plain_stream.hpp"

namespace turnstile::core {

namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t padding = 32;  // RapidJSON's SIMD reads whole blocks of 16 bytes.
constexpr std::size_t fields_kept = 1024;
constexpr std::size_t depth_kept = 1024;
constexpr std::size_t few_fields = 16;

/// Validating the encoding is ours: with that flag RapidJSON would do without SIMD.
constexpr unsigned plain_flags =
    rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
constexpr unsigned parse_flags = plain_flags | rapidjson::kParseIterativeFlag;

event_error json_error(std::string_view what, std::size_t at) {
  std::string text = "JSON decoding error: ";
  text += what;
  text += " at byte ";
  text += std::to_string(at);
  return {reason::invalid_json, std::move(text)};
}

std::optional<login_field> known_field(std::string_view name) {
  using enum login_field;
  const auto if_named = [name](login_field f) {
    return name == name_of(f) ? std::optional(f) : std::nullopt;
  };
  switch (name.size()) {
    case 2:
      return if_named(ip);
    case 6:
      return if_named(locale);
    case 7:
      return if_named(user_id);
    case 9:
      return name.front() == 't' ? if_named(timestamp) : if_named(device_id);
    case 11:
      return name.front() == 'a' ? if_named(app_version) : if_named(device_type);
    default:
      return std::nullopt;
  }
}

/// The power of ten of a number's first digit that is not 0; saturates far outside of a double's.
std::int64_t magnitude_of(std::string_view number) {
  if (number.front() == '-') number.remove_prefix(1);
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<std::int64_t>(std::min(digits.find_first_of("123456789"), e));
  std::int64_t exponent = 0;
  if (e < number.size()) {
    std::string_view text = number.substr(e + 1);
    const bool minus = text.front() == '-';
    if (minus || text.front() == '+') text.remove_prefix(1);
    constexpr std::int64_t far = std::int64_t{1} << 40;
    for (const char c : text) exponent = std::min(exponent * 10 + (c - '0'), far);
    if (minus) exponent = -exponent;
  }
  return exponent + (first < point ? point - first - 1 : point - first);
}

/// Of all that a number may hold only e and E have this bit.
bool has_exponent(std::string_view number) {
  for (const char c : number)
    if ((c & 0x40) != 0) return true;
  return false;
}

/// RapidJSON lets some pass, for example 9e308, as it does not convert numbers here.
bool beyond_double(std::string_view number) {
  if (number.size() < 300 && !has_exponent(number)) return false;
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  return result.ec == std::errc::result_out_of_range && magnitude_of(number) > 0;
}

/// An escape that is half of a surrogate pair is what decodes to 0xed 0xa0…0xbf: raw bytes of that
/// form were refused before. RapidJSON itself refuses only the first half without its second.
bool has_half_pair(std::string_view unescaped) {
  for (std::size_t at = unescaped.find('\xed'); at != npos; at = unescaped.find('\xed', at + 1))
    if (at + 1 < unescaped.size() && static_cast<unsigned char>(unescaped[at + 1]) >= 0xa0)
      return true;
  return false;
}

}  // namespace

/// Receives the events of a recursive parse of a value without a backslash. It only takes what is
/// an object of at most `json_depth_max` levels without a fault; anything else ends the parse, and
/// `reader` then judges it from the beginning.
struct json_event::plain_reader : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, plain_reader> {
  plain_reader(json_event& target, std::string_view from, const plain_stream& in)
    : event(target), value(from), stream(in) {}

  bool Null() { return literal(json_kind::null, 4); }
  bool Bool(bool b) { return literal(json_kind::boolean, b ? 4 : 5); }
  bool RawNumber(const char* token, rapidjson::SizeType size, bool) {
    if (beyond_double({token, size})) return false;
    if (depth == 1) event.end_field(json_kind::number, slice(at(token), size));
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (depth != 1) return true;
    const std::string_view token = slice(at(text) - 1, size + std::size_t{2});
    event.end_field(json_kind::string, token).text = {token.data() + 1, size};
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth != 1) return true;
    const std::string_view token = slice(at(text) - 1, size + std::size_t{2});
    event.begin_field(token, {token.data() + 1, size});
    return true;
  }
  bool StartObject() {
    root_is_object = true;
    return open();
  }
  bool EndObject(rapidjson::SizeType) { return close(json_kind::object); }
  bool StartArray() { return root_is_object && open(); }
  bool EndArray(rapidjson::SizeType) { return close(json_kind::array); }

  json_event& event;
  std::string_view value;
  const plain_stream& stream;
  std::size_t depth = 0;
  std::size_t opened_at = 0;
  bool root_is_object = false;

private:
  /// Of what was just read, so within the value.
  [[nodiscard]] std::string_view slice(std::size_t from, std::size_t size) const {
    return {value.data() + from, size};
  }
  [[nodiscard]] std::size_t at(const char* scratch) const {
    return static_cast<std::size_t>(scratch - event.scratch_.get());
  }
  bool literal(json_kind kind, std::size_t size) {
    if (depth == 1) event.end_field(kind, slice(stream.Tell() - size, size));
    return true;
  }
  // The stream stands behind the bracket.
  bool open() {
    if (depth == 1) opened_at = stream.Tell() - 1;
    return ++depth <= json_depth_max;
  }
  bool close(json_kind kind) {
    if (--depth == 1) event.end_field(kind, slice(opened_at, stream.Tell() - opened_at));
    return true;
  }
};

/// Receives RapidJSON's events. Its stream tells positions, which scratch and value share: of an
/// opening quote or first digit, behind a literal, of a bracket.
struct json_event::reader : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, reader> {
  bool Null() { return literal(json_kind::null, 4); }
  bool Bool(bool b) { return literal(json_kind::boolean, b ? 4 : 5); }
  bool RawNumber(const char* token, rapidjson::SizeType size, bool) {
    const std::size_t at = position();
    if (beyond_double({token, size})) return refuse("Number too big for a double", at);
    if (is_field_value()) event->end_field(json_kind::number, value.substr(at, size));
    return true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view unescaped(text, size);
    if (!check_escapes(unescaped)) return false;
    if (!is_field_value()) return true;
    event->end_field(json_kind::string, token_of(size)).text = unescaped;
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view name(text, size);
    if (!check_escapes(name)) return false;
    if (is_field_value()) event->begin_field(token_of(size), name);
    return true;
  }
  bool StartObject() { return open(true); }
  bool EndObject(rapidjson::SizeType) { return close(json_kind::object); }
  bool StartArray() { return open(false); }
  bool EndArray(rapidjson::SizeType) { return close(json_kind::array); }

  void start(json_event& target, std::string_view from, rapidjson::InsituStringStream& in,
             bool escapes) {
    event = &target;
    value = from;
    stream = &in;
    depth = 0;
    deepest = 0;
    root_is_object = false;
    has_escapes = escapes;
    refusal.reset();
  }

  rapidjson::Reader parser;
  json_event* event = nullptr;
  std::string_view value;
  rapidjson::InsituStringStream* stream = nullptr;
  std::size_t depth = 0;
  std::size_t deepest = 0;
  std::size_t opened_at = 0;
  bool root_is_object = false;
  bool has_escapes = false;
  std::optional<event_error> refusal;  ///< Of ours, where RapidJSON saw nothing wrong.

private:
  [[nodiscard]] std::size_t position() const { return stream->Tell(); }
  [[nodiscard]] bool is_field_value() const { return depth == 1 && root_is_object; }

  bool refuse(std::string_view what, std::size_t at) {
    refusal = json_error(what, at);
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
    const bool escaped = has_escapes && std::memchr(value.data() + at + 1, '\\', size) != nullptr;
    return value.substr(at, escaped ? json_string_end(value, at + 1) - at : size + 2);
  }
  bool literal(json_kind kind, std::size_t size) {
    if (is_field_value()) event->end_field(kind, value.substr(position() - size, size));
    return true;
  }
  bool open(bool object) {
    if (depth == 0) root_is_object = object;
    if (depth == 1) opened_at = position();
    deepest = std::max(deepest, ++depth);
    return true;
  }
  bool close(json_kind kind) {
    --depth;
    if (is_field_value())
      event->end_field(kind, value.substr(opened_at, position() + 1 - opened_at));
    return true;
  }
};

json_event::json_event() : reader_(std::make_unique<reader>()) { clear(); }

json_event::~json_event() = default;

void json_event::clear() {
  // What one record with very many fields or levels needed is not kept for all others.
  if (fields_.capacity() > fields_kept) fields_ = {};
  if (unknown_.capacity() > fields_kept) unknown_ = {};
  if (reader_->deepest > depth_kept) reader_ = std::make_unique<reader>();
  fields_.clear();
  unknown_.clear();
  known_.fill(absent);
  second_known_at_ = nullptr;
  unknown_count_ = 0;
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

std::optional<event_error> json_event::parse(const maybe_bytes& value, std::size_t bytes_max) {
  clear();
  value_bytes_ = value ? value->size() : 0;
  if (!value) return event_error{reason::tombstone, "Tombstone: the record has no value"};
  if (value->empty()) return event_error{reason::empty_value, "Empty value"};
  bytes_max = std::min(bytes_max, json_bytes_max);
  if (value->size() > bytes_max)
    return event_error{reason::too_large, "Value too large: " + std::to_string(value->size()) +
                                              " bytes, at most " + std::to_string(bytes_max)};
  const text_faults faults = find_text_faults(*value);
  if (faults.invalid_utf8_at != npos)
    return event_error{reason::invalid_utf8,
                       "Invalid UTF-8 at byte " + std::to_string(faults.invalid_utf8_at)};
  if (faults.control_at != npos) return json_error("Control character", faults.control_at);
  copy_to_scratch(*value);
  const bool has_escapes = value->find('\\') != npos;
  if (has_escapes || !read_plain(*value)) {
    clear();
    if (auto error = read(*value, has_escapes)) return error;
  }
  if (const std::size_t at = duplicate_at(*value); at != npos)
    return event_error{reason::duplicate_key, "Duplicate key at byte " + std::to_string(at)};
  return std::nullopt;
}

void json_event::begin_field(std::string_view key, std::string_view name) {
  const std::optional<login_field> known = known_field(name);
  if (known) {
    auto& index = known_[static_cast<std::size_t>(*known)];
    if (index != absent && second_known_at_ == nullptr) second_known_at_ = key.data();
    index = static_cast<std::uint32_t>(fields_.size());
  } else {
    ++unknown_count_;
  }
  json_field& field = fields_.emplace_back();
  field.key = key;
  field.name = name;
  field.known = known;
}

json_field& json_event::end_field(json_kind kind, std::string_view raw) {
  json_field& field = fields_.back();
  field.kind = kind;
  field.raw = raw;
  return field;
}

bool json_event::read_plain(std::string_view value) {
  plain_stream stream(scratch_.get());
  plain_reader handler(*this, value, stream);
  const rapidjson::ParseResult result = reader_->parser.Parse<plain_flags>(stream, handler);
  return !result.IsError() && stream.Tell() == value.size() && handler.root_is_object;
}

std::optional<event_error> json_event::read(std::string_view value, bool has_escapes) {
  rapidjson::InsituStringStream stream(scratch_.get());
  reader_->start(*this, value, stream, has_escapes);
  const rapidjson::ParseResult result = reader_->parser.Parse<parse_flags>(stream, *reader_);
  if (reader_->refusal) return std::exchange(reader_->refusal, std::nullopt);
  if (result.IsError()) {
    std::string_view what = rapidjson::GetParseError_En(result.Code());
    if (what.ends_with('.')) what.remove_suffix(1);
    return json_error(what, result.Offset());
  }
  if (stream.Tell() != value.size()) return json_error("More after the end", stream.Tell());
  if (reader_->deepest > json_depth_max)
    return event_error{reason::too_deep, "Nested too deep: " + std::to_string(reader_->deepest) +
                                             " levels, at most " + std::to_string(json_depth_max)};
  if (!reader_->root_is_object) return event_error{reason::not_an_object, "Not a JSON object"};
  return std::nullopt;
}

std::size_t json_event::duplicate_at(std::string_view value) {
  const std::size_t known_at =
      second_known_at_ ? static_cast<std::size_t>(second_known_at_ - value.data()) : npos;
  if (unknown_count_ < 2) return known_at;
  for (const json_field& field : fields_)
    if (!field.known) unknown_.push_back(&field);
  return std::min(known_at, unknown_duplicate_at(value));
}

/// Sorting instead of a hash set: no choice of keys makes it quadratic.
std::size_t json_event::unknown_duplicate_at(std::string_view value) {
  const auto position = [&](const json_field* f) {
    return static_cast<std::size_t>(f->key.data() - value.data());
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

}  // namespace turnstile::core
