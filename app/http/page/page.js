// Asks /status every two seconds and shows what it says; or that nobody answers.

const askEveryMs = 2000;
const answerMaxMs = 4000;
const readings = new Readings();
const past = new Past();
const topology = new Topology(byId("topology"));
const outcomes = new Curves(byId("outcomes"), true);
const reasons = new Curves(byId("reasons"), false);
const state = { lastAnswer: 0, silentSince: 0, status: null, wantsHistory: true, timer: 0 };

let token = sessionStorage.getItem("turnstile-token") || "";

async function ask() {
  const path = state.wantsHistory ? "status?history" : "status";
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(path, {
    headers,
    cache: "no-store",
    signal: AbortSignal.timeout(answerMaxMs),
  });
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function turn() {
  clearTimeout(state.timer);
  try {
    const status = await ask();
    if (status) take(status);
    else wantToken();
  } catch {
    missAnswer();
  }
  if (!document.hidden && byId("token-form").hidden) state.timer = setTimeout(turn, askEveryMs);
}

function take(status) {
  if (state.lastAnswer && Date.now() - state.lastAnswer > 15000) state.wantsHistory = true;
  state.lastAnswer = Date.now();
  state.silentSince = 0;
  document.body.classList.remove("stale");
  if (state.status && state.status.about?.worker !== status.about?.worker) {
    past.samples = [];
    state.wantsHistory = true;
  }
  if (status.history) {
    past.load(status.history);
    state.wantsHistory = false;
  }
  past.add(status);
  readings.add(status);
  state.status = status;
  show();
}

function show() {
  const reading = readings.read();
  const { status } = state;
  const held = bottleneckOf(reading);
  const verdict = verdictOf(reading, past);
  showVerdict(verdict);
  showHead(status, verdict.tone === "bad");
  showTiles(reading, past);
  topology.show(reading, held);
  say(
    byId("topology-note"),
    held ? `held up by ${stageNames[held]}` : status.about?.guarantee || "",
  );
  outcomes.show(outcomeSeries(past), status.time_ms, "Nothing passed yet.");
  reasons.show(reasonSeries(past), status.time_ms, "No error record in these minutes.");
  showPartitions(reading);
  showSummary(status);
  showChecks(status);
  showConfig(status.about);
  const { facts } = status;
  say(
    byId("build"),
    `turnstile ${facts.version} (${facts.commit}), librdkafka ${facts.librdkafka}, CAF ${facts.caf}, up ${span(reading.uptime)}`,
  );
}

function showVerdict({ tone, title, more }) {
  mark(byId("verdict"), "data-tone", tone);
  mark(byId("verdict-sign"), "d", signs[tone]);
  say(byId("verdict-title"), title);
  say(byId("verdict-more"), more);
}

function showHead(status, isIll) {
  const isRunning = status.phase === "running";
  const tone = !status.live || isIll ? "bad" : status.ready ? "good" : "warn";
  const phase = byId("phase");
  mark(phase, "data-tone", tone);
  const running = isIll ? "in trouble" : status.ready ? "ready" : "not ready";
  say(phase, isRunning ? running : words(status.phase));
  say(
    byId("worker"),
    [status.about?.worker, status.about?.group && `group ${status.about.group}`]
      .filter(Boolean)
      .join(" · "),
  );
  document.title = `${tone === "good" ? "" : "● "}Turnstile ${status.about?.worker || ""}`;
  const beat = document.querySelector(".beat");
  beat.classList.remove("now");
  void beat.offsetWidth; // Else the browser takes both changes for none.
  beat.classList.add("now");
}

function missAnswer() {
  state.silentSince ||= state.lastAnswer || Date.now();
  document.body.classList.add("stale");
  showSilence();
  mark(byId("phase"), "data-tone", "bad");
  say(byId("phase"), "no answer");
  document.title = "● Turnstile: no answer";
}

function showSilence() {
  const silent = Math.round((Date.now() - state.silentSince) / 1000);
  showVerdict({
    tone: "bad",
    title: "The worker does not answer",
    more: state.lastAnswer
      ? `Since ${clockTime(state.silentSince)}, ${span(Math.max(1, silent))} ago. What is below is what it said last.`
      : "Nothing has come from it yet. Does the process run?",
  });
}

function showAge() {
  const seconds = Math.floor((Date.now() - state.lastAnswer) / 1000);
  say(
    byId("age-text"),
    !state.lastAnswer
      ? "connecting"
      : seconds < 3
        ? "just now"
        : `${seconds < 60 ? `${seconds} s` : span(seconds)} ago`,
  );
  if (state.silentSince) showSilence();
}

function wantToken() {
  byId("token-form").hidden = false;
  byId("figures").hidden = true;
  say(byId("token-fault"), token ? "The worker does not know this token." : "");
  showVerdict({
    tone: "calm",
    title: "A token is wanted",
    more: "Figures are for those who have it.",
  });
  say(byId("phase"), "locked");
  say(byId("age-text"), "");
  byId("token").focus();
}

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("token").value.trim();
  sessionStorage.setItem("turnstile-token", token);
  byId("token-form").hidden = true;
  byId("figures").hidden = false;
  byId("token").value = "";
  turn();
});
for (const name of ["config-find", "config-all"])
  byId(name).addEventListener("input", () => showConfig(state.status?.about));
document.addEventListener("visibilitychange", () =>
  document.hidden ? clearTimeout(state.timer) : turn(),
);
setInterval(showAge, 1000);
turn();
