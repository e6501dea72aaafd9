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
    const texts = {
      name: make("text", { x: x + 14, y: y + height / 2 - 4, class: "name" }),
      line: make("text", { x: x + 14, y: y + height / 2 + 14, class: "soft" }),
      title: make("title"),
    };
    this.svg.append(
      make(
        "g",
        {},
        texts.title,
        make("rect", { x, y, width, height, rx: 12, class: "topic" }),
        ...(flowClasses[name]
          ? [
              make("circle", {
                cx: x + width - 16,
                cy: y + height / 2,
                r: 4,
                class: flowClasses[name],
              }),
            ]
          : []),
        texts.name,
        texts.line,
      ),
    );
    return { ...texts, width };
  }

  actor(name, [x, y, width, height]) {
    const at = (dy, kind) => make("text", { x: x + 14, y: y + dy, class: kind });
    const made = {
      box: make("rect", { x, y, width, height, rx: 12, class: "node" }),
      name: at(24, "name"),
      count: make("text", {
        x: x + width - 14,
        y: y + 24,
        "text-anchor": "end",
        class: "soft",
      }),
      rate: at(50, "big"),
      line: at(71, "soft"),
      gaugeWidth: width - 28,
      title: make("title"),
      gauge: make("rect", {
        x: x + 14,
        y: y + height - 15,
        width: 0,
        height: 5,
        rx: 2.5,
        class: "gauge",
      }),
      tag: make(
        "g",
        { visibility: "hidden" },
        make("rect", { x: x + width - 96, y: y - 10, width: 88, height: 20, rx: 10, class: "tag" }),
        make("text", { x: x + width - 52, y: y + 4, "text-anchor": "middle", class: "tag-text" }),
      ),
    };
    this.svg.append(
      make(
        "g",
        {},
        made.title,
        made.box,
        make("rect", {
          x: x + 14,
          y: y + height - 15,
          width: width - 28,
          height: 5,
          rx: 2.5,
          class: "gauge-bed",
        }),
        made.gauge,
        made.name,
        made.count,
        made.rate,
        made.line,
        made.tag,
      ),
    );
    return made;
  }

  show(reading, held) {
    this.last = [reading, held];
    const { stages, now } = reading;
    const about = now.about || {};
    const partitions = stages.partition_consumer.count;
    const wide = this.layout === layouts.wide;
    this.say(
      "input",
      about.input || now.topic,
      reading.lag === null ? "lag not known" : `${short(reading.lag)} wait`,
    );
    this.say("processed", about.processed, `${short(reading.processed)}/s processed`);
    this.say("cleaned", about.cleaned, `${short(reading.filtered)}/s filtered`);
    this.say("errors", about.errors, `${short(reading.failed)}/s errors`);
    this.say("summaries", about.summary, `${short(stages.summary.rate)}/s summaries`);
    const act = (name, rate, line, count) =>
      this.sayActor(name, stages[name].busy, rate, line, count, held);
    act(
      "partition_consumer",
      `${short(reading.read)}/s`,
      `in flight ${short(reading.inFlight)}`,
      partitions,
    );
    act(
      "transformer",
      `${short(stages.transformer.rate)}/s`,
      `queue ${short(stages.transformer.queue)}`,
      stages.transformer.count,
    );
    act(
      "producer",
      `${short(stages.producer.rate)}/s`,
      `queue ${short(stages.producer.queue)}`,
      stages.producer.count,
    );
    act(
      "error_router",
      `${short(stages.error_router.rate)}/s`,
      wide ? `${short(stages.error_router.total)} in all` : "",
    );
    act(
      "summary",
      `${short(stages.summary.rate)}/s`,
      wide ? `${short(one(now, "summary").published)} in all` : "",
    );
    act("group_consumer", one(now, "group_consumer").state, `${short(reading.commits)} commits/s`);
    this.showFlows(reading);
    mark(this.svg, "aria-label", this.described(reading, held));
  }

  say(node, name, line) {
    const to = this.nodes[node];
    say(to.name, cut(name || unknown, Math.floor((to.width - 40) / 7)));
    say(to.title, name || "");
    say(to.line, line);
  }

  sayActor(name, busy, rate, line, count, held) {
    const to = this.nodes[name];
    const narrow = to.gaugeWidth < 110;
    say(to.name, narrow ? actorTitles[name].replace(" consumer", "") : actorTitles[name]);
    say(to.count, count > 1 ? `× ${count}` : "");
    say(to.rate, rate);
    say(
      to.line,
      [
        line,
        busy === null || busy === undefined
          ? ""
          : (narrow && line) || name === "group_consumer"
            ? ""
            : `busy ${percent(busy)}`,
      ]
        .filter(Boolean)
        .join(" · "),
    );
    say(to.title, `${actorTitles[name]}: busy ${percent(busy)}`);
    to.gauge.style.width = `${(busy || 0) * to.gaugeWidth}px`;
    const isHeld = name === ({ brokers: "producer", input: "partition_consumer" }[held] ?? held);
    const waits = name === "producer" && this.last[0].stages.producer.waiting > 0;
    mark(to.box, "class", `node${waits ? " bad" : isHeld ? " hot" : ""}`);
    mark(to.gauge, "class", `gauge${isHeld ? " hot" : ""}`);
    mark(to.tag, "visibility", isHeld ? "visible" : "hidden");
    say(
      to.tag.lastElementChild,
      held === "brokers" || held === "input" ? "by brokers" : "bottleneck",
    );
  }

  showFlows(reading) {
    const { stages } = reading;
    const rates = {
      input: reading.read,
      partition_consumer: reading.read,
      transformer: stages.transformer.rate,
      processed: reading.processed,
      cleaned: reading.filtered,
      errors: reading.failed,
      summaries: stages.summary.rate,
      failed: stages.error_router.rate,
      repaired: stages.error_router.rate,
      finished: reading.finished,
      published: stages.summary.rate,
      advanced: reading.commits,
      committed: reading.commits,
    };
    for (const [name, flow] of Object.entries(this.flows)) {
      const rate = rates[name] || 0;
      mark(
        flow,
        "class",
        `flow f${rate <= 0 ? 0 : rate < 100 ? 1 : rate < 10000 ? 2 : 3} ${flowClasses[name] || ""}`,
      );
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
