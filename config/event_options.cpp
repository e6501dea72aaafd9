// The rows about events. What becomes of each field is in the tables of config/rules/.
#include "config/option_rows.hpp"
#include "config/rules/rule_checks.hpp"
#include "event/json_event.hpp"

namespace turnstile::core {

namespace {

void add_input(std::vector<option>& rows) {
  rows.push_back(integer("input.value_bytes_max", 1'048'576, {1, event::json_bytes_max, "bytes"},
                         "A longer value becomes an error record (`too_large`) unread.",
                         TURNSTILE_AT(input.value_bytes_max)));
  rows.push_back(choice("input.unreadable", 0, {"wait", "skip"},
                        "`wait` reads a batch that is damaged, or unpacks to too much, again each "
                        "5 s, and nothing behind it. `skip` reads on behind it after three tries: "
                        "each of its offsets becomes an error record (`unreadable`).",
                        TURNSTILE_AT(input.unreadable)));
}

void add_event(std::vector<option>& rows) {
  rows.push_back(choice("event.preset", 0, {"login", "none"},
                        "The rules that the tables below change: `login` is the event of "
                        "docs/data-contract.md, `none` begins without any.",
                        TURNSTILE_AT(event.preset)));
  rows.back().hint = preset_hint;
  rows.push_back(text("event.id", "user_id", single_path_fault,
                      "Path of the value that error and filtered records show as `user_id`; with "
                      "the preset `none` there is none by default. Empty is none.",
                      TURNSTILE_AT(event.id)));
  rows.push_back(choice("event.unknown", 0, {"keep", "drop", "error"},
                        "`keep` passes on fields that no rule names, byte for byte: personal data "
                        "in them too. `drop` leaves them out, and with `error` the event is an "
                        "error (`unknown_field`).",
                        TURNSTILE_AT(event.unknown)));
  rows.push_back(choice("event.tombstones", 0, {"error", "pass"},
                        "`pass` writes a record without a value to `topics.processed`, with its "
                        "key; otherwise it is an error (`tombstone`).",
                        TURNSTILE_AT(event.tombstones)));
  rows.push_back(choice("event.framing", 0, {"none", "confluent"},
                        "`confluent`: before the JSON stand a zero byte and four bytes of a "
                        "schema's id, which outputs keep. A value without them is `bad_frame`.",
                        TURNSTILE_AT(event.framing)));
}

void add_privacy(std::vector<option>& rows) {
  rows.push_back(text("privacy.hmac_key_file", "", nullptr,
                      "File that holds the secret key of the pseudonyms (HMAC-SHA-256). Without "
                      "one they are plain SHA-256, which can be guessed back to the address; a "
                      "new key makes all pseudonyms new. Of a text, hex and base64 too, the key is "
                      "its characters without blanks and line endings around them. Keys that "
                      "change are in `privacy.key_dir`.",
                      TURNSTILE_AT(privacy.hmac_key_file)));
  rows.push_back(text("privacy.key_dir", "", nullptr,
                      "Folder with the keys of the pseudonyms, `<id>.key` each, and a file "
                      "`active` with the id of the one to use, in place of "
                      "`privacy.hmac_key_file`. Outputs name their key in the header "
                      "`turnstile-key`; a running worker takes up another `active` by itself.",
                      TURNSTILE_AT(privacy.key_dir)));
  rows.push_back(integer("privacy.key_check_s", 10, {0, 86'400, "seconds"},
                         "How often a running worker looks at `privacy.key_dir`; 0: never. What "
                         "cannot be read leaves the key in force, and is told in the log.",
                         TURNSTILE_AT(privacy.key_check_s)));
  rows.push_back(text("privacy.ipcrypt_key_file", "", nullptr,
                      "File that holds the 16 bytes of IPCrypt's key, as they are or as 32 hex "
                      "digits. Without one it is derived from the pseudonyms' key.",
                      TURNSTILE_AT(privacy.ipcrypt_key_file)));
  rows.push_back(text("privacy.ipcrypt_pfx_key_file", "", nullptr,
                      "The same for the 32 bytes of the prefix-preserving IPCrypt's key, or 64 "
                      "hex digits.",
                      TURNSTILE_AT(privacy.ipcrypt_pfx_key_file)));
  rows.push_back(choice("privacy.record_keys", 0, {"keep", "hash", "drop"},
                        "What becomes of the source record's key, short for a rule in `[key]`. "
                        "Choose `hash` or `drop` where keys hold personal data; without a key "
                        "order by key ends.",
                        TURNSTILE_AT(privacy.record_keys)));
  rows.push_back(choice("privacy.headers", 0, {"keep", "hash", "drop"},
                        "What becomes of the source record's headers that have no rule in "
                        "`[headers]` (`hash`: of their values). "
                        "The worker's own `turnstile-…` headers are always written.",
                        TURNSTILE_AT(privacy.headers)));
}

void add_errors(std::vector<option>& rows) {
  rows.push_back(choice("errors.content", 1, {"none", "pseudonymised", "sealed", "raw"},
                        "How much of the event its error record repeats. `sealed`: all of it, in a "
                        "box for the key of `errors.seal_key_file`, which `turnstile unseal` opens "
                        "with the secret one. `raw` writes personal data to `topics.errors`: "
                        "restrict who may read it.",
                        TURNSTILE_AT(errors.content)));
  rows.push_back(choice("errors.unknown", 1, {"keep", "drop"},
                        "`drop` leaves fields that no rule names out of error records. `keep` "
                        "repeats them as they are, as far as `event.unknown` keeps them: an event "
                        "of another shape then shows its addresses and names.",
                        TURNSTILE_AT(errors.unknown)));
}

void add_error_forms(std::vector<option>& rows) {
  rows.push_back(text("errors.seal_key_file", "", nullptr,
                      "File that holds the public key of `turnstile keygen seal`, for `sealed` "
                      "contents. The secret one stays with who may read them.",
                      TURNSTILE_AT(errors.seal_key_file)));
  rows.push_back(choice("errors.header_style", 0, {"turnstile", "streams", "connect"},
                        "Whose headers an error record carries beside the worker's own: "
                        "`__streams.errors.*` as dead letters of Kafka Streams have them "
                        "(KIP-1034), or `__connect.errors.*` as those of Kafka Connect (KIP-298), "
                        "without a stack trace.",
                        TURNSTILE_AT(errors.header_style)));
}

void add_summary(std::vector<option>& rows) {
  rows.push_back(integer("summary.every", 1000, {1, 1'000'000'000, "processed events"},
                         "A summary is published each time so many more events are processed.",
                         TURNSTILE_AT(summary.every)));
  rows.push_back(integer("summary.distinct_values_max", 1000, {1, 100'000, "values"},
                         "How many different values of each field are counted singly; the rest "
                         "counts as `(other)`, so that a stream cannot grow the memory.",
                         TURNSTILE_AT(summary.distinct_values_max)));
  rows.push_back(list("summary.count_by", {"device_type", "locale"}, single_path_fault,
                      "Paths whose values are counted, each as `<path>_counts`; with the preset "
                      "`none` there are none by default.",
                      TURNSTILE_AT(event.count_by)));
}

}  // namespace

void add_event_options(std::vector<option>& rows) {
  add_input(rows);
  add_event(rows);
  add_privacy(rows);
  add_errors(rows);
  add_error_forms(rows);
  add_summary(rows);
}

}  // namespace turnstile::core
