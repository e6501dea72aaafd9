"""The metrics that the worker has: what the rules and the dashboard may name."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "docs/metrics.md"
METRIC = re.compile(r"\b(?:turnstile|process)_[a-z_]+\b")
HISTOGRAM_SUFFIX = re.compile(r"_(?:bucket|sum|count)$")

# Until docs/metrics.md, which is made from the program's own table, is there.
PLANNED = {
    *("turnstile_records_total", "turnstile_errors_total", "turnstile_record_bytes_total"),
    *("turnstile_end_to_end_seconds", "turnstile_acknowledgement_seconds"),
    *("turnstile_commit_seconds", "turnstile_transaction_seconds"),
    *("turnstile_lag_records", "turnstile_lag_seconds", "turnstile_position_offset"),
    *("turnstile_committed_offset", "turnstile_in_flight_records"),
    *("turnstile_partitions_assigned", "turnstile_rebalances_total"),
    *("turnstile_possible_repeats_total", "turnstile_deliveries_failed_total"),
    *("turnstile_producer_queued_records", "turnstile_transactions_total"),
    *("turnstile_actor_busy_seconds_total", "turnstile_last_commit_timestamp_seconds"),
    *("turnstile_producer_state", "turnstile_state", "turnstile_build_info"),
    "turnstile_summaries_total",
    *("process_cpu_seconds_total", "process_resident_memory_bytes"),
    "process_start_time_seconds",
}


def metrics_of(expression: str) -> set[str]:
    """The worker's metrics that a PromQL expression reads; a histogram by its own name."""
    return {HISTOGRAM_SUFFIX.sub("", name) for name in METRIC.findall(expression)}


def known_metrics() -> set[str]:
    return set(METRIC.findall(CATALOGUE.read_text())) if CATALOGUE.exists() else PLANNED
