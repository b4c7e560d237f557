#!/usr/bin/env node
/**
 * Half load for half an hour: registrations, calls, messages and watchers coming and going, changes published. At the fifth minute
 * and at the end the load pauses until all that is temporary has run out; then the heap after a forced collection and all
 * statistics are compared, and every transaction must have ended as it should.
 *
 *   node bench/soak.mjs                      30 minutes; the first comparison after 5
 *   node bench/soak.mjs --minutes 4          short: the first comparison after 1
 *   node bench/soak.mjs --load 0.5 --users 2000 --port 15500
 *
 * Writes bench/results/soak.json; ends with 1 when something grew or was lost.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { processorSeconds } from "./lib/processes.mjs";
import { oleloProgram, spawnPinned } from "./servers.mjs";
import { Agent } from "./soak/agent.mjs";
import { Load } from "./soak/load.mjs";

const root = resolve(import.meta.dirname, "..");
const { values: given } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    settle: { type: "string" },
    load: { type: "string", default: "0.5" },
    users: { type: "string", default: "2000" },
    port: { type: "string", default: "15500" },
    program: { type: "string", default: oleloProgram },
    out: { type: "string", default: join(root, "bench/results/soak.json") },
  },
});
const minutes = Number(given.minutes);
const settleMinutes = Number(given.settle ?? Math.min(5, minutes / 4));
const port = Number(given.port);
const agentPort = port + 1;
const tickMs = 5;
/**
 * Until nothing temporary is left: what users and watchers promised (15 s), what is published about those who are gone (30 s), what
 * transactions wait for (5 s); and some more, at most.
 */
const quietSeconds = 60;
const quietSecondsAtMost = 120;
const allowedGrowth = 0.05;
/** The generator's share of its own core: beyond this it loses packets. */
const ownLimit = 0.75;

const directory = mkdtempSync(join(tmpdir(), "soak-"));

function startServer() {
  const config = join(directory, "soak.cfg");
  const text = readFileSync(join(root, "bench/soak/soak.cfg"), "utf8");
  writeFileSync(
    config,
    text.replaceAll("15060", String(port)).replaceAll("21001", String(agentPort)),
  );
  const probe = join(root, "bench/soak/probe.mjs");
  const child = spawnPinned(
    0,
    [
      process.execPath,
      "--expose-gc",
      "--import",
      probe,
      resolve(given.program),
      "-f",
      config,
      "-DD",
      "-E",
      "-w",
      directory,
      "-Y",
      directory,
    ],
    {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, SOAK_PROBE: join(directory, "probe") },
    },
  );
  let log = "";
  child.stderr.on("data", (data) => {
    log = (log + data.toString("latin1")).slice(-20_000);
  });
  process.on("exit", () => child.kill("SIGKILL"));
  return { child, log: () => log };
}

/** One question over a Unix socket of the server, as JSON. */
async function ask(name, question) {
  const socket = connect(join(directory, name));
  socket.end(question);
  return JSON.parse(await readAll(socket));
}

const rpc = async (method, ...params) =>
  (await ask("rpc", JSON.stringify({ jsonrpc: "2.0", method, params, id: 1 }))).result;

/** All statistics by name, those of transactions among them. */
async function statistics() {
  const lines = (await rpc("stats.get_statistics", "all")).map((line) => line.split(" = "));
  const numbers = Object.fromEntries(lines.map(([name, value]) => [name, Number(value)]));
  for (const [name, value] of Object.entries(await rpc("tm.stats")))
    if (typeof value === "number") numbers[`tm.${name}`] = value;
  return numbers;
}

/** Seconds of processor time that the server has used, and its resident memory in megabytes. */
function usage(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return {
    seconds: processorSeconds(pid),
    megabytes: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024),
  };
}

const server = startServer();
const { pid } = server.child;
for (const deadline = Date.now() + 20_000; !/ ready: /.test(server.log()); await pause(20))
  if (server.child.exitCode !== null || Date.now() > deadline)
    throw new Error(`the server did not start:\n${server.log()}`);

const agent = new Agent(agentPort, port);
await agent.open();
const load = new Load(agent, Number(given.users));
await load.registerAll();

const trace = [];
const begun = performance.now();
const elapsed = () => (performance.now() - begun) / 1000;

/** What the rate has to be multiplied with for the wanted share of a core; the generator must keep up itself. */
function correction(share, ownShare) {
  const wanted = Math.min(
    Number(given.load) / Math.max(share, 0.01),
    ownLimit / Math.max(ownShare, 0.01),
  );
  return Math.min(2, Math.max(0.5, wanted));
}

/** Looks at what a span of time has used; the trace gets a line. */
class Meter {
  #at = elapsed();
  #used = usage(pid).seconds;
  #own = process.cpuUsage();
  #counts = { ...agent.counts };

  get age() {
    return elapsed() - this.#at;
  }

  read() {
    const { seconds, megabytes } = usage(pid);
    const span = this.age;
    const own = process.cpuUsage(this.#own);
    const share = (seconds - this.#used) / span;
    const ownShare = (own.user + own.system) / 1e6 / span;
    const requests = agent.counts.requests - this.#counts.requests;
    const repeated = agent.counts.repeated - this.#counts.repeated;
    [this.#at, this.#used, this.#own] = [elapsed(), seconds, process.cpuUsage()];
    this.#counts = { ...agent.counts };
    const rounded = (value) => Number(value.toFixed(2));
    const line = { second: Math.round(this.#at), rate: Math.round(load.rate), megabytes, repeated };
    trace.push({ ...line, share: rounded(share), own_share: rounded(ownShare) });
    return { share, ownShare, isCongested: repeated > requests / 100 };
  }
}

/** The rate that was found in the beginning. */
let fullRate = Infinity;

/**
 * Load for that many seconds. In the first of them its rate is found; later it stays what it is, but gives way while other programs
 * take the machine: what is lost then would say nothing about the server.
 */
async function run(seconds, { adjusts }) {
  const end = elapsed() + seconds;
  const adjustUntil = adjusts ? elapsed() + Math.min(60, seconds / 2) : 0;
  let last = performance.now();
  const meter = new Meter();
  // After a pause and forced collections code is cold again.
  if (!adjusts) load.rate = fullRate / 16;
  while (elapsed() < end) {
    await pause(tickMs);
    const now = performance.now();
    load.pass((now - last) / 1000);
    last = now;
    if (meter.age < 5) continue;
    const { share, ownShare, isCongested } = meter.read();
    if (isCongested) load.rate *= 0.6;
    else if (elapsed() < adjustUntil) load.rate *= correction(share, ownShare);
    else load.rate = Math.min(fullRate, 1.5 * load.rate);
    if (elapsed() < adjustUntil) fullRate = load.rate;
  }
}

/** Waits until all that is temporary is over; what is left then. */
async function checkpoint() {
  const begunAt = elapsed();
  await pause(quietSeconds * 1000);
  while (elapsed() - begunAt < quietSecondsAtMost && (await statistics())["tm.current"] > 0)
    await pause(1000);
  const memory = await ask("probe", "\n");
  return {
    second: Math.round(elapsed()),
    heap: memory.heapUsed,
    external: memory.external + memory.arrayBuffers,
    resident: memory.rss,
    statistics: await statistics(),
  };
}

console.error(`${minutes} minutes of load, the first comparison after ${settleMinutes}`);
await run(settleMinutes * 60, { adjusts: true });
const first = await checkpoint();
await run((minutes - settleMinutes) * 60, { adjusts: false });
const last = await checkpoint();
agent.close();
const ended = new Promise((done) => server.child.once("exit", done));
server.child.kill("SIGTERM");
await ended;

/** What is in tables now, as against what was counted since the start. */
const isLevel =
  /_users$|usrloc:.*_contacts$|registered_users|subscriptions$|publications$|_waiting$|inuse_|active_|^tm\.(?:current|waiting|total_local_open|delayed)/;
const levels = Object.keys(last.statistics).filter((name) => isLevel.test(name));
const grown = levels.filter((name) => last.statistics[name] > first.statistics[name]);
const growth = last.heap / first.heap - 1;
const unfinished = Object.keys(load.counts.begun).filter(
  (kind) => load.counts.begun[kind] !== (load.counts.ended[kind] ?? 0),
);
/** What the server really had to do, once its rate had been found: less than wanted when the machine had other work. */
const steady = trace.filter((line) => line.second > first.second);
const meanShare = steady.reduce((sum, line) => sum + line.share, 0) / Math.max(1, steady.length);
const verdict = {
  mean_share_of_core: Number(meanShare.toFixed(2)),
  heap_growth: Number(growth.toFixed(4)),
  is_heap_flat: growth <= allowedGrowth,
  grown_tables: grown,
  lost: agent.counts.lost,
  unexpected: load.counts.unexpected,
  unfinished,
};
const isFine =
  verdict.is_heap_flat &&
  grown.length === 0 &&
  unfinished.length === 0 &&
  agent.counts.lost === 0 &&
  Object.keys(load.counts.unexpected).length === 0;
const report = {
  date: new Date().toISOString(),
  node: process.version,
  minutes,
  load: Number(given.load),
  users: Number(given.users),
  things_per_second: Math.round(fullRate),
  is_fine: isFine,
  verdict,
  transport: agent.counts,
  load_counts: load.counts,
  levels: Object.fromEntries(
    levels.map((name) => [name, [first.statistics[name], last.statistics[name]]]),
  ),
  first,
  last,
  trace,
};
mkdirSync(dirname(resolve(given.out)), { recursive: true });
writeFileSync(given.out, `${JSON.stringify(report, null, 1)}\n`);
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
console.log(
  `heap after collection: ${megabytes(first.heap)} MB after ${first.second} s, ${megabytes(last.heap)} MB after ${last.second} s (${(100 * growth).toFixed(1)} %)`,
);
console.table(report.levels);
console.log(JSON.stringify({ ...verdict, ...agent.counts, ...load.counts }, null, 1));
console.log(
  `${isFine ? "flat, and nothing lost" : "NOT FINE"}, at ${(100 * meanShare).toFixed(0)} % of a core`,
);
process.exitCode = isFine ? 0 : 1;
