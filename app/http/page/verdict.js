// One sentence on what is the case, the worst first, and which stage holds the records up.

const signs = {
  good: "M4 12.5l5 5L20 6.5",
  calm: "M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  warn: "M12 4L2.8 20h18.4zM12 10.5v4M12 17.3v.2",
  bad: "M8 8l8 8M16 8l-8 8M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
};

/** More than so many seconds' work is behind. */
const behindSeconds = 2;

/** So long brokers may be silent, and a partition may stand still, without a word. */
const silentMax = 6;
const standsAfter = 30;

const phases = {
  starting: ["calm", "Starts", "It reads its configuration and opens its clients."],
  waiting_for_brokers: ["bad", "Waits for the brokers", "No broker answers at"],
  waiting_for_topics: [
    "warn",
    "Waits for topics",
    "The brokers answer, and lack a topic of the configuration.",
  ],
  draining: ["warn", "Stops", "It reads no more, and finishes what is in flight."],
  publishing: ["warn", "Stops", "It writes its last summary."],
  leaving: ["warn", "Stops", "It leaves the group."],
  fenced: [
    "bad",
    "Another process has its place",
    "Two workers have the same workers.id or group.instance.id.",
  ],
  ended: ["bad", "Has ended", "The process is about to exit."],
};

const says = (tone, title, more) => ({ tone, title, more });

/**
 * What keeps records from moving on while more wait than is normal, asked in the order of
 * docs/metrics-log.md: the name of an actor, or `input` or `brokers`; null: nothing does.
 */
function bottleneckOf(reading) {
  const { stages, lag } = reading;
  if (!reading.before || lag === null || lag <= Math.max(1000, behindSeconds * reading.finished))
    return null;
  const busiest = Object.entries(stages).reduce(
    (most, [name, { busy }]) => (busy > most.busy ? { name, busy } : most),
    { name: "transformer", busy: 0 },
  );
  if (busiest.busy >= 0.7) return busiest.name;
  const blocked = reading.rate((s) => sumOf(s.partitions, (each) => each.blocked));
  const isShared = stages.partition_consumer.count > 64;
  if (!blocked && !isShared) return "input";
  return stages.producer.queue > reading.inFlight / 2 ? "brokers" : busiest.name;
}

const stageNames = {
  input: "reading from the brokers",
  brokers: "the brokers' acknowledgements",
  transformer: "the transformers",
  producer: "the producers",
  partition_consumer: "the partition consumers",
  group_consumer: "the group consumer",
  error_router: "the error router",
  summary: "the summary",
};

/** Actors that work, and get less of the processor than they work: others have it. */
function isStarved({ stages, cpu }) {
  const worked = sumOf(
    Object.values(stages),
    ({ busy, count, queue }) => number(busy) * (queue === undefined ? 1 : count),
  );
  return worked > 0.5 && cpu < 0.6 * worked;
}

/** Of one partition that has nearly all of the lag. */
function hotPartition(partitions, lag) {
  const hot = partitions.length > 1 && partitions.find((each) => each.lag_records > 0.8 * lag);
  return hot && hot.partition !== "other"
    ? ` Nearly all of it is in partition ${hot.partition}.`
    : "";
}

function unwell(status) {
  const hung = status.liveness.find((check) => !check.holds);
  if (hung) return says("bad", "An actor hangs", `${hung.why}. The process should be restarted.`);
  if (status.phase !== "running") {
    const [tone, title, more] = phases[status.phase] || ["calm", words(status.phase), ""];
    const whom = status.phase === "waiting_for_brokers" ? ` ${status.about?.brokers ?? ""}.` : "";
    return says(tone, title, more + whom);
  }
  const stopping = status.readiness.find((check) => check.name === "stop" && !check.holds);
  if (stopping) return says("warn", "Stops", "It was asked to stop.");
  if (status.leaders_silent_s > silentMax)
    return says(
      "bad",
      "The brokers do not answer",
      `For ${span(status.leaders_silent_s)}. Asked: ${status.about?.brokers ?? ""}. ` +
        "Nothing is lost: the worker goes on where it stopped.",
    );
  if (one(status, "group_consumer").state !== "joined")
    return says("warn", "Joins the group", "Partitions come with the next rebalance.");
  return null;
}

/** Whether the lag has grown over the last minutes: records a second, or null where nobody can tell. */
function lagGrowth(past) {
  const known = past.samples.filter((sample) => sample.lag !== null).slice(-25);
  if (known.length < 4) return null;
  const [first, last] = [known[0], known.at(-1)];
  return (last.lag - first.lag) / ((last.at - first.at) / 1000);
}

function standstill(partitions) {
  const standing = partitions
    .map((each) => ({ ...each, stands: each.turnstile_standstill_seconds }))
    .filter(({ stands }) => stands > standsAfter)
    .sort((a, b) => b.stands - a.stands);
  if (!standing.length) return null;
  const [longest, ...others] = standing;
  const time = `${span(longest.stands)}${others.length ? " at most" : ""}`;
  const lag = whole(sumOf(standing, (each) => each.lag_records));
  return says(
    "bad",
    others.length
      ? `${standing.length} partitions stand still`
      : `Partition ${longest.partition} stands still`,
    `Nothing was committed for ${time}, and ${lag} records wait. The log says why.`,
  );
}

function verdictOf(reading, past) {
  const { now, stages } = reading;
  const ill = unwell(now) ?? standstill(now.partitions);
  if (ill) return ill;
  if (stages.producer.waiting)
    return says(
      "warn",
      "Deliveries fail",
      `${plural(stages.producer.waiting, "partition")} wait before the next try.`,
    );
  if (!now.partitions.length)
    return says(
      "calm",
      "Has no partitions",
      "Other workers of the group own them all, or the input has too few.",
    );
  return flowing(reading, past);
}

function flowing(reading, past) {
  const { stages, lag } = reading;
  const held = bottleneckOf(reading);
  const by =
    (held ? ` It is held up by ${stageNames[held]}.` : "") +
    (held in stages && isStarved(reading) ? " Other programs have the cores." : "") +
    (lag > 1000 ? hotPartition(reading.now.partitions, lag) : "");
  const growth = lagGrowth(past);
  const refused =
    reading.errorShare > 0.05 ? ` ${percent(reading.errorShare)} become error records.` : "";
  if (lag > 1000 && growth !== null && growth > 10 && reading.oldest > 5)
    return says(
      "warn",
      "Falls behind",
      `The lag of ${short(lag)} records grows by ${short(growth)}/s.${by}${refused}`,
    );
  if (reading.finished === null) return says("calm", "Runs", "Rates follow in a moment.");
  if (lag > 1000 && lag > behindSeconds * reading.finished && reading.finished > 0)
    return says(
      "calm",
      "Catches up",
      `${short(lag)} records wait: ${span(lag / reading.finished)} at this pace.${by}${refused}`,
    );
  if (!reading.finished && !lag)
    return says("good", "Has nothing to do", `All that was read is finished.${refused}`);
  if (!reading.finished)
    return says("calm", "Waits", `${plural(lag, "record")} wait, and none is finished yet.${by}`);
  const share = reading.times
    ? ` Half of them take ${span(reading.times.p50)}, all but 1 % at most ${span(reading.times.p99)}.`
    : "";
  const pace = `${short(reading.finished)} records/s.${share}`;
  return refused
    ? says("warn", `${percent(reading.errorShare)} become error records`, `Keeps up: ${pace}`)
    : says("good", "Keeps up", pace);
}
