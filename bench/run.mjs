#!/usr/bin/env node
/**
 * Compares olelo with Kamailio and with a bare UDP echo in one run: CPU time per transaction, on one core each.
 *
 *   npm run bench                      7 rounds of 2 s
 *   npm run bench -- --quick           3 rounds of 1 s
 *   npm run bench -- --modes relay,lookup --config bench/bench.cfg --rounds 9 --seconds 2
 *
 * Needs a C compiler for the load generator and Debian's `kamailio`; without Kamailio only olelo and the echo are measured.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { residentMegabytes, startServer } from "./servers.mjs";

const root = resolve(import.meta.dirname, "..");
const { values: given } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    modes: { type: "string", default: "options,register,relay,lookup" },
    config: { type: "string", default: join(root, "bench/bench.cfg") },
    rounds: { type: "string" },
    seconds: { type: "string" },
    window: { type: "string", default: "64" },
    servers: { type: "string", default: "olelo,kamailio,echo" },
    out: { type: "string", default: join(root, "bench/results/latest.json") },
  },
});
const rounds = Number(given.rounds ?? (given.quick ? 3 : 7));
const seconds = given.seconds ?? (given.quick ? "1" : "2");

const blast = join(mkdtempSync(join(tmpdir(), "sipblast-")), "sipblast");
execFileSync("cc", ["-O2", "-w", "-o", blast, join(root, "bench/sipblast.c")], {
  stdio: "inherit",
});

const hasKamailio = spawnSync("kamailio", ["-v"]).status === 0;
const kinds = given.servers.split(",").filter((kind) => kind !== "kamailio" || hasKamailio);
if (!hasKamailio) console.error("kamailio is not installed: measuring without it");

const modes = given.modes.split(",");
const samples = {};
const memory = {};
for (const mode of modes) {
  // Each mode finds fresh servers: what one load leaves behind is not part of the next one's figure.
  const servers = [];
  for (const [index, kind] of kinds.entries()) {
    if (kind === "echo" && mode !== "options") continue;
    servers.push({
      index,
      ...(await startServer(kind, resolve(given.config), 15_060 + index * 10)),
    });
  }
  for (const server of servers)
    if (mode === "lookup") measure(server, server.index, "register", "2");
  for (let round = 0; round < rounds; round++)
    for (const server of servers)
      ((samples[mode] ??= {})[server.kind] ??= []).push(
        measure(server, server.index, mode, seconds),
      );
  for (const server of servers) {
    memory[server.kind] = Math.max(memory[server.kind] ?? 0, residentMegabytes(server.group));
    await server.stop();
  }
}

function measure(server, index, mode, duration) {
  const port = 21_000 + index * 10;
  const output = execFileSync("taskset", [
    "-c",
    "1",
    blast,
    "--target",
    `127.0.0.1:${server.port}`,
    "--mode",
    mode,
    "--window",
    given.window,
    "--seconds",
    duration,
    "--warmup",
    "0.5",
    "--port",
    String(port),
    "--uas",
    String(port + 1),
    "--pgid",
    String(server.group),
  ]);
  return JSON.parse(output);
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const figure = (mode, kind, name) => {
  // A round without any answer has no figure; how many there were is in the samples.
  const list = samples[mode]?.[kind]?.filter((sample) => sample.done > 0) ?? [];
  return list.length === 0 ? undefined : median(list.map((sample) => sample[name]));
};
const shown = (value, digits = 1) => (value === undefined ? "-" : value.toFixed(digits));

const rows = modes.map((mode) => {
  const own = figure(mode, "olelo", "cpu_us_per_tx");
  const theirs = figure(mode, "kamailio", "cpu_us_per_tx");
  return {
    mode,
    "olelo us": shown(own),
    "kamailio us": shown(theirs),
    ratio: own === undefined || theirs === undefined ? "-" : (own / theirs).toFixed(2),
    "echo us": shown(figure("options", "echo", "cpu_us_per_tx")),
    "olelo/s": shown(figure(mode, "olelo", "per_second"), 0),
    "kamailio/s": shown(figure(mode, "kamailio", "per_second"), 0),
    "olelo p50/p99 ms": `${shown(figure(mode, "olelo", "p50_ms"), 2)}/${shown(figure(mode, "olelo", "p99_ms"), 2)}`,
    "kamailio p50/p99 ms": `${shown(figure(mode, "kamailio", "p50_ms"), 2)}/${shown(figure(mode, "kamailio", "p99_ms"), 2)}`,
    lost: Math.max(...(samples[mode]?.olelo ?? [{ lost: 0 }]).map((sample) => sample.lost)),
    "non-2xx": Math.max(
      ...(samples[mode]?.olelo ?? [{ non_2xx: 0 }]).map((sample) => sample.non_2xx),
    ),
  };
});
console.log(
  `CPU time per transaction (user + system, whole process group, one core each); median of ${rounds} alternating rounds of ${seconds} s`,
);
console.table(rows);
console.log(
  Object.entries(memory)
    .map(([kind, megabytes]) => `${kind}: ${megabytes.toFixed(0)} MB resident`)
    .join(", "),
);
mkdirSync(resolve(given.out, ".."), { recursive: true });
writeFileSync(
  given.out,
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, rounds, seconds, rows, samples }, null, 1)}\n`,
);
