#!/usr/bin/env node
/**
 * Compares olelo with Kamailio and with a bare UDP echo in one run, on one core each: CPU time per transaction at full rate, times
 * of answers at half load, memory; start-up before it, and the cost of statements after it. Writes bench/results/latest.json and latest.svg.
 *
 *   npm run bench                      everything: 7 rounds of 2 s in each mode
 *   npm run bench -- --quick           everything in under two minutes: figures to look at, not to quote
 *   npm run bench -- --config stock    Debian's example configuration alone; other names: bench, publishing, or a file
 *   npm run bench -- --modes relay,lookup --config some.cfg --rounds 9 --seconds 2
 *
 * Needs a C compiler for the load generator and Debian's `kamailio`; without Kamailio only olelo and the echo are measured.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildBlast } from "./lib/blast.mjs";
import { compare } from "./lib/compare.mjs";
import { isThere, modesOf } from "./lib/configs.mjs";
import { plotOf } from "./lib/plot.mjs";
import { printRows, rowsOf } from "./lib/report.mjs";
import { measureScript, printScript } from "./script.mjs";
import { measureStartup, printStartup } from "./startup.mjs";

const root = resolve(import.meta.dirname, "..");
const { values: given } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    modes: { type: "string" },
    config: { type: "string" },
    rounds: { type: "string" },
    "half-rounds": { type: "string" },
    seconds: { type: "string" },
    window: { type: "string", default: "64" },
    users: { type: "string", default: "10000" },
    port: { type: "string", default: "15060" },
    servers: { type: "string", default: "olelo,kamailio,echo" },
    out: { type: "string", default: join(root, "bench/results/latest.json") },
  },
});
const usual = given.quick
  ? { rounds: 3, halfRounds: 1, seconds: "0.5", warmup: "0.2", warmSeconds: "0.6" }
  : { rounds: 7, halfRounds: 3, seconds: "2", warmup: "0.5", warmSeconds: "1" };

const version = spawnSync("kamailio", ["-v"], { encoding: "utf8" });
const hasKamailio = version.status === 0;
if (!hasKamailio) console.error("kamailio is not installed: measuring without it");

const wanted = given.config?.split(",") ?? Object.keys(modesOf);
const configs = wanted.filter((name) => isThere(name));
for (const name of wanted)
  if (!configs.includes(name)) console.error(`${name}: what it needs is not installed`);
const plan = {
  ...usual,
  rounds: Number(given.rounds ?? usual.rounds),
  halfRounds: Number(given["half-rounds"] ?? usual.halfRounds),
  seconds: given.seconds ?? usual.seconds,
  modes: given.modes?.split(","),
  window: given.window,
  users: given.users,
  port: Number(given.port),
  kinds: given.servers.split(",").filter((kind) => kind !== "kamailio" || hasKamailio),
  configs,
  blast: buildBlast(),
};

const begun = new Date();
const load = [loadavg()[0]];
// One configuration or mode on its own: somebody is looking at just that.
const isWhole = given.config === undefined && given.modes === undefined;
// First: minutes of full load leave a shared machine slower than they found it.
const startup = isWhole ? await measureStartup({ rounds: given.quick ? 3 : 9 }) : undefined;
const results = [];
for (const config of configs) {
  for (const result of await compare(config, plan)) {
    results.push(result);
    console.error(`${config} ${result.mode}: measured`);
  }
}
load.push(loadavg()[0]);
const rows = rowsOf(results);
const script = isWhole ? await measureScript({ quick: given.quick }) : undefined;

printRows(rows);
if (startup) printStartup(startup);
if (script) printScript(script);
const kamailio = /version: kamailio ([\d.]+)/.exec(version.stdout ?? "")?.[1];
const machine = [
  `Node.js ${process.version.slice(1)}`,
  kamailio === undefined ? "no Kamailio" : `Kamailio ${kamailio} with one worker`,
  `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`,
].join(", ");
const method = `median of ${plan.rounds} alternating rounds of ${plan.seconds} s, ${plan.window} requests under way, one core each`;
console.log(
  `${machine}; ${method}; load average ${load.map((one) => one.toFixed(1)).join(" to ")}`,
);
const report = {
  date: begun.toISOString(),
  minutes: Number(((Date.now() - begun.getTime()) / 60_000).toFixed(1)),
  machine,
  method,
  load_average: load,
  rows,
  startup,
  script,
  samples: results,
};
mkdirSync(dirname(resolve(given.out)), { recursive: true });
writeFileSync(given.out, `${JSON.stringify(report, null, 1)}\n`);
const plotFile = given.out.replace(/(\.json)?$/, ".svg");
writeFileSync(plotFile, plotOf(rows, `${machine}; ${begun.toISOString().slice(0, 10)}`));
