#include "generate/event_factory.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace turnstile::generate {

namespace {

using std::string_view;

constexpr std::array<string_view, 7> field_names{
    "\"user_id\"",   "\"app_version\"", "\"ip\"",         "\"locale\"",
    "\"device_id\"", "\"timestamp\"",   "\"device_type\""};

constexpr std::array<string_view, 52> locales{
    R"("AK")", R"("AL")", R"("AR")", R"("AZ")", R"("CA")", R"("CO")", R"("CT")", R"("DC")",
    R"("DE")", R"("FL")", R"("GA")", R"("HI")", R"("IA")", R"("ID")", R"("IL")", R"("IN")",
    R"("KS")", R"("KY")", R"("LA")", R"("MA")", R"("MD")", R"("ME")", R"("MI")", R"("MN")",
    R"("MO")", R"("MS")", R"("MT")", R"("NC")", R"("ND")", R"("NE")", R"("NH")", R"("NJ")",
    R"("NM")", R"("NV")", R"("NY")", R"("OH")", R"("OK")", R"("OR")", R"("PA")", R"("PR")",
    R"("RI")", R"("RU")", R"("SC")", R"("SD")", R"("TN")", R"("TX")", R"("UT")", R"("VA")",
    R"("VT")", R"("WA")", R"("WV")", R"("WY")"};

constexpr std::array<string_view, 2> device_types{R"("iOS")", R"("android")"};

constexpr std::array<string_view, 5> other_versions{R"("2.2.9")", R"("2.4.0")", R"("1.0.17")",
                                                    R"("2.3.0-beta")", R"("2.3")"};

constexpr std::array<string_view, 5> extra_fields{
    R"("session": {"steps": [1, 2, {"ok": null}], "ms": 1.50})",
    R"("sequence": 123456789012345678901234567890)",
    R"("note": "caf\u00e9 \ud83d\ude00 \"quoted\"")", "\"city\": \"K\xc3\xb6ln\"", R"("": "")"};

constexpr std::array<string_view, 8> wrong_values{"12", "-0.5", "true",    "false",
                                                  "[]", "{}",   "[\"x\"]", R"({"a": "b"})"};

constexpr std::array<string_view, 12> bad_timestamps{
    "-1", "1729894074.5",   "1.729894074e9", "253402300800",     "true",  "[1729894074]",
    "{}", R"("yesterday")", R"("-1")",       R"("17298940.74")", R"("")", R"(" 1729894074")"};

constexpr std::array<string_view, 4> duplicates{R"("ip": "203.0.113.9")", R"("\u0069p": "x")",
                                                R"("user_id": null)", R"("a": 1, "\u0061": 2)"};

constexpr std::array<string_view, 5> invalid_locales{"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
                                                     "\"\xe2\x82\"", "\"\xf5\x80\x80\x80\""};

constexpr std::array<string_view, 6> no_objects{"[]", "[{}]", "\"login\"", "42", "true", "null"};

constexpr std::array<string_view, 7> invalid_fields{
    R"("n": NaN)",      R"("n": 1e400)", R"("n": 01)", R"("s": "\udc00")",
    R"("s": "\ud800")", "\"s\": \"\t\"", R"('s': 'x')"};

constexpr std::array<string_view, 4> trailing{"x", " {}", string_view{"\0", 1}, "]"};

constexpr std::array<string_view, 3> no_json{"login ok", "<login/>", "{user_id: 1}"};

constexpr string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t padding_windows = 1 << 20;

// The real stream's first event; each next one is some fraction of a second later.
constexpr std::uint64_t first_timestamp = 1729894074;
constexpr std::uint64_t events_per_second = 50;

char* write_text(char* to, string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* write_number(char* to, std::uint64_t number) {
  std::array<char, 20> digits{};
  char* begin = digits.data() + digits.size();
  do {
    *--begin = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return write_text(to, {begin, static_cast<std::size_t>(digits.data() + digits.size() - begin)});
}

char* write_hex(char* to, std::uint64_t bits, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    *to++ = "0123456789abcdef"[(bits >> shift) & 0xf];
  }
  return to;
}

/// A random (version 4) UUID.
char* write_uuid(char* to, fast_random& random) {
  const std::uint64_t high = (random.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() & ~(3ULL << 62)) | (2ULL << 62);
  to = write_hex(to, high >> 32, 8);
  *to++ = '-';
  to = write_hex(to, high >> 16, 4);
  *to++ = '-';
  to = write_hex(to, high, 4);
  *to++ = '-';
  to = write_hex(to, low >> 48, 4);
  *to++ = '-';
  return write_hex(to, low, 12);
}

template <std::size_t Size>
string_view uuid_token(std::array<char, Size>& into, fast_random& random) {
  into.front() = '"';
  *write_uuid(&into[1], random) = '"';
  return {into.data(), Size};
}

template <std::size_t Size>
string_view ip_token(std::array<char, Size>& into, fast_random& random, bool escaped) {
  char* to = into.data();
  const std::uint64_t octets = random.next();
  *to++ = '"';
  to = write_number(to, 1 + (octets & 0xff) % 223);
  for (const int shift : {8, 16, 24}) {
    to = escaped && shift == 16 ? write_text(to, "\\u002e") : write_text(to, ".");
    to = write_number(to, (octets >> shift) & 0xff);
  }
  *to++ = '"';
  return {into.data(), static_cast<std::size_t>(to - into.data())};
}

template <std::size_t Size>
string_view timestamp_token(std::array<char, Size>& into, std::uint64_t epoch_s, bool quoted) {
  char* to = into.data();
  if (quoted) *to++ = '"';
  to = write_number(to, epoch_s);
  if (quoted) *to++ = '"';
  return {into.data(), static_cast<std::size_t>(to - into.data())};
}

}  // namespace

event_factory::event_factory(const event_mix& mix, std::uint64_t seed, std::size_t value_bytes_max,
                             std::size_t event_bytes)
  : mix_(mix), value_bytes_max_(value_bytes_max), event_bytes_(event_bytes), random_(seed) {
  double sum = 0;
  for (std::size_t k = 0; k < event_kind_count; ++k) cumulative_[k] = sum += mix.shares[k];
  for (std::uint8_t f = 0; f < field_count; ++f) order_[f] = f;
  if (event_bytes_ == 0) return;
  padding_.resize(event_bytes_ + padding_windows);
  for (char& c : padding_) c = base64[random_.below(base64.size())];
}

generated_event event_factory::next() {
  const event_kind kind = draw_kind();
  ++made_;
  return {.kind = kind, .key = draw_key(), .value = make_value(kind), .headers = draw_headers()};
}

event_kind event_factory::draw_kind() {
  const double drawn = random_.fraction() * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), drawn);
  const auto at = found == cumulative_.end() ? found - 1 : found;
  return static_cast<event_kind>(at - cumulative_.begin());
}

core::maybe_bytes event_factory::draw_key() {
  if (mix_.varied && random_.one_in(30)) return {};
  static_cast<void>(write_uuid(key_.data(), random_));
  return string_view{key_.data(), key_.size()};
}

std::span<const core::header_view> event_factory::draw_headers() {
  if (!mix_.varied || !random_.one_in(20)) return {};
  headers_ = {{{"trace", "4bf92f3577b34da6"}, {"trace", string_view{"\0\xff", 2}}, {"none", {}}}};
  return headers_;
}

core::maybe_bytes event_factory::make_value(event_kind kind) {
  draft();
  if (mix_.varied) vary();
  switch (kind) {
    case event_kind::processed:
      return padded(written());
    case event_kind::filtered:
      tokens_[app_version] = one_of(other_versions);
      return padded(written());
    case event_kind::tombstone:
      return {};
    case event_kind::empty_value:
      return "";
    case event_kind::too_large:
      return too_large();
    case event_kind::invalid_utf8:
      return with_invalid_utf8();
    case event_kind::invalid_json:
      return invalid_json();
    case event_kind::too_deep:
      return too_deep();
    case event_kind::not_an_object:
      return no_object();
    case event_kind::duplicate_key:
      return with_duplicate();
    case event_kind::missing_fields:
      return padded(with_missing());
    case event_kind::wrong_type:
      return with_wrong_type();
    case event_kind::bad_timestamp:
      return with_bad_timestamp();
  }
  return {};
}

void event_factory::draft() {
  const std::uint64_t epoch_s = first_timestamp + made_ / events_per_second;
  tokens_[user_id] = uuid_token(user_id_, random_);
  tokens_[app_version] = R"("2.3.0")";
  tokens_[ip] = ip_token(ip_, random_, false);
  tokens_[locale] = one_of(locales);
  tokens_[device_id] = uuid_token(device_id_, random_);
  tokens_[timestamp] = timestamp_token(timestamp_, epoch_s, false);
  tokens_[device_type] = one_of(device_types);
  compact_ = false;
  extra_ = {};
  // The order varies in the real stream too.
  std::swap(order_[random_.below(field_count)], order_[random_.below(field_count)]);
}

void event_factory::vary() {
  compact_ = random_.one_in(10);
  if (random_.one_in(10)) extra_ = one_of(extra_fields);
  if (random_.one_in(10)) {
    tokens_[timestamp] =
        timestamp_token(timestamp_, first_timestamp + made_ / events_per_second, true);
  }
  if (random_.one_in(20)) tokens_[ip] = ip_token(ip_, random_, true);
}

string_view event_factory::written() {
  const string_view comma = compact_ ? "," : ", ";
  const string_view colon = compact_ ? ":" : ": ";
  char* to = text_.data();
  *to++ = '{';
  for (const auto f : order_) {
    if (tokens_[f].empty()) continue;
    if (to != text_.data() + 1) to = write_text(to, comma);
    to = write_text(to, field_names[f]);
    to = write_text(to, colon);
    to = write_text(to, tokens_[f]);
  }
  if (!extra_.empty()) {
    if (to != text_.data() + 1) to = write_text(to, comma);
    to = write_text(to, extra_);
  }
  *to++ = '}';
  return {text_.data(), static_cast<std::size_t>(to - text_.data())};
}

string_view event_factory::with_field_at_end(string_view added) {
  changed_ = written();
  changed_.pop_back();
  changed_ += ", ";
  changed_ += added;
  changed_ += '}';
  return changed_;
}

string_view event_factory::padded(string_view event) {
  constexpr string_view end = "\"}";
  string_view begin = ", \"padding\": \"";
  if (event == "{}") begin.remove_prefix(2);
  const std::size_t size = event.size() - 1 + begin.size() + end.size();
  if (size >= event_bytes_) return event;
  changed_ = event;
  changed_.pop_back();
  changed_ += begin;
  changed_.append(padding_, random_.below(padding_windows), event_bytes_ - size);
  changed_ += end;
  return changed_;
}

string_view event_factory::with_missing() {
  switch (mix_.varied ? random_.below(6) : 0) {
    case 0:
      tokens_[device_type] = {};
      break;
    case 1:
      tokens_[device_type] = "null";
      break;
    case 2:
      tokens_[user_id] = {};
      break;
    case 3:
      tokens_[user_id] = R"("")";
      break;
    case 4:
      tokens_[ip] = {};
      tokens_[locale] = "null";
      break;
    default:
      tokens_ = {};
      break;
  }
  return written();
}

string_view event_factory::with_wrong_type() {
  constexpr std::array<field, 6> strings{user_id, app_version, ip, locale, device_id, device_type};
  tokens_[strings[random_.below(strings.size())]] = one_of(wrong_values);
  return written();
}

string_view event_factory::with_bad_timestamp() {
  tokens_[timestamp] = one_of(bad_timestamps);
  return written();
}

string_view event_factory::with_duplicate() { return with_field_at_end(one_of(duplicates)); }

string_view event_factory::with_invalid_utf8() {
  tokens_[locale] = one_of(invalid_locales);
  return written();
}

string_view event_factory::no_object() { return one_of(no_objects); }

string_view event_factory::too_deep() {
  const std::size_t levels = 32 + random_.below(200);  // And the event itself.
  return with_field_at_end("\"deep\": " + std::string(levels, '[') + std::string(levels, ']'));
}

string_view event_factory::invalid_json() {
  switch (random_.below(5)) {
    case 0: {
      const string_view whole = written();
      return whole.substr(0, 1 + random_.below(whole.size() - 1));
    }
    case 1:
      changed_ = std::string{written()} + std::string{one_of(trailing)};
      return changed_;
    case 2:
      changed_ = "\xef\xbb\xbf" + std::string{written()};
      return changed_;
    case 3:
      return one_of(no_json);
    default:
      return with_field_at_end(one_of(invalid_fields));
  }
}

string_view event_factory::too_large() {
  // One character again and again: compressed it passes brokers whose limit is lower.
  return with_field_at_end("\"padding\": \"" +
                           std::string(value_bytes_max_ + random_.below(64), 'x') + "\"");
}

}  // namespace turnstile::generate
