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
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const root = resolve(import.meta.dirname, "..");
const { values: given } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    modes: { type: "string", default: "options,register,relay,lookup" },
    workers: { type: "string", default: "2" },
    warm: { type: "string", default: "5" },
    window: { type: "string", default: "64" },
    port: { type: "string", default: "15160" },
    program: { type: "string", default: join(root, "bin/olelo") },
  },
});
const directory = mkdtempSync(join(tmpdir(), "workers-"));
const blast = join(directory, "sipblast");
execFileSync("cc", ["-O2", "-w", "-o", blast, join(root, "bench/sipblast.c")]);
const basePort = Number(given.port);

async function start(workers, port) {
  const config = join(directory, `bench-${port}.cfg`);
  const text = readFileSync(join(root, "bench/bench.cfg"), "utf8");
  writeFileSync(config, text.replaceAll("15060", String(port)));
  const args = ["-f", config, "-DD", "-E", "-w", directory, "-Y", directory];
  const child = spawn(process.execPath, [given.program, ...args, "--workers", String(workers)], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stop = () => process.kill(-child.pid, "SIGKILL");
  process.on("exit", () => {
    if (child.exitCode === null && child.signalCode === null) stop();
  });
  await new Promise((ready, failed) => {
    let log = "";
    child.stderr.on("data", (data) => {
      log += data;
      if (/ 0\(\d+\) .*ready: /.test(log)) ready();
    });
    child.on("exit", () => failed(new Error(`the server ended:\n${log}`)));
  });
  return { workers, port, group: child.pid, stop };
}

function measure(server, mode, seconds) {
  const options = {
    target: `127.0.0.1:${server.port}`,
    mode,
    window: Number(given.window) * server.workers,
    seconds,
    warmup: 0.5,
    pgid: server.group,
    port: server.port + 1,
    uas: server.port + 2,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return JSON.parse(execFileSync(blast, args));
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
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
  for (const server of servers) server.stop();
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
