// The key figures at the top, each with a small curve of the last minutes.

/** A curve through `points` (values or null) in a box of 100 by 20. */
function sparkPaths(points) {
  const known = points
    .map((value, i) => [i, value])
    .filter(([, value]) => value !== null && value !== undefined);
  if (known.length < 2) return { line: "", under: "" };
  const most = Math.max(...known.map(([, value]) => value), 1e-9);
  const x = (i) => ((i / (points.length - 1)) * 100).toFixed(2);
  const y = (value) => (20 - (value / most) * 18).toFixed(2);
  const line = `M${known.map(([i, value]) => `${x(i)} ${y(value)}`).join("L")}`;
  return { line, under: `${line}L${x(known.at(-1)[0])} 20L${x(known[0][0])} 20Z` };
}

function makeTile(tile) {
  const curve = make(
    "svg",
    { viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
    make("path", { class: "spark-under" }),
    make("path", { class: "spark" }),
  );
  return make(
    "li",
    { class: "tile" },
    make("h3", {}, tile.name),
    make("p", { class: "tile-value" }),
    make("p", { class: "tile-more" }),
    curve,
  );
}

function updateTile(element, tile) {
  const [, value, more, curve] = element.children;
  if (value.dataset.shown !== `${tile.value}|${tile.unit}`) {
    value.replaceChildren(tile.value, ...(tile.unit ? [make("small", {}, tile.unit)] : []));
    value.dataset.shown = `${tile.value}|${tile.unit}`;
  }
  say(more, tile.more);
  mark(element, "data-tone", tile.tone);
  const { line, under } = sparkPaths(tile.points || []);
  mark(curve.children[0], "d", under);
  mark(curve.children[1], "d", line);
}

/** Of times and memory, which the worker does not remember: since the page was opened. */
const seenHere = { inFlight: [], p99: [], cpu: [] };
function remember(list, value) {
  list.push(value ?? null);
  if (list.length > 90) list.shift();
  return list;
}

function tilesOf(reading, past) {
  const rates = past.rates((s) => s.processed + s.filtered + s.failed).map((point) => point.value);
  const [lag, lagUnit] = short(reading.lag).split(" ");
  const [inFlight, inFlightUnit] = short(reading.inFlight).split(" ");
  const [rate, rateUnit = ""] = short(reading.finished).split(" ");
  const [late, lateUnit] = reading.times ? span(reading.times.p99).split(" ") : [unknown, ""];
  return [
    {
      name: "Throughput",
      value: rate,
      unit: `${rateUnit}/s`,
      more: `${short(reading.received)} since the start`,
      points: rates,
    },
    {
      name: "Lag",
      value: lag,
      unit: lagUnit ?? "",
      more: reading.lag ? `oldest ${span(reading.oldest)}` : "records",
      tone: reading.lag > 1000 && reading.oldest > 60 ? "warn" : undefined,
      points: past.samples.map((s) => s.lag),
    },
    {
      name: "In flight",
      value: inFlight,
      unit: inFlightUnit ?? "",
      more: `in ${plural(reading.stages.partition_consumer.count, "partition")}`,
      points: remember(seenHere.inFlight, reading.inFlight),
    },
    {
      name: "End to end, p99",
      value: late,
      unit: lateUnit,
      more: reading.times ? `half within ${span(reading.times.p50)}` : "nothing passed of late",
      points: remember(seenHere.p99, reading.times?.p99),
    },
    {
      name: "Errors",
      value: percent(reading.errorShare).replace(" %", ""),
      unit: "%",
      more: `${short(reading.failed)}/s`,
      tone: reading.errorShare > 0.05 ? "warn" : undefined,
      points: past.rates((s) => s.failed).map((point) => point.value),
    },
    {
      name: "CPU",
      value: percent(reading.cpu).replace(" %", ""),
      unit: "% of a core",
      more: `${bytes(reading.resident)} resident`,
      points: remember(seenHere.cpu, reading.cpu),
    },
  ];
}

const showTiles = (reading, past) =>
  fill(byId("tiles"), tilesOf(reading, past), makeTile, updateTile);
