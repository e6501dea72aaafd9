// The partitions, the last summary, the health checks, the configuration.

const cell = (name, ...children) => make("td", { class: name }, ...children);

function makePartition() {
  const bar = make("div", { class: "lag-bar" }, make("i"));
  return make(
    "tr",
    {},
    cell("number"),
    cell("wide", make("div", { class: "lag" }, make("b"), bar)),
    cell("oldest"),
    cell("rate"),
    cell("flight"),
    cell("committed"),
    cell("state"),
  );
}

function partitionState(each) {
  if (each.turnstile_standstill_seconds > standsAfter)
    return { tone: "bad", text: `stands still for ${span(each.turnstile_standstill_seconds)}` };
  if (each.lag_records === null) return { tone: "warn", text: "leader does not answer" };
  if (each.held_back > 0)
    return { tone: "warn", text: `${whole(each.held_back)} behind an open transaction` };
  return { text: each.lag_records > 0 ? "moves" : "up to date" };
}

function showPartitions(reading) {
  const { now, before, seconds } = reading;
  const past = new Map(
    (before ? before.partitions : []).map((each) => [each.partition, each.records]),
  );
  const byNumber = (a, b) =>
    (a.partition === "other") - (b.partition === "other") || a.partition - b.partition;
  const list = [...now.partitions].sort(byNumber);
  // A full bar is the most that waits, or five seconds' work.
  const pace = 5 * Math.max(20, number(reading.stages.partition_consumer.rate) / Math.max(1, list.length));
  const most = Math.max(pace, ...list.map((each) => number(each.lag_records)));
  fill(byId("partitions"), list, makePartition, (row, each) => {
    const [name, lag, oldest, rate, flight, committed, state] = row.children;
    const is = partitionState(each);
    say(name, each.partition);
    say(lag.querySelector("b"), whole(each.lag_records));
    lag.querySelector("i").style.width = `${(number(each.lag_records) / most) * 100}%`;
    say(oldest, each.lag_records ? span(each.lag_s) : unknown);
    const known = past.has(each.partition) && seconds;
    say(
      rate,
      known ? short(Math.max(0, (each.records - past.get(each.partition)) / seconds)) : unknown,
    );
    say(flight, whole(each.in_flight));
    say(committed, whole(each.committed));
    say(state, is.text);
    mark(row, "data-tone", is.tone);
  });
  say(byId("partitions-note"), list.length ? `of ${now.topic}` : "none is assigned to this worker");
}

function showSummary(status) {
  const summary = status.last_summary;
  say(
    byId("summary-note"),
    summary ? `number ${whole(summary.sequence)}, ${summary.timestamp} UTC` : "",
  );
  const shown = JSON.stringify(summary);
  const home = byId("summary");
  if (home.dataset.shown === shown) return;
  home.dataset.shown = shown;
  if (!summary) {
    home.replaceChildren(
      make("p", { class: "none" }, "None yet: this worker has written no summary."),
    );
    return;
  }
  const totals = [
    ["processed", summary.processed_count],
    ["filtered", summary.filtered_record_count],
    ["failed", summary.error_count],
    ["received", summary.received_count],
  ];
  home.replaceChildren(
    make(
      "dl",
      { class: "totals" },
      ...totals.map(([name, count]) =>
        make("div", {}, make("dt", {}, name), make("dd", {}, whole(count))),
      ),
    ),
    make(
      "div",
      { class: "counts" },
      ...Object.entries(summary.counts).flatMap(([name, counts]) => countRows(name, counts)),
    ),
  );
}

function countRows(name, counts) {
  const most = Math.max(1, ...counts.values.map(([, count]) => count));
  const others = [plural(counts.other_values, "other value"), counts.others, "others"];
  const rows = counts.other_values ? [...counts.values, others] : counts.values;
  return [
    make("h3", {}, name.replace(/_counts$/, "")),
    ...rows.map(([value, count, kind]) => {
      const bar = make("i", { class: kind });
      bar.style.width = `${Math.min(1, count / most) * 100}%`;
      return make(
        "div",
        { class: "count" },
        make("span", { title: value }, value),
        bar,
        make("b", {}, whole(count)),
      );
    }),
  ];
}

function showChecks(status) {
  const hung = status.liveness.filter((check) => !check.holds);
  const moving = status.liveness.filter((check) => check.holds).map((check) => words(check.name));
  const actors = { name: "actors", holds: true, why: `move: ${moving.join(", ")}` };
  const checks = [...status.readiness, ...hung, ...(moving.length ? [actors] : [])];
  fill(
    byId("checks"),
    checks,
    () =>
      make(
        "li",
        {},
        make("span", { class: "sign" }),
        make("span", { class: "what" }),
        make("span", { class: "why" }),
      ),
    (item, check) => {
      mark(item, "data-tone", check.holds ? "good" : "bad");
      say(item.children[0], check.holds ? "✓" : "✕");
      mark(item.children[0], "aria-label", check.holds ? "holds" : "does not hold");
      say(item.children[1], words(check.name));
      say(item.children[2], check.why);
    },
  );
  say(
    byId("checks-note"),
    `${status.live ? "live" : "not live"}, ${status.ready ? "ready" : "not ready"}`,
  );
}

function showConfig(about) {
  const sought = byId("config-find").value.trim().toLowerCase();
  const isAll = byId("config-all").checked;
  const config = about?.config || [];
  const shown = config.filter(
    (each) =>
      (isAll || each.changed || sought) &&
      `${each.name} ${each.value}`.toLowerCase().includes(sought),
  );
  const key = JSON.stringify(shown);
  const home = byId("config");
  if (home.dataset.shown === key) return;
  home.dataset.shown = key;
  home.replaceChildren(
    ...shown.flatMap((each) => [
      make("dt", { class: each.changed ? "mono changed" : "mono" }, each.name),
      make("dd", { class: "mono" }, each.value),
    ]),
    ...(shown.length ? [] : [make("dt", {}, "none")]),
  );
  const file = about?.config_file ? `${about.config_file}, ` : "";
  say(
    byId("config-note"),
    `${file}${plural(config.filter((each) => each.changed).length, "setting")} not at their defaults`,
  );
}
