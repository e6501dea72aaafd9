// Curves over the last minutes: stacked areas or lines, with a cursor for pointer and arrow keys.

const curveBox = { width: 540, height: 210, left: 44, right: 6, top: 10, bottom: 24 };
/** What is shown: as much as there is, in one of these widths, each with its marks. */
const minuteMarks = [
  [2, 1, 0],
  [6, 4, 2, 0],
  [15, 10, 5, 0],
];

/** The next of 1, 2, 5, 10, 20 … that is not below. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= value * 0.999);
}

class Curves {
  /** `stacked`: areas one above the other, else lines. */
  constructor(home, stacked) {
    this.home = home;
    this.stacked = stacked;
    const { width, height } = curveBox;
    this.svg = make("svg", {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      tabindex: 0,
    });
    this.grid = make("g");
    this.marks = make("g");
    this.cursor = make("line", {
      class: "cursor",
      y1: curveBox.top,
      y2: height - curveBox.bottom,
      visibility: "hidden",
    });
    this.svg.append(this.grid, this.marks, this.cursor);
    this.legend = make("ul", { class: "legend" });
    this.note = home.parentElement.querySelector(".hint");
    home.replaceChildren(this.svg, this.legend);
    this.at = null;
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.choose(null));
    this.svg.addEventListener("blur", () => this.choose(null));
    this.svg.addEventListener("keydown", (event) => this.step(event));
  }

  /** `series`: {name, color, points: [{at, value}]}, all with the same times. */
  show(series, end, none) {
    this.series = series;
    this.times = series.length ? series[0].points.map((point) => point.at) : [];
    this.end = end;
    const past = this.times.length ? (end - this.times[0]) / 60000 : 0;
    this.minutes = minuteMarks.find(([most]) => past <= most) ?? minuteMarks.at(-1);
    const tops = this.times.map((_, i) =>
      this.stacked
        ? sumOf(series, (s) => s.points[i].value)
        : Math.max(...series.map((s) => s.points[i].value)),
    );
    this.most = niceAbove(Math.max(...tops, this.stacked ? 1 : 0.1));
    this.drawGrid();
    this.drawMarks();
    this.drawLegend(none);
    mark(
      this.svg,
      "aria-label",
      series.length
        ? series.map((s) => `${s.name}: ${short(s.points.at(-1)?.value)} a second`).join(", ") +
            ". Arrow keys move through the last minutes."
        : none,
    );
  }

  x(at) {
    const { width, left, right } = curveBox;
    return left + (1 - (this.end - at) / (this.minutes[0] * 60000)) * (width - left - right);
  }
  y(value) {
    const { height, top, bottom } = curveBox;
    return height - bottom - (value / this.most) * (height - top - bottom);
  }

  drawGrid() {
    const { width, height, left, right } = curveBox;
    const lines = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
      const y = this.y(share * this.most);
      return [
        make("line", { class: "grid", x1: left, x2: width - right, y1: y, y2: y }),
        ...(share % 0.5
          ? []
          : [
              make(
                "text",
                { x: left - 7, y: y + 4, "text-anchor": "end" },
                short(share * this.most),
              ),
            ]),
      ];
    });
    const times = this.minutes.map((minutes) =>
      make(
        "text",
        {
          x: this.x(this.end - minutes * 60000),
          y: height - 6,
          "text-anchor": minutes ? (minutes === this.minutes[0] ? "start" : "middle") : "end",
        },
        minutes ? `−${minutes} min` : "now",
      ),
    );
    this.grid.replaceChildren(...lines, ...times);
  }

  drawMarks() {
    if (this.times.length < 2) return this.marks.replaceChildren();
    const below = this.times.map(() => 0);
    const drawn = this.series.map((one) => {
      const spot = (value, i) =>
        `${Math.max(curveBox.left, this.x(this.times[i])).toFixed(1)} ${this.y(value).toFixed(1)}`;
      if (!this.stacked)
        return make("path", {
          class: "line",
          stroke: one.color,
          d: `M${one.points.map((p, i) => spot(p.value, i)).join("L")}`,
        });
      const lower = below.map(spot).reverse();
      one.points.forEach((point, i) => (below[i] += point.value));
      return make("path", {
        class: "area",
        fill: one.color,
        d: `M${below.map(spot).join("L")}L${lower.join("L")}Z`,
      });
    });
    this.marks.replaceChildren(...drawn);
  }

  drawLegend(none) {
    if (!this.series.length) {
      this.legend.replaceChildren(make("li", { class: "none" }, none));
      return;
    }
    const i = this.at === null ? this.times.length - 1 : Math.min(this.at, this.times.length - 1);
    const items = this.series.map((s) => ({ ...s, value: s.points[i]?.value }));
    this.legend.replaceChildren(
      ...items.map((item) => {
        const dot = make("span", { class: "dot" });
        dot.style.background = item.color;
        return make("li", {}, dot, words(item.name), make("b", {}, short(item.value)));
      }),
    );
    const when = this.at === null ? "" : ` at ${clockTime(this.times[i])}`;
    say(this.note, `records a second${when}`);
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * curveBox.width;
    const near = this.times.reduce(
      (best, at, i) =>
        Math.abs(this.x(at) - x) < Math.abs(this.x(this.times[best]) - x) ? i : best,
      0,
    );
    this.choose(this.times.length ? near : null);
  }
  step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined && event.key !== "Escape") return;
    event.preventDefault();
    if (by === undefined) return this.choose(null);
    const from = this.at ?? this.times.length - 1;
    this.choose(Math.max(0, Math.min(this.times.length - 1, from + by)));
  }
  choose(i) {
    if (!this.series) return;
    this.at = this.times.length ? i : null;
    const isSet = this.at !== null;
    mark(this.cursor, "visibility", isSet ? "visible" : "hidden");
    if (isSet) {
      const x = this.x(this.times[i]);
      mark(this.cursor, "x1", x);
      mark(this.cursor, "x2", x);
    }
    this.drawLegend("");
  }
}

/** A variable of the style sheet: the curve follows the colour scheme. */
const colour = (name) => `var(--${name})`;

function outcomeSeries(past) {
  return ["processed", "filtered", "failed"].map((name) => ({
    name,
    color: colour(name),
    points: past.rates((s) => s[name]),
  }));
}

/** Those that occurred in these minutes, most first; beyond five the rest together. */
function reasonSeries(past) {
  const last = past.samples.at(-1);
  const first = past.samples[0];
  if (!last) return [];
  const grown = Object.entries(last.reasons)
    .map(([name, count]) => [name, count - number(first.reasons[name])])
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([name]) => name);
  const named = grown.length > 6 ? grown.slice(0, 5) : grown;
  const rest = grown.slice(named.length);
  const series = named.map((name, i) => ({
    name,
    color: colour(`c${i}`),
    points: past.rates((s) => s.reasons[name]),
  }));
  if (rest.length)
    series.push({
      name: "others",
      color: colour("c5"),
      points: past.rates((s) => sumOf(rest, (name) => s.reasons[name])),
    });
  return series;
}
