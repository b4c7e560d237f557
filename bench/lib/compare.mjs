/** Measures one configuration in its modes: servers in turn, first as fast as they can, then at a fixed rate. */
import { modesOf, writeConfig } from "./configs.mjs";
import { runBlast } from "./blast.mjs";
import { residentMegabytes } from "./processes.mjs";
import { startServer } from "../servers.mjs";

/** The middle of a list; `undefined` of an empty one. */
export function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
}

/** The median of one figure over rounds. A round without any answer has none; how many there were is in the samples. */
export function figure(samples, name) {
  return median((samples ?? []).filter((one) => one.done > 0).map((one) => one[name]));
}

/** The samples of every mode of a configuration. `plan` says how often, how long, and with what. */
export async function compare(config, plan) {
  const results = [];
  const known = modesOf[config] ?? modesOf.bench;
  for (const mode of known.filter((name) => plan.modes === undefined || plan.modes.includes(name)))
    results.push(await compareMode(config, mode, plan));
  return results;
}

/** Each mode finds fresh servers: what one load leaves behind is not part of the next one's figure. */
async function compareMode(config, mode, plan) {
  // What packets cost without a program behind them is the same everywhere: measured once.
  const kinds = plan.kinds.filter(
    (kind) => kind !== "echo" || (config === plan.configs[0] && mode === "options"),
  );
  const servers = await Promise.all(
    kinds.map((kind, index) => start(config, kind, plan.port + 10 * index)),
  );
  const blast = (server, options) =>
    runBlast(plan.blast, server, { window: plan.window, users: plan.users, ...options });
  // What is measured is a server that has been running for a while.
  for (const server of servers)
    blast(server, {
      mode: mode === "lookup" ? "options" : mode,
      seconds: plan.warmSeconds,
      warmup: "0.1",
    });
  // Each user registers once.
  for (const server of servers)
    if (mode === "lookup") blast(server, { mode: "publish", seconds: "30" });

  const full = measured(servers, plan.rounds, (server) =>
    blast(server, { mode, seconds: plan.seconds, warmup: plan.warmup }),
  );
  const compared = servers.filter((server) => server.kind !== "echo");
  const rate = 0.5 * Math.min(...compared.map(({ kind }) => figure(full[kind], "per_second") ?? 0));
  const half = measured(rate > 0 ? compared : [], plan.halfRounds, (server) =>
    blast(server, { mode, seconds: plan.seconds, warmup: plan.warmup, rate: rate.toFixed(0) }),
  );
  const memory = {};
  for (const server of servers) {
    memory[server.kind] = residentMegabytes(server.group);
    await server.stop();
  }
  return { config, mode, rate, full, half, memory };
}

/** Starts a server; the generator's own user agent has a port that goes with the server's. */
async function start(config, kind, port) {
  const uasPort = port + 5_941;
  const server = await startServer(kind, writeConfig(config, { kind, port, uasPort }), port);
  return { uasPort, ...server };
}

/** Samples by the kind of server; the servers take turns. */
function measured(servers, rounds, once) {
  const samples = {};
  for (let round = 0; round < rounds; round++)
    for (const server of servers) (samples[server.kind] ??= []).push(once(server));
  return samples;
}
