"""The metrics that the worker has, with their labels: what rules and the dashboard may name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

# Made by the program from its own table.
CATALOGUE = Path(__file__).resolve().parents[2] / "docs/metrics.md"
ROW = re.compile(r"^\| `(\w+)` \| \w+ \| [^|]*\| ([^|]*)\|", re.MULTILINE)
METRIC = re.compile(r"\b(?:turnstile|process)_[a-z_]+\b")
HISTOGRAM_SUFFIX = re.compile(r"_(?:bucket|sum|count)$")
# What Prometheus and Kubernetes add to each series, and a histogram has.
ADDED_LABELS = {"namespace", "job", "instance", "pod", "container", "le"}


@cache
def known_metrics() -> dict[str, set[str]]:
    return {
        name: set(re.findall(r"`(\w+)`", labels))
        for name, labels in ROW.findall(CATALOGUE.read_text())
    }


def metrics_of(expression: str) -> set[str]:
    """The worker's metrics that a PromQL expression reads; a histogram by its own name."""
    return {HISTOGRAM_SUFFIX.sub("", name) for name in METRIC.findall(expression)}


def faults_of(expression: str) -> set[str]:
    """What the expression names, and no metric in it is called or labelled so."""
    known = known_metrics()
    named = metrics_of(expression)
    grouped = ",".join(re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)).replace(" ", "")
    selected = re.findall(r"[{,]\s*(\w+)(?:=|!=)", expression)
    labels = {label for label in (*grouped.split(","), *selected) if label} - ADDED_LABELS
    there = {label for name in named & known.keys() for label in known[name]}
    return (named - known.keys()) | (labels - there)
