#!/usr/bin/env node
/**
 * What a second worker brings: CPU time per transaction, all processes together, with one worker and with two, at the same load. If
 * a transaction costs c1 with one and c2 with two, two cores handle 2 * c1 / c2 times what one does. The generator's share of the
 * machine does not come into it. Each worker has as many requests in flight as the only one had.
 *
 *   node bench/workers.mjs [--rounds 5] [--seconds 2] [--modes options,register,relay,lookup] [--workers 2] [--warm 5]
 *
 * Needs a C compiler for the load generator, and `npm run build`.
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildBlast, runBlast } from "./lib/blast.mjs";
import { median } from "./lib/compare.mjs";
import { startServer } from "./servers.mjs";

const config = join(import.meta.dirname, "bench.cfg");
const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    modes: { type: "string", default: "options,register,relay,lookup" },
    workers: { type: "string", default: "2" },
    warm: { type: "string", default: "5" },
    window: { type: "string", default: "64" },
    port: { type: "string", default: "15160" },
  },
});
const blast = buildBlast();
const basePort = Number(given.port);
/** Servers and generator go where the system lets them. */
const allCores = `0-${cpus().length - 1}`;

async function start(workers, port) {
  const flags = ["--workers", String(workers)];
  const server = await startServer("olelo", config, port, { core: allCores, flags });
  // The port is open before all workers are there.
  for (const deadline = Date.now() + 15_000; !/ 0\(\d+\) .*ready: /.test(server.log());) {
    if (Date.now() > deadline) throw new Error(`the workers did not start:\n${server.log()}`);
    await pause(20);
  }
  return { ...server, workers, uasPort: port + 2 };
}

function measure(server, mode, seconds) {
  const options = { mode, window: Number(given.window) * server.workers, seconds };
  return runBlast(blast, server, options, allCores);
}

const rows = [];
for (const mode of given.modes.split(",")) {
  const servers = [await start(1, basePort), await start(Number(given.workers), basePort + 10)];
  const samples = servers.map(() => []);
  if (mode === "lookup") for (const server of servers) measure(server, "register", given.warm);
  // Each process compiles its code as it finds out what is used often: two take twice as long over it.
  for (const server of servers) measure(server, mode, given.warm);
  for (let round = 0; round < Number(given.rounds); round++) {
    servers.forEach((server, i) => samples[i].push(measure(server, mode, given.seconds)));
  }
  for (const server of servers) await server.stop();
  const [one, several] = samples.map((list) => median(list.map((sample) => sample.cpu_us_per_tx)));
  const all = samples.flat();
  rows.push({
    mode,
    "us, 1 worker": one,
    [`us, ${given.workers} workers`]: several,
    capacity: Number(((Number(given.workers) * one) / several).toFixed(2)),
    lost: Math.max(...all.map((sample) => sample.lost)),
    "non-2xx": Math.max(...all.map((sample) => sample.non_2xx)),
  });
}
console.log("CPU time per transaction, all processes; capacity: times the load of one worker");
console.table(rows);
