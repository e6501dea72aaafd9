"""Medians, ratios to the copy, the bars beside them; as a table, as Markdown, as JSON."""

from statistics import median

# (key of the result, title, how it is written, the bar: kind, limit, its words)
# ratio: value / copy's; above: value - copy's; value: the value itself.
FIGURES = (
    ("records_s", "records/s", "{:,.0f}", ("ratio", ">=", 0.9, ">= 0.9 x")),
    ("cpu_s_per_million", "CPU s/million", "{:.2f}", ("ratio", "<=", 1.5, "<= 1.5 x")),
    ("broker_cpu_s_per_million", "broker CPU s/million", "{:.2f}", None),
    ("rss_mib", "RSS max MiB", "{:.0f}", ("value", "<=", 256, "<= 256")),
    ("first_output_s", "first output s", "{:.2f}", ("value", "<=", 1.0, "<= 1")),
    ("full_rate_s", "full rate after s", "{:.2f}", ("value", "<=", 2.0, "<= 2")),
    ("p50_ms", "latency p50 ms", "{:.0f}", ("above", "<=", 3, "<= copy + 3")),
    ("p99_ms", "latency p99 ms", "{:.0f}", ("above", "<=", 5, "<= copy + 5")),
    ("p999_ms", "latency p99.9 ms", "{:.0f}", ("above", "<=", 20, "<= copy + 20")),
    ("readable_p50_ms", "readable p50 ms", "{:.0f}", None),
    ("readable_p99_ms", "readable p99 ms", "{:.0f}", None),
    ("high_p50_ms", "high rate p50 ms", "{:.0f}", ("above", "<=", 3, "<= copy + 3")),
    ("high_p99_ms", "high rate p99 ms", "{:.0f}", ("above", "<=", 5, "<= copy + 5")),
    ("high_p999_ms", "high rate p99.9 ms", "{:.0f}", ("above", "<=", 20, "<= copy + 20")),
    ("trickle_percent", "% of a core at 1/s", "{:.2f}", ("value", "<=", 1.0, "<= 1")),
    ("broker_trickle_percent", "broker % at 1/s", "{:.1f}", None),
    ("others_cores", "other cores busy", "{:.2f}", None),
)
COPY = "copy"


def summarise(runs, names):
    """Per candidate: the median of each figure, and of its ratio to the copy in the same round."""
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for name in names:
        summary[name] = {"median": {}, "ratio": {}}
        for key, *_ in FIGURES:
            values = _values(runs, name, key)
            if values:
                summary[name]["median"][key] = median(values.values())
            copied = _values(runs, COPY, key)
            paired = [values[r] / copied[r] for r in values if copied.get(r)]
            if paired:
                summary[name]["ratio"][key] = median(paired)
    return summary


def _values(runs, name, key):
    return {
        run["round"]: run[key]
        for run in runs
        if run["candidate"] == name and run.get(key) is not None
    }


def judge(summary, name):
    """The bars for one candidate: [{figure, bar, reached, met}]."""
    verdicts = []
    for key, title, _, bar in FIGURES:
        if bar is None or key not in summary[name]["median"]:
            continue
        kind, direction, limit, words = bar
        value = summary[name]["median"][key]
        if kind == "ratio":
            value = summary[name]["ratio"].get(key)
        elif kind == "above":
            value -= summary[COPY]["median"][key]
        if value is None:
            continue
        met = value >= limit if direction == ">=" else value <= limit
        verdicts.append({"figure": title, "bar": words, "reached": round(value, 3), "met": met})
    return verdicts


def rows(summary, names, judged):
    """Table cells, the head first: each figure of each candidate, ratios, the bar, the verdict."""
    others = [name for name in names if name != COPY]
    head = ["", *names, *(f"{name} / copy" for name in others), "bar", ""]
    verdicts = {v["figure"]: v for v in judge(summary, judged)} if judged in summary else {}
    table = [head]
    for key, title, form, _ in FIGURES:
        cells = [summary[name]["median"].get(key) for name in names]
        if all(cell is None for cell in cells):
            continue
        ratios = [summary[name]["ratio"].get(key) for name in others]
        verdict = verdicts.get(title)
        table.append(
            [
                title,
                *("-" if c is None else form.format(c) for c in cells),
                *("-" if r is None else f"{r:.2f}" for r in ratios),
                verdict["bar"] if verdict else "",
                ("met" if verdict["met"] else "NOT MET") if verdict else "",
            ]
        )
    return table


def text(table):
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = []
    for row in table:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown(table):
    head, *body = table
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in body])


def setting(result):
    """What was measured on what, in one line."""
    m, s = result["machine"], result["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    high = f", high rate {s['high_rate']:,}/s" if s["high_rate"] else ""
    return (
        f"{s['events']:,} events ({s['mix']}), {s['partitions']} partitions, {s['rounds']} "
        f"rounds; latency at {s['rate']:,}/s{high}. {m['cores']} cores ({m['cpu']}, "
        f"{m['memory_gib']} GiB, {m['system']}), shared with the broker; {versions}."
    )
