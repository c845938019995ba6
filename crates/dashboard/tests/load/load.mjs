// Loads a dashboard with texts and reads at a constant rate, or opens many streams of events. Needs Node 20, nothing else.
//
//   node load.mjs [SECONDS] [--sends RATE] [--reads RATE] [--streams N]
//
// BASE is what stands before `/api`, CONTROL the tests' control server, COOKIE the login of somebody with all roles. SECONDS
// is 60 if not set, and 0 with `--streams`, because each stream gets the events of each text. RATE is in requests a second,
// 100 and 400 if not set.
//
// Requests start when the rate says, whether or not earlier ones were answered, and latency counts from that time: a server
// that stops for a second makes every request of that second late, as people would find it. Fails if a request fails, if a
// text is not at the provider exactly once, or if an event does not arrive on every stream.

import http from "node:http";
import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sends: { type: "string", default: "100" },
    reads: { type: "string", default: "400" },
    streams: { type: "string", default: "0" },
  },
});
const streams = Number(options.streams);
const seconds = Number(positionals[0] ?? (streams ? 0 : 60));
const rates = { sends: Number(options.sends), reads: Number(options.reads) };
if (![streams, seconds, rates.sends, rates.reads].every((number) => Number.isFinite(number) && number >= 0)) {
  console.error("SECONDS, RATE and N are numbers");
  process.exit(2);
}
const base = (process.env.BASE ?? "http://127.0.0.1:3000").replace(/\/$/, "");
const control = process.env.CONTROL?.replace(/\/$/, "");
const cookie = process.env.COOKIE ?? "login=blue:load:view+send+manage";
const run = randomBytes(4).toString("hex");

/** After so long without an answer a request has failed. */
const TIMEOUT = 60_000;
/** How long texts and events may take to arrive once everything was answered. */
const ARRIVAL = 30_000;
/** How many people share the streams: one person may have 20. */
const STREAMS_A_PERSON = 20;
// Apart, so that reads do not wait behind slow sends for a connection.
const agents = {
  sends: new http.Agent({ keepAlive: true, maxSockets: 512 }),
  reads: new http.Agent({ keepAlive: true, maxSockets: 256 }),
};

const failures = [];
const fail = (sentence) => {
  failures.push(sentence);
  console.log(`FAILED: ${sentence}`);
};

/** Sends a request; answers `{status, text}`, where status is a word if there was no answer. */
function request(method, url, { agent, headers = {}, json } = {}) {
  return new Promise((resolve) => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const type = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = http.request(url, { method, agent, headers: { ...headers, ...type } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
      answer.on("error", (error) => resolve({ status: error.code ?? "cut", text }));
    });
    sent.setTimeout(TIMEOUT, () => sent.destroy(Object.assign(new Error(), { code: "timeout" })));
    sent.on("error", (error) => resolve({ status: error.code ?? "error", text: "" }));
    sent.end(body);
  });
}

/** The times and statuses of one kind of requests. */
class Figures {
  #times = [];
  #statuses = new Map();
  /** How late the latest request started, because this program was busy. */
  late = 0;

  add(status, millis) {
    this.#times.push(millis);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  get errors() {
    return [...this.#statuses].filter(([status]) => !(status >= 200 && status < 300));
  }

  toString() {
    const times = this.#times.sort((a, b) => a - b);
    const at = (part) => (times[Math.max(0, Math.ceil(times.length * part) - 1)] ?? NaN).toFixed(1);
    const statuses = [...this.#statuses].map(([status, count]) => `${status}: ${count}`).join(", ");
    const latencies = `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
    return `${times.length} (${statuses}); ${latencies}; started at most ${this.late.toFixed(1)} ms late`;
  }
}

/** Starts `rate` requests a second, and returns when all are answered. `one(n)` makes the n-th and answers its status. */
async function atRate(rate, figures, one) {
  const open = new Set();
  const begin = performance.now();
  const total = Math.round(rate * seconds);
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) * rate) / 1000) + 1);
    for (; n < due; n++) {
      const intended = begin + (n * 1000) / rate;
      figures.late = Math.max(figures.late, performance.now() - intended);
      const done = one(n).then((status) => {
        figures.add(status, performance.now() - intended);
        open.delete(done);
      });
      open.add(done);
    }
    await wait(1);
  }
  await Promise.all(open);
}

/** The texts that were asked for: body to the status of the answer. */
const texts = new Map();
/** Ids of messages, to read. */
const ids = [];

const recipient = (n) => `+1212${2_000_000 + (n % 8_000_000)}`;

async function send(n) {
  const body = `load ${run} ${n}`;
  const headers = { cookie, "idempotency-key": `load-${run}-${n}` };
  const url = `${base}/api/actions/twilio/send-sms`;
  const { status, text } = await request("POST", url, { agent: agents.sends, headers, json: { to: recipient(n), body } });
  texts.set(body, status);
  const id = status < 300 ? JSON.parse(text).id : undefined;
  if (id) ids.push(id);
  return status;
}

async function read(n) {
  const get = async (path) => (await request("GET", `${base}/api${path}`, { agent: agents.reads, headers: { cookie } })).status;
  switch (n % 4) {
    case 0:
      return get("/messages");
    case 1:
      // Both fresh and old ones; none was sent at the very beginning.
      return get(ids.length ? `/messages/${ids[(n * 7919) % ids.length]}` : "/messages?limit=1");
    case 2:
      return get("/conversations");
    default: {
      const json = { to: recipient(n), body: `Preview ${n}` };
      const url = `${base}/api/actions/twilio/preview`;
      return (await request("POST", url, { agent: agents.reads, headers: { cookie }, json })).status;
    }
  }
}

/** How often each text of this run was sent, as the provider says. */
async function provider() {
  const { status, text } = await request("GET", `${control}/sent`);
  if (status !== 200) throw new Error(`GET /sent answered ${status}`);
  const counts = new Map();
  for (const { body } of JSON.parse(text)) {
    if (body.startsWith(`load ${run} `)) counts.set(body, (counts.get(body) ?? 0) + 1);
  }
  return counts;
}

/** Every text that was promised is at the provider once, and no text twice. */
async function check() {
  const promised = [...texts].filter(([, status]) => status >= 200 && status < 300).map(([body]) => body);
  const until = performance.now() + ARRIVAL;
  let counts = await provider();
  // What was answered with 202 may still be on its way.
  while (promised.some((body) => !counts.has(body)) && performance.now() < until) {
    await wait(250);
    counts = await provider();
  }
  const missing = promised.filter((body) => !counts.has(body)).length;
  const twice = [...counts.values()].filter((count) => count > 1).length;
  const strange = [...counts.keys()].filter((body) => !texts.has(body)).length;
  console.log(`texts: ${promised.length} accepted, ${missing} missing, ${twice} sent more than once`);
  if (missing || twice || strange) fail("not every text was sent exactly once");
}

async function load() {
  const figures = { sends: new Figures(), reads: new Figures() };
  console.log(`${rates.sends} sends and ${rates.reads} reads a second for ${seconds} s, to ${base}`);
  await Promise.all([atRate(rates.sends, figures.sends, send), atRate(rates.reads, figures.reads, read)]);
  for (const [kind, found] of Object.entries(figures)) {
    console.log(`${kind}: ${found}`);
    const errors = found.errors.map(([status, count]) => `${status}: ${count}`).join(", ");
    if (errors) fail(`${kind} failed: ${errors}`);
  }
  if (rates.sends) control ? await check() : fail("CONTROL is not set, so the texts at the provider were not counted");
}

/** A stream of events, which tells `onEvent` the data of each. */
function stream(number, onEvent) {
  const headers = { cookie: `login=blue:u${Math.floor(number / STREAMS_A_PERSON)}:view`, accept: "text/event-stream" };
  return new Promise((resolve) => {
    const result = { status: undefined, ended: false };
    const sent = http.request(`${base}/api/events`, { agent: false, headers }, (answer) => {
      result.status = answer.statusCode;
      let rest = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => {
        // The first comment says that the stream is open.
        resolve(result);
        const parts = (rest + chunk).split("\n\n");
        rest = parts.pop();
        parts.forEach((part) => part.includes("data:") && onEvent(part));
      });
      answer.on("close", () => ((result.ended = true), resolve(result)));
      answer.on("error", () => {});
    });
    sent.setTimeout(TIMEOUT, () => sent.destroy());
    sent.on("error", (error) => {
      result.status ??= error.code;
      result.ended = true;
      resolve(result);
    });
    sent.end();
  });
}

/** Opens the streams, some at a time; answers their states. */
async function openStreams(onEvent) {
  const states = [];
  for (let begin = 0; begin < streams; begin += 50) {
    const some = Array.from({ length: Math.min(50, streams - begin) }, (_, n) => begin + n);
    states.push(...(await Promise.all(some.map((number) => stream(number, (event) => onEvent(number, event))))));
  }
  return states;
}

const isOpen = ({ status, ended }) => status === 200 && !ended;

async function publish(states, arrived) {
  const json = { name: "load.tested", payload: { run } };
  const began = performance.now();
  const { status } = await request("POST", `${control}/publish`, { json });
  if (!(status < 300)) return fail(`POST /publish answered ${status}`);
  while (arrived.size < streams && performance.now() - began < ARRIVAL) await wait(10);
  const times = [...arrived.values()].map((at) => at - began).sort((a, b) => a - b);
  const last = times.length ? `, the last after ${times.at(-1).toFixed(1)} ms` : "";
  console.log(`an event arrived at ${arrived.size} of ${streams} streams${last}`);
  if (arrived.size < streams) fail("the event did not arrive at every stream");
  const open = states.filter(isOpen).length;
  if (open < streams) fail(`${open} of ${streams} streams are open at the end`);
}

const arrived = new Map();
const states = await openStreams((number, event) => {
  if (event.includes("load.tested") && event.includes(run)) arrived.set(number, performance.now());
});
if (streams) {
  const statuses = new Map();
  for (const { status } of states) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const list = [...statuses].map(([status, count]) => `${status}: ${count}`).join(", ");
  console.log(`${states.filter(isOpen).length} of ${streams} streams are open (${list})`);
}
if (seconds) await load();
if (streams) control ? await publish(states, arrived) : fail("CONTROL is not set, so no event was published");
process.exit(failures.length ? 1 : 0);
