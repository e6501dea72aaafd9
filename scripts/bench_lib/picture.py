"""The figures as bars: one SVG with three panels, readable on light and dark pages."""

PANELS = (
    ("records per second", ("records_s",), "{:,.0f}"),
    ("CPU seconds per million records", ("cpu_s_per_million",), "{:.2f}"),
    ("latency in ms: p50, p99, p99.9", ("p50_ms", "p99_ms", "p999_ms"), "{:.0f}"),
)
COLOURS = ("#8a94a6", "#2f6fde", "#d9822b", "#3d9a50", "#a04fb5", "#c23b4b")
WIDTH, LABEL_WIDTH, VALUE_WIDTH = 760, 130, 80
BAR, GAP, HEAD, PADDING = 16, 6, 34, 14


def draw(summary, names, panels=PANELS, label="Turnstile beside a plain copy"):
    parts, top = [], PADDING
    for title, keys, form in panels:
        bars = [
            (name, key, summary[name]["median"][key])
            for key in keys
            for name in names
            if key in summary[name]["median"]
        ]
        if bars:
            drawn, top = _panel(title, bars, form, names, top)
            parts += drawn
    style = (
        "text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600}"
        ".b{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#16181d}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" '
        f'role="img" aria-label="{label}"><style>{style}</style>'
        f'<rect class="b" width="{WIDTH}" height="{top}" rx="6"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _panel(title, bars, form, names, top):
    parts = [f'<text class="t" x="{PADDING}" y="{top + 16}">{title}</text>']
    y = top + HEAD - 8
    scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH - 2 * PADDING) / max(v for *_, v in bars)
    key_before = bars[0][1]
    for name, key, value in bars:
        if key != key_before:
            y, key_before = y + GAP, key
        length = max(1.0, value * scale)
        x = PADDING + LABEL_WIDTH
        colour = COLOURS[names.index(name) % len(COLOURS)]
        parts.append(
            f'<text x="{PADDING}" y="{y + 13}">{name}</text>'
            f'<rect x="{x}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" '
            f'fill="{colour}"/>'
            f'<text x="{x + length + 6:.1f}" y="{y + 13}">{form.format(value)}</text>'
        )
        y += BAR + GAP
    return parts, y + PADDING
