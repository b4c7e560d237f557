#!/usr/bin/env node
/**
 * What documents of registration state cost, beside Kamailio on the same input in one run: processor time of the process group for
 * each NOTIFY that is applied, and for each REGISTER with and without the PUBLISH that it brings.
 *
 *   node bench/reginfo.mjs             7 rounds of 2 s
 *   node bench/reginfo.mjs --quick     3 rounds of 1 s
 *
 * Needs Debian's `kamailio` and `kamailio-presence-modules`; without them only olelo is measured.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { figure as figureOf } from "./lib/compare.mjs";
import { puaDatabase } from "./lib/configs.mjs";
import { startServer } from "./servers.mjs";

const root = resolve(import.meta.dirname, "..");
const { values: given } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    window: { type: "string", default: "32" },
    base: { type: "string", default: "15300" },
    out: { type: "string", default: join(root, "bench/results/reginfo.json") },
  },
});
const rounds = Number(given.rounds ?? (given.quick ? 3 : 7));
const seconds = given.seconds ?? (given.quick ? "1" : "2");
const base = Number(given.base);

const loads = [
  { name: "NOTIFY, 1 contact", args: ["--mode", "notify", "--contacts", "1"], publish: 0 },
  { name: "NOTIFY, 10 contacts", args: ["--mode", "notify", "--contacts", "10"], publish: 0 },
  { name: "REGISTER", args: ["--mode", "register"], publish: 0 },
  {
    name: "REGISTER and PUBLISH",
    args: ["--mode", "register", "--publishes", "1"],
    publish: 1,
  },
];

const hasKamailio = spawnSync("kamailio", ["-v"]).status === 0;
if (!hasKamailio) console.error("kamailio is not installed: measuring without it");
const kinds = hasKamailio ? ["olelo", "kamailio"] : ["olelo"];

/** The config of a server; Kamailio's pua wants a database, of which it reads and writes little. */
function configOf(kind, sink, publish) {
  const folder = mkdtempSync(join(tmpdir(), "bench-reginfo-"));
  let database = "";
  if (kind === "kamailio") {
    database = `loadmodule "db_text.so"\nloadmodule "pua.so"\nmodparam("pua", "db_url", "${puaDatabase()}")`;
  }
  const text = readFileSync(join(root, "bench/reginfo.cfg"), "utf8");
  const filled = text
    .replaceAll("@SINK@", String(sink))
    .replaceAll("@PUBLISH@", String(publish))
    .replace(database === "" ? "@DATABASE@\n" : '@DATABASE@\nloadmodule "pua.so"', database);
  const file = join(folder, "reginfo.cfg");
  writeFileSync(file, filled);
  return file;
}

const samples = {};
for (const [number, load] of loads.entries()) {
  const servers = [];
  for (const [index, kind] of kinds.entries()) {
    const port = base + number * 20 + index * 5;
    const config = configOf(kind, port + 1, load.publish);
    servers.push(await startServer(kind, config, port));
  }
  // Compilers and tables get warm before anything counts.
  for (const server of servers) measure(server, load, given.quick ? "3" : "6");
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      ((samples[load.name] ??= {})[server.kind] ??= []).push(measure(server, load, seconds));
    }
  }
  for (const server of servers) await server.stop();
}

function measure(server, load, duration) {
  const output = execFileSync("taskset", [
    "-c",
    "1",
    process.execPath,
    join(root, "bench/reginfo-load.mjs"),
    ...load.args,
    "--server",
    String(server.port),
    "--port",
    String(server.port + 1),
    "--group",
    String(server.group),
    "--window",
    given.window,
    "--seconds",
    duration,
  ]);
  return JSON.parse(output);
}

const figure = (name, kind, field) => figureOf(samples[name]?.[kind], field);
const shown = (value, digits = 1) => (value === undefined ? "-" : value.toFixed(digits));
const total = (name, field) =>
  kinds.map((kind) => (samples[name]?.[kind] ?? []).reduce((sum, one) => sum + one[field], 0));
const ratio = (own, theirs) =>
  own === undefined || theirs === undefined ? "-" : (own / theirs).toFixed(2);

const rows = loads.map(({ name }) => {
  const own = figure(name, "olelo", "cpu_us");
  const theirs = figure(name, "kamailio", "cpu_us");
  return {
    load: name,
    "olelo us": shown(own),
    "kamailio us": shown(theirs),
    ratio: ratio(own, theirs),
    "olelo/s": shown(figure(name, "olelo", "per_second"), 0),
    "kamailio/s": shown(figure(name, "kamailio", "per_second"), 0),
    "PUBLISH each": kinds
      .map((kind) => shown(figure(name, kind, "publish_per_register"), 2))
      .join("/"),
    failed: total(name, "failed").join("/"),
    lost: total(name, "lost").join("/"),
  };
});
const added = (kind) => {
  const without = figure("REGISTER", kind, "cpu_us");
  const withIt = figure("REGISTER and PUBLISH", kind, "cpu_us");
  return without === undefined || withIt === undefined ? undefined : withIt - without;
};
rows.push({
  load: "PUBLISH (the difference)",
  "olelo us": shown(added("olelo")),
  "kamailio us": shown(added("kamailio")),
  ratio: ratio(added("olelo"), added("kamailio")),
});
console.log(
  `Processor time for each (user + system, whole process group, one core each); median of ${rounds} alternating rounds of ${seconds} s; figures with / are ${kinds.join("/")}`,
);
console.table(rows);
for (const { name } of loads) {
  for (const kind of kinds) {
    if (figure(name, kind, "cpu_us") !== undefined) continue;
    console.error(`${kind} answered nothing: ${name}`);
    process.exitCode = 1;
  }
}
mkdirSync(resolve(given.out, ".."), { recursive: true });
writeFileSync(
  given.out,
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, cpu: cpus()[0]?.model, rounds, seconds, rows, samples }, null, 1)}\n`,
);
