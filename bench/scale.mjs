#!/usr/bin/env node
/**
 * One process with a million contacts: cost of a REGISTER and of a lookup at each size, memory, and the longest pauses while all
 * of them are registered, refreshed, listed, and run out in the same second. Writes bench/results/scale.json.
 *
 *   npm run bench:scale                        some five minutes
 *   npm run bench:scale -- --users 100000      a smaller one
 *   npm run bench:scale -- --kamailio 100000   Kamailio's cost at each size up to that number as well
 *   npm run bench:scale -- --node-flags --v8-pool-size=1,--max-semi-space-size=8
 *
 * A pause is seen from outside: a request every 5 ms; the longest time until an answer, with and without the delays of this program
 * itself. On a machine with other work the scheduler adds to it, so the longest stops of V8's collector are listed beside it.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { blastMeanwhile, buildBlast } from "./lib/blast.mjs";
import { ask, GarbageTrace, Probe, round } from "./lib/watch.mjs";
import { residentMegabytes } from "./lib/processes.mjs";
import { startServer } from "./servers.mjs";

const root = resolve(import.meta.dirname, "..");
const { values: given } = parseArgs({
  options: {
    users: { type: "string", default: "1000000" },
    rate: { type: "string", default: "12000" },
    kamailio: { type: "string", default: "0" },
    "node-flags": { type: "string", default: "" },
    port: { type: "string", default: "15160" },
    out: { type: "string", default: join(root, "bench/results/scale.json") },
  },
});
const rate = Number(given.rate);
const port = Number(given.port);
const blast = buildBlast();
/** V8 collects garbage on threads of its own: the server has both cores, the generator one of them. */
const serverCores = "0,1";
/** Comes once with each address of record of a list. */
const NAME = '"AoR":';

const load = [loadavg()[0]];
const result = { date: new Date().toISOString(), rate, load };
result.olelo = await measureOlelo(Number(given.users));
if (Number(given.kamailio) > 0) result.kamailio = await measureKamailio(Number(given.kamailio));
load.push(loadavg()[0]);
print(result);
mkdirSync(dirname(resolve(given.out)), { recursive: true });
writeFileSync(given.out, `${JSON.stringify(result, null, 2)}\n`);

async function measureOlelo(users) {
  const garbage = new GarbageTrace();
  const server = await start("olelo", {
    nodeFlags: ["--trace-gc", ...given["node-flags"].split(",").filter((flag) => flag !== "")],
    onOutput: (text) => garbage.read(text),
  });
  const socket = join(server.directory, "kamailio_rpc.sock");
  const probe = new Probe(port);
  await probe.start();
  const phases = {};
  const during = async (name, work) => {
    probe.take();
    garbage.take();
    const begun = performance.now();
    const value = await work();
    const seconds = round((performance.now() - begun) / 1000);
    phases[name] = { seconds, ...value, pauses: probe.take(), garbage: garbage.take() };
    console.error(name, JSON.stringify(phases[name]));
  };

  // Code is compiled, and both ways in and out of the table have been gone.
  await register(server, { users: 30_000, first: 5_000_000, expires: 1 });
  await lookUp(server, 1000);
  await until(socket, 0);
  const empty = residentMegabytes(server.group);
  const sizes = await grow(server, users, (name, work) => during(name, work));
  for (const size of sizes) size.bytesPerContact = bytesOf(size, empty);
  const listing = 40;
  const lifetime = Math.ceil(users / rate) + listing;
  const endsAt = performance.now() + lifetime * 1000;
  await during("refreshing all", () =>
    register(server, { users, stride: 7919, until: lifetime, cseq: 2 }),
  );
  // Contacts whose refresh did not come through live on.
  const { lost } = phases["refreshing all"];
  const refreshed = residentMegabytes(server.group);
  await during("ul.dump", () => list(socket, []));
  await during("ul.dump brief", () => list(socket, ["brief"]));
  const listed = residentMegabytes(server.group);
  await sleep(Math.max(0, endsAt - performance.now() - 1000));
  await during("all run out in one second", () => until(socket, lost));
  probe.stop();
  await server.stop();
  return { sizes, megabytes: { empty: round(empty), refreshed: round(refreshed), listed }, phases };
}

async function measureKamailio(users) {
  const server = await start("kamailio", { flags: ["-m", "3000"] });
  // What a contact takes cannot be told from outside: transactions use the same shared memory.
  const sizes = await grow(server, users, (_name, work) => work());
  await server.stop();
  return { sizes };
}

/** Resident memory of each contact; of few of them nothing can be said. */
function bytesOf({ megabytes, users }, empty) {
  return users < 100_000 ? null : Math.round(((megabytes - empty) * 1024 * 1024) / users);
}

/** Registers new users up to each size, and looks some of them up there. */
async function grow(server, users, during) {
  const sizes = [];
  let known = 0;
  for (const size of [1000, 10_000, 100_000, 300_000, 1_000_000]) {
    if (size > users) break;
    const entry = { users: size };
    await during(`new users up to ${size}`, async () => {
      const seen = await register(server, { users: size - known, first: known });
      entry.insertMicroseconds = seen.cpu_us_per_tx;
      entry.megabytes = round(residentMegabytes(server.group));
      return seen;
    });
    await during(`lookups among ${size}`, async () => {
      const seen = await lookUp(server, size);
      entry.lookupMicroseconds = seen.cpu_us_per_tx;
      return seen;
    });
    known = size;
    sizes.push(entry);
  }
  return sizes;
}

async function start(kind, options) {
  const own = `loadmodule "kex.so"
loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "pretty_format", 0)
`;
  const text = readFileSync(join(root, "bench/bench.cfg"), "utf8");
  const config = join(mkdtempSync(join(tmpdir(), "scale-")), "scale.cfg");
  const more = kind === "olelo" ? `${own}modparam("registrar", "min_expires", 1)\n` : "";
  writeFileSync(config, text.replace("request_route", `${more}\nrequest_route`));
  const server = await startServer(kind, config, port, { core: serverCores, ...options });
  return { ...server, uasPort: port + 2 };
}

async function register(server, options) {
  const all = { mode: "publish", seconds: 3600, warmup: 0, rate, run: 1_234_567, ...options };
  return pick(await blastMeanwhile(blast, server, all));
}

async function lookUp(server, users) {
  const options = { mode: "lookup", users, stride: 7919, seconds: 4, warmup: 1, rate: rate / 4 };
  return pick(await blastMeanwhile(blast, server, options));
}

function pick({ done, lost, non_2xx, p99_ms, max_ms, cpu_us_per_tx }) {
  return { done, lost, non_2xx, p99_ms, max_ms, cpu_us_per_tx };
}

async function list(socket, params) {
  let users = 0;
  let before = "";
  const { bytes } = await ask(socket, "ul.dump", params, (text) => {
    const all = before + text;
    let end = 0;
    for (let at = all.indexOf(NAME); at >= 0; at = all.indexOf(NAME, end)) {
      users++;
      end = at + NAME.length;
    }
    before = all.slice(Math.max(end, all.length - NAME.length + 1));
  });
  return { bytes, users };
}

/** Waits until so few users are left. */
async function until(socket, users) {
  for (;;) {
    const { last } = await ask(socket, "stats.get_statistics", ["usrloc:registered_users"]);
    const found = /= (\d+)/.exec(last);
    if (found === null) throw new Error(`no statistics: ${last}`);
    if (Number(found[1]) <= users) return {};
    await sleep(200);
  }
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function print({ olelo, kamailio }) {
  const columns = ["users", "insertMicroseconds", "lookupMicroseconds"];
  console.log("olelo: CPU of a new user's REGISTER and of a lookup-and-relay, memory");
  console.table(olelo.sizes, [...columns, "bytesPerContact"]);
  if (kamailio !== undefined) {
    console.log("Kamailio");
    console.table(kamailio.sizes, columns);
  }
  const rows = Object.entries(olelo.phases).map(([name, { seconds, pauses, garbage }]) => ({
    phase: name,
    seconds,
    "p99 ms": pauses.p99,
    "longest ms": pauses.longest,
    "without own ms": pauses.server,
    unanswered: pauses.unanswered,
    "scavenge ms": garbage.young.longest,
    "mark-compact ms": garbage.old.longest,
    "marking step ms": garbage.old.longestStep,
  }));
  console.table(rows);
}
