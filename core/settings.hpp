// Everything a user can configure, as plain values.
//
// Made once by core/config (defaults < file < environment < command line), checked there, and
// constant from then on; every thread may read it. The defaults, bounds and help of each field
// stand in the table of config/options_table.cpp and nowhere else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/event_rules.hpp"

namespace turnstile::core {

/// librdkafka properties, passed through verbatim.
using kafka_properties = std::map<std::string, std::string>;

enum class partitioner : std::uint8_t { source, key };
enum class unknown_fields : std::uint8_t { keep, drop };
enum class unreadable_input : std::uint8_t { wait, skip };
enum class carry : std::uint8_t { keep, hash, drop };
enum class error_content : std::uint8_t { none, pseudonymised, sealed, raw };
enum class header_style : std::uint8_t { turnstile, streams, connect };
enum class guarantee : std::uint8_t { at_least_once, exactly_once };
enum class log_format : std::uint8_t { logfmt, json };
enum class severity : std::uint8_t { debug, info, warning, error };

struct settings {
  struct {
    std::vector<std::string> brokers;
    std::string group;
    kafka_properties common;    ///< `[kafka]`, all keys that are not ours.
    kafka_properties consumer;  ///< `[kafka.consumer]`
    kafka_properties producer;  ///< `[kafka.producer]`
  } kafka;

  struct {
    std::string input, processed, errors, cleaned, summary;
    bool create = false;
    int create_partitions = 0;   ///< 0: outputs as many as the input has; the input itself 1.
    int create_replication = 0;  ///< 0: the broker's default.
    core::partitioner partitioner{};
  } topics;

  struct {
    std::int64_t value_bytes_max = 0;
    unreadable_input unreadable{};
  } input;

  event_rules event;  ///< What becomes of each field.

  struct {
    std::string hmac_key_file;         ///< Empty: plain SHA-256, unless there is a folder.
    std::string key_dir;               ///< The key ring; empty: the ring is the file's one key.
    int key_check_s = 0;               ///< Between two looks at the folder; 0: none.
    std::string ipcrypt_key_file;      ///< Empty: derived from the pseudonyms' key.
    std::string ipcrypt_pfx_key_file;  ///< The same.
    carry record_keys{};
    carry headers{};
  } privacy;

  struct {
    error_content content{};
    unknown_fields unknown{};   ///< In the pseudonymised content.
    std::string seal_key_file;  ///< A public key, for sealed contents.
    core::header_style header_style{};
  } errors;

  struct {
    std::int64_t every = 0;
    std::int64_t distinct_values_max = 0;
  } summary;

  struct {
    core::guarantee guarantee{};
    bool allow_unenforced = false;  ///< Exactly-once on a broker that only plays transactions.
  } delivery;

  struct {
    int interval_ms = 0;
    int records_max = 0;
    std::int64_t bytes_max = 0;
    int timeout_ms = 0;
  } transaction;

  struct {
    int linger_ms = 0;
    std::string compression;
    int message_timeout_ms = 0;
    int retry_backoff_ms = 0;      ///< First pause before unfinished batches are sent again.
    int retry_backoff_max_ms = 0;  ///< The pause doubles up to this.
  } producer;

  struct {
    int transformers = 0;  ///< 0: one for each core.
    int producers = 0;     ///< Actors, each with a client.
    int threads = 0;       ///< Scheduler threads; 0: one for two cores, at least 1.
    std::string id;  ///< Prefix of the worker id; empty: the host's name. Of transactional ids.
  } workers;

  struct {
    int records_max = 0;
  } batch;

  struct {
    int budget_mib = 0;
  } memory;

  struct {
    int interval_ms = 0;
  } commit;

  struct {
    int timeout_ms = 0;
  } drain;

  struct {
    int timeout_ms = 0;
  } shutdown;

  struct {
    int interval_ms = 0;
    int partitions_max = 0;  ///< With a series of their own on /metrics.
  } metrics;

  struct {
    std::string listen;         ///< HOST:PORT; empty: no endpoint.
    std::string token_file;     ///< Empty: nobody is asked for a token.
    std::string tls_cert_file;  ///< With its key's file; both empty: no TLS.
    std::string tls_key_file;
  } http;

  struct {
    int watch_s = 0;  ///< Between two looks at the files that were read; 0: none.
  } reload;

  struct {
    severity level{};
    log_format format{};
    std::string file;  ///< Empty: standard error only.
    int file_mib = 0;
    int files_max = 0;
  } log;
};

[[nodiscard]] inline bool exactly_once(const settings& s) {
  return s.delivery.guarantee == guarantee::exactly_once;
}

}  // namespace turnstile::core
