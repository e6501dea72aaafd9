// What two answers of /status a few seconds apart say together: rates, shares, times of late.

/** Rates are over about so long. */
const windowMs = 6000;

const number = (value) => (typeof value === "number" ? value : 0);
const sumOf = (list, of) => list.reduce((sum, one) => sum + number(of(one)), 0);
const all = (status, actor) => status.actors.filter((one) => one.actor === actor);
const one = (status, actor) => all(status, actor)[0] || {};
const busyOf = (actor) => number(actor[`turnstile_actor_busy_seconds_total_${actor.actor}`]);

/** Remembers answers; `read` says what they mean. */
class Readings {
  constructor() {
    this.answers = [];
  }

  /** A worker that began anew counts from 0: nothing before counts. */
  add(status) {
    const last = this.answers.at(-1);
    if (last && last.about?.worker !== status.about?.worker) this.answers = [];
    this.answers.push(status);
    while (this.answers.length > 2 && this.answers[1].time_ms <= status.time_ms - windowMs)
      this.answers.shift();
  }

  read() {
    const now = this.answers.at(-1);
    const before = this.answers.length > 1 ? this.answers[0] : null;
    const seconds = before ? Math.max(0.1, (now.time_ms - before.time_ms) / 1000) : null;
    /** Growth a second of what `of` finds in an answer. */
    const rate = (of) => (before ? Math.max(0, (of(now) - of(before)) / seconds) : null);
    return {
      now,
      before,
      seconds,
      rate,
      stages: stagesOf(now, rate),
      ...totalsOf(now, before, rate),
    };
  }
}

/** The most of a stage's actors counts: one that has no time left holds up its partitions. */
function busyShare(now, rate, actor) {
  const each = all(now, actor).map((_, i) =>
    rate((status) => busyOf(all(status, actor)[i] || { actor })),
  );
  return each.length && each[0] !== null ? Math.min(1, Math.max(...each)) : null;
}

function partitionBusy(now, rate) {
  const share = rate((s) =>
    sumOf(s.partitions, (each) => each.turnstile_actor_busy_seconds_total_partition_consumer),
  );
  return share === null ? null : Math.min(1, share);
}

function stagesOf(now, rate) {
  const producers = all(now, "producer");
  const inFlight = sumOf(now.partitions, (each) => each.in_flight);
  const queued = sumOf(producers, (each) => each.queued);
  const errors = one(now, "error_router");
  return {
    group_consumer: {
      busy: busyShare(now, rate, "group_consumer"),
      state: one(now, "group_consumer").state,
    },
    partition_consumer: {
      busy: partitionBusy(now, rate),
      count: sumOf(now.partitions, partitionCount),
      rate: rate((s) => sumOf(s.partitions, (each) => each.records)),
    },
    transformer: {
      busy: busyShare(now, rate, "transformer"),
      count: all(now, "transformer").length,
      queue: Math.max(0, inFlight - queued),
      rate: rate((s) => sumOf(all(s, "transformer"), (each) => each.records)),
    },
    error_router: {
      busy: busyShare(now, rate, "error_router"),
      rate: rate((s) => reasonSum(one(s, "error_router"))),
      total: reasonSum(errors),
    },
    producer: {
      busy: busyShare(now, rate, "producer"),
      count: producers.length,
      queue: queued,
      rate: rate((s) => sumOf(all(s, "producer"), (each) => each.acknowledged)),
      waiting: sumOf(producers, (each) => each.waiting),
    },
    summary: {
      busy: busyShare(now, rate, "summary"),
      rate: rate((s) => number(one(s, "summary").published)),
      total: one(now, "summary").published,
    },
  };
}

const partitionCount = (each) => (each.partition === "other" ? 0 : 1);
const notReasons = new Set(["actor", "turnstile_actor_busy_seconds_total_error_router"]);
const reasonsOf = (router) => Object.entries(router).filter(([name]) => !notReasons.has(name));
const reasonSum = (router) => sumOf(reasonsOf(router), ([, count]) => count);

/** Null as soon as one is not known: those that are would look as if all were well. */
function lagOf(status) {
  const known = status.partitions.every((each) => typeof each.lag_records === "number");
  return known && status.partitions.length
    ? sumOf(status.partitions, (each) => each.lag_records)
    : null;
}

function totalsOf(now, before, rate) {
  const summary = one(now, "summary");
  const outcome = (name) => rate((s) => number(one(s, "summary")[name]));
  const finished = rate((s) => number(one(s, "summary").received));
  const failed = outcome("failed");
  return {
    finished,
    processed: outcome("processed"),
    filtered: outcome("filtered"),
    failed,
    received: number(summary.received),
    errorShare: finished > 0 ? failed / finished : null,
    lag: lagOf(now),
    oldest: now.partitions.reduce(
      (most, each) => Math.max(most, number(each.turnstile_lag_seconds ?? each.lag_s)),
      0,
    ),
    inFlight: sumOf(now.partitions, (each) => each.in_flight),
    times: quantiles(
      summary.turnstile_end_to_end_seconds,
      before && one(before, "summary").turnstile_end_to_end_seconds,
    ),
    cpu: rate((s) => number(one(s, "process").process_cpu_seconds_total)),
    resident: one(now, "process").process_resident_memory_bytes,
    uptime: now.time_ms / 1000 - number(one(now, "process").process_start_time_seconds),
    commits: rate(
      (s) =>
        number(one(s, "group_consumer").commits) +
        sumOf(all(s, "producer"), (each) => each.transactions),
    ),
  };
}

/** Of what came since `before`; or, where nothing did, null. */
function quantiles(now, before) {
  if (!now || !now.buckets) return null;
  const past = new Map(before ? before.buckets : []);
  const since = now.buckets.map(([bound, count]) => [bound, count - number(past.get(bound))]);
  const total = sumOf(since, ([, count]) => count);
  if (!before || total <= 0) return null;
  const at = (share) => {
    let seen = 0;
    for (const [bound, count] of since) if ((seen += count) > share * total) return bound;
    return since.at(-1)[0];
  };
  return { p50: at(0.5), p99: at(0.99) };
}

/** Totals at intervals, from the worker's own memory and then from its answers. */
class Past {
  constructor() {
    this.samples = [];
  }
  load(history) {
    const reasons = Object.entries(history.reasons);
    this.samples = history.at_ms.map((at, i) => ({
      at,
      processed: history.processed[i],
      filtered: history.filtered[i],
      failed: history.failed[i],
      lag: history.lag_records[i],
      reasons: Object.fromEntries(reasons.map(([name, counts]) => [name, counts[i]])),
    }));
  }
  add(status) {
    const last = this.samples.at(-1);
    if (last && status.time_ms - last.at < 4900) return;
    const summary = one(status, "summary");
    this.samples.push({
      at: status.time_ms,
      processed: number(summary.processed),
      filtered: number(summary.filtered),
      failed: number(summary.failed),
      lag: lagOf(status),
      reasons: Object.fromEntries(reasonsOf(one(status, "error_router"))),
    });
    if (this.samples.length > 181) this.samples.shift();
  }
  /** `of` a sample, as growth a second between each and the one before. */
  rates(of) {
    return this.samples.slice(1).map((sample, i) => {
      const before = this.samples[i];
      return {
        at: sample.at,
        value: Math.max(
          0,
          (number(of(sample)) - number(of(before))) / ((sample.at - before.at) / 1000),
        ),
      };
    });
  }
}
