#!/usr/bin/env node
/**
 * What further workers bring. The generator needs the same cores as the server, so each core gets its share of both: one worker and one
 * generator on one core are compared with N workers and N generators on N cores, in turns. Whatever the generator costs, it costs
 * each core alike, and the ratio of the rates is what N workers handle. Beside it, what processor time alone says: if a transaction
 * costs c1 with one worker and cN with N, N cores handle N * c1 / cN times what one does.
 *
 *   node bench/workers.mjs [--rounds 7] [--seconds 2] [--modes options,register,relay,lookup] [--workers N]
 *
 * Generators run with the policy SCHED_BATCH: one that wakes up does not interrupt the worker whose first answer woke it. Each has
 * users of its own. Writes bench/results/workers.json. Needs a C compiler for the generator, and `npm run build`.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { blastMeanwhile, buildBlast } from "./lib/blast.mjs";
import { median } from "./lib/compare.mjs";
import { processesOf } from "./lib/processes.mjs";
import { round } from "./lib/watch.mjs";
import { startServer } from "./servers.mjs";

const config = join(import.meta.dirname, "bench.cfg");
const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "2" },
    modes: { type: "string", default: "options,register,relay,lookup" },
    workers: { type: "string", default: String(availableParallelism()) },
    warm: { type: "string", default: "4" },
    window: { type: "string", default: "64" },
    users: { type: "string", default: "10000" },
    port: { type: "string", default: "15160" },
    out: { type: "string", default: join(import.meta.dirname, "results/workers.json") },
  },
});
const blast = buildBlast();
const workers = Number(given.workers);

/** A server with a worker on each of the first so many cores. */
async function start(count, port) {
  const flags = ["--workers", String(count)];
  const server = await startServer("olelo", config, port, { core: `0-${count - 1}`, flags });
  // The port is open before all workers are there.
  for (const deadline = Date.now() + 15_000; !/ 0\(\d+\) .*ready: /.test(server.log());) {
    if (Date.now() > deadline) throw new Error(`the workers did not start:\n${server.log()}`);
    await pause(20);
  }
  const pids = processesOf(server.group);
  if (pids.length !== count) throw new Error(`${pids.length} processes are ${count} workers`);
  pids.forEach((pid, core) => execFileSync("taskset", ["-acp", String(core), String(pid)]));
  return { ...server, count };
}

/** Loads a server from each of its cores; all together. */
async function measure(server, mode, seconds) {
  const { window, users } = given;
  const generators = Array.from({ length: server.count }, (_, core) => {
    const from = { ...server, uasPort: server.port + 100 * (core + 1) };
    const first = core * Number(users);
    const options = { mode, window, users, first, seconds };
    return blastMeanwhile(blast, from, options, core, ["chrt", "--batch", "0"]);
  });
  const samples = await Promise.all(generators);
  const total = (read) => samples.reduce((sum, sample) => sum + read(sample), 0);
  const done = total((one) => one.done);
  return {
    per_second: total((one) => one.per_second),
    // Each generator has read the processor time of the whole server.
    us: total((one) => one.cpu_us_per_tx * one.done) / server.count / done,
    lost: total((one) => one.lost),
    non_2xx: total((one) => one.non_2xx),
  };
}

async function compareMode(mode) {
  const servers = [
    await start(1, Number(given.port)),
    await start(workers, Number(given.port) + 10),
  ];
  // Each process compiles its code as it finds out what is used often.
  for (const server of servers) {
    if (mode === "lookup") await measure(server, "register", given.warm);
    await measure(server, mode, given.warm);
  }
  const samples = servers.map(() => []);
  for (let turn = 0; turn < Number(given.rounds); turn++)
    for (const [i, server] of servers.entries())
      samples[i].push(await measure(server, mode, given.seconds));
  for (const server of servers) await server.stop();
  return samples;
}

const middle = (list, name) => median(list.map((sample) => sample[name]));
const rows = [];
for (const mode of given.modes.split(",")) {
  const [one, several] = await compareMode(mode);
  const all = [...one, ...several];
  rows.push({
    mode,
    "per second, 1": middle(one, "per_second"),
    [`per second, ${workers}`]: middle(several, "per_second"),
    ratio: round(middle(several, "per_second") / middle(one, "per_second")),
    "us, 1": round(middle(one, "us")),
    [`us, ${workers}`]: round(middle(several, "us")),
    "by processor time": round((workers * middle(one, "us")) / middle(several, "us")),
    lost: Math.max(...all.map((sample) => sample.lost)),
    "non-2xx": Math.max(...all.map((sample) => sample.non_2xx)),
  });
}
console.log(`one worker and one generator on one core; ${workers} of each on ${workers} cores`);
console.table(rows);
const { rounds, seconds, window } = given;
const report = { date: new Date().toISOString(), workers, rounds, seconds, window, rows };
writeFileSync(given.out, `${JSON.stringify(report, null, 1)}\n`);
