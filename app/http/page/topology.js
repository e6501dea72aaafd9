// The actors as a picture: each with its rate, its queue and its busy share, between the topics.

const layouts = {
  wide: {
    box: [1140, 340],
    nodes: {
      input: [0, 40, 166, 76],
      partition_consumer: [208, 20, 206, 116],
      transformer: [466, 20, 190, 116],
      producer: [708, 20, 190, 116],
      group_consumer: [0, 196, 166, 92],
      summary: [208, 196, 206, 92],
      error_router: [466, 196, 190, 92],
      processed: [956, 10, 184, 60],
      cleaned: [956, 82, 184, 60],
      errors: [956, 154, 184, 60],
      summaries: [956, 226, 184, 60],
    },
    edges: [
      ["input", "M166 78H208"],
      ["partition_consumer", "M414 78H466"],
      ["transformer", "M656 78H708"],
      ["processed", "M898 62C930 62 924 40 956 40"],
      ["cleaned", "M898 76C930 76 924 112 956 112"],
      ["errors", "M898 90C934 90 920 184 956 184"],
      ["summaries", "M898 104C940 104 914 256 956 256"],
      ["failed", "M561 136V196"],
      ["repaired", "M656 242C730 242 772 214 772 136"],
      ["finished", "M311 136V196"],
      ["published", "M311 288C311 336 420 328 600 328C760 328 834 300 834 136"],
      ["advanced", "M208 110C174 110 200 242 166 242"],
      ["committed", "M83 196V116"],
    ],
  },
  tall: {
    box: [360, 660],
    nodes: {
      input: [0, 0, 360, 54],
      partition_consumer: [0, 92, 214, 110],
      transformer: [0, 240, 214, 110],
      producer: [0, 388, 214, 110],
      group_consumer: [244, 92, 116, 110],
      error_router: [244, 240, 116, 110],
      summary: [244, 388, 116, 110],
      processed: [0, 536, 174, 56],
      cleaned: [186, 536, 174, 56],
      errors: [0, 602, 174, 56],
      summaries: [186, 602, 174, 56],
    },
    edges: [
      ["input", "M107 54V92"],
      ["partition_consumer", "M107 202V240"],
      ["transformer", "M107 350V388"],
      ["processed", "M107 498V536"],
      ["failed", "M214 295H244"],
      ["repaired", "M302 350C302 376 180 362 180 388"],
      ["published", "M244 443H214"],
      ["advanced", "M214 147H244"],
      ["committed", "M302 92V54"],
    ],
  },
};

const actorTitles = {
  group_consumer: "Group consumer",
  partition_consumer: "Partition consumers",
  transformer: "Transformers",
  error_router: "Error router",
  producer: "Producers",
  summary: "Summary",
};
const flowClasses = {
  processed: "to-processed",
  cleaned: "to-cleaned",
  errors: "to-errors",
  summaries: "to-summary",
  failed: "to-errors",
  repaired: "to-errors",
  published: "to-summary",
  finished: "to-summary",
};

/** Where the brokers hold records up, the actor that waits for them. */
const actorBefore = { input: "partition_consumer", brokers: "producer" };

const box = (kind, x, y, width, height, rx) =>
  make("rect", { x, y, width, height, rx, class: kind });

class Topology {
  constructor(home) {
    this.home = home;
    this.narrow = matchMedia("(max-width: 760px)");
    this.narrow.addEventListener("change", () => this.draw());
    this.draw();
  }

  draw() {
    this.layout = layouts[this.narrow.matches ? "tall" : "wide"];
    const [width, height] = this.layout.box;
    this.svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", width, height });
    this.flows = {};
    for (const [name, path] of this.layout.edges) {
      this.flows[name] = make("path", { d: path, class: `flow f0 ${flowClasses[name] || ""}` });
      this.svg.append(make("path", { d: path, class: "edge" }), this.flows[name]);
    }
    this.nodes = {};
    for (const [name, place] of Object.entries(this.layout.nodes))
      this.nodes[name] = actorTitles[name] ? this.actor(name, place) : this.topic(name, place);
    this.home.replaceChildren(this.svg);
    if (this.last) this.show(...this.last);
  }

  topic(name, [x, y, width, height]) {
    const middle = y + height / 2;
    const texts = {
      name: make("text", { x: x + 14, y: middle - 4, class: "name" }),
      line: make("text", { x: x + 14, y: middle + 14, class: "soft" }),
      title: make("title"),
    };
    const colour = flowClasses[name];
    this.svg.append(
      make(
        "g",
        {},
        texts.title,
        box("topic", x, y, width, height, 12),
        ...(colour ? [make("circle", { cx: x + width - 16, cy: middle, r: 4, class: colour })] : []),
        texts.name,
        texts.line,
      ),
    );
    return { ...texts, width };
  }

  actor(name, [x, y, width, height]) {
    const at = (dy, kind) => make("text", { x: x + 14, y: y + dy, class: kind });
    const gaugeWidth = width - 28;
    const gauge = (kind, filled) => box(kind, x + 14, y + height - 15, filled, 5, 2.5);
    const made = {
      title: make("title"),
      box: box("node", x, y, width, height, 12),
      bed: gauge("gauge-bed", gaugeWidth),
      gauge: gauge("gauge", 0),
      name: at(24, "name"),
      count: make("text", { x: x + width - 14, y: y + 24, "text-anchor": "end", class: "soft" }),
      rate: at(50, "big"),
      line: at(71, "soft"),
      tag: make(
        "g",
        { visibility: "hidden" },
        box("tag", x + width - 96, y - 10, 88, 20, 10),
        make("text", { x: x + width - 52, y: y + 4, "text-anchor": "middle", class: "tag-text" }),
      ),
    };
    this.svg.append(make("g", {}, ...Object.values(made)));
    return { ...made, gaugeWidth };
  }

  show(reading, held) {
    this.last = [reading, held];
    const { stages, now } = reading;
    const about = now.about || {};
    const lag = reading.lag === null ? "lag not known" : `${short(reading.lag)} wait`;
    this.say("input", about.input || now.topic, lag);
    this.say("processed", about.processed, `${short(reading.processed)}/s processed`);
    this.say("cleaned", about.cleaned, `${short(reading.filtered)}/s filtered`);
    this.say("errors", about.errors, `${short(reading.failed)}/s errors`);
    this.say("summaries", about.summary, `${short(stages.summary.rate)}/s summaries`);
    const inAll = ({ total }) => (this.layout === layouts.wide ? `${short(total)} in all` : "");
    const lines = {
      group_consumer: `${short(reading.commits)} commits/s`,
      partition_consumer: `in flight ${short(reading.inFlight)}`,
      transformer: `queue ${short(stages.transformer.queue)}`,
      error_router: inAll(stages.error_router),
      producer: `queue ${short(stages.producer.queue)}`,
      summary: inAll(stages.summary),
    };
    for (const [name, line] of Object.entries(lines))
      this.sayActor(name, stages[name], line, held);
    this.showFlows(reading);
    mark(this.svg, "aria-label", this.described(reading, held));
  }

  say(node, name, line) {
    const to = this.nodes[node];
    say(to.name, cut(name || unknown, Math.floor((to.width - 40) / 7)));
    say(to.title, name || "");
    say(to.line, line);
  }

  sayActor(name, { busy, state, rate, count, waiting }, line, held) {
    const to = this.nodes[name];
    const title = actorTitles[name];
    const narrow = to.gaugeWidth < 110;
    const hasRoom = name !== "group_consumer" && !(narrow && line);
    say(to.name, narrow ? title.replace(" consumer", "") : title);
    say(to.count, count > 1 ? `× ${count}` : "");
    say(to.rate, state ?? `${short(rate)}/s`);
    const share = hasRoom && typeof busy === "number" ? `busy ${percent(busy)}` : "";
    say(to.line, [line, share].filter(Boolean).join(" · "));
    say(to.title, `${title}: busy ${percent(busy)}`);
    to.gauge.style.width = `${(busy || 0) * to.gaugeWidth}px`;
    const isHeld = name === (actorBefore[held] ?? held);
    mark(to.box, "class", `node${waiting ? " bad" : isHeld ? " hot" : ""}`);
    mark(to.gauge, "class", `gauge${isHeld ? " hot" : ""}`);
    mark(to.tag, "visibility", isHeld ? "visible" : "hidden");
    say(to.tag.lastElementChild, held in actorBefore ? "by brokers" : "bottleneck");
  }

  showFlows({ stages, processed, filtered, failed, finished, commits }) {
    const rates = {
      input: stages.partition_consumer.rate,
      partition_consumer: stages.partition_consumer.rate,
      transformer: stages.transformer.rate,
      processed,
      cleaned: filtered,
      errors: failed,
      summaries: stages.summary.rate,
      failed: stages.error_router.rate,
      repaired: stages.error_router.rate,
      finished,
      published: stages.summary.rate,
      advanced: commits,
      committed: commits,
    };
    for (const [name, flow] of Object.entries(this.flows)) {
      const speed = [0, 100, 10000].filter((least) => rates[name] > 0 && rates[name] >= least).length;
      mark(flow, "class", `flow f${speed} ${flowClasses[name] || ""}`);
    }
  }

  described(reading, held) {
    const { stages } = reading;
    const stage = (name) => `${actorTitles[name]}: busy ${percent(stages[name].busy)}`;
    return (
      `Records pass from the topic ${reading.now.topic} through partition consumers, transformers and producers to the ` +
      `output topics. ${Object.keys(actorTitles).map(stage).join(", ")}. Bottleneck: ${held ? stageNames[held] : "none"}.`
    );
  }
}
