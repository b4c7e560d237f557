/** Starts a server pinned to one core in a process group of its own, and stops it. */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/**
 * Kamailio's shared memory, in megabytes. It keeps a transaction of 12 KB for 5 s after its end: at 20,000 a second the default of
 * other loads (512) is full in the third second, and nothing is answered any more.
 */
const sharedMegabytes = "2048";

/** The command that is measured; BENCH_PROGRAM names another build of it. */
export const oleloProgram = resolve(process.env.BENCH_PROGRAM ?? join(root, "bin/olelo"));

/** What each server is started with; CONFIG, DIR and PORT are replaced. */
const commands = {
  olelo: [process.execPath, oleloProgram, "-f", "CONFIG", "-DD", "-E", "-w", "DIR", "-Y", "DIR"],
  kamailio: [
    "kamailio",
    "-f",
    "CONFIG",
    "-DD",
    "-E",
    "-m",
    sharedMegabytes,
    "-M",
    "32",
    "-n",
    "1",
    "-a",
    "no",
    "-w",
    "DIR",
    "-Y",
    "DIR",
  ],
  echo: [process.execPath, join(root, "bench/echo.mjs"), "PORT"],
};

/** Starts a command on cores of its own. It is told to stop when this process ends in whatever way, by a signal too. */
export function spawnPinned(core, words, options) {
  return spawn(
    "setpriv",
    ["--pdeathsig", "TERM", "taskset", "-c", String(core), ...words],
    options,
  );
}

/**
 * Starts a server on a config file whose `127.0.0.1:15060` becomes the given port. `nodeFlags` are for the engine's Node.js, `flags`
 * for the server itself; `onOutput` is given what it writes.
 */
export async function startServer(
  kind,
  configFile,
  port,
  { core = 0, nodeFlags = [], flags = [], onOutput } = {},
) {
  const directory = mkdtempSync(join(tmpdir(), `bench-${kind}-`));
  const config = join(directory, "bench.cfg");
  writeFileSync(config, readFileSync(configFile, "utf8").replaceAll("15060", String(port)));
  const args = [...commands[kind], ...flags].map((word) =>
    word.replace("CONFIG", config).replace("DIR", directory).replace("PORT", String(port)),
  );
  if (kind !== "kamailio") args.splice(1, 0, ...nodeFlags);
  const child = spawnPinned(core, args, {
    detached: true,
    stdio: ["ignore", onOutput === undefined ? "ignore" : "pipe", "pipe"],
  });
  if (onOutput !== undefined) child.stdout.on("data", (data) => onOutput(data.toString("latin1")));
  let log = "";
  const killAtExit = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.on("exit", killAtExit);
  child.stderr.on("data", (data) => {
    log = (log + data.toString("latin1")).slice(-20_000);
  });
  const deadline = Date.now() + 15_000;
  while (!(await isBound(port))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${kind} did not start:\n${log}`);
  }
  return {
    kind,
    port,
    group: child.pid,
    directory,
    log: () => log,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(
          `${kind} died during the measurement (${child.signalCode ?? child.exitCode}):\n${log.slice(-2000)}`,
        );
      const gone = new Promise((done) => child.once("exit", done));
      process.kill(-child.pid, "SIGTERM");
      const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 5000);
      await gone;
      clearTimeout(timer);
      process.off("exit", killAtExit);
    },
  };
}

/** Whether something listens on a UDP port: a packet to a closed one is refused. */
async function isBound(port) {
  const socket = createSocket("udp4");
  await new Promise((done) => socket.connect(port, "127.0.0.1", done));
  try {
    for (let probe = 0; probe < 2; probe++) {
      const refused = new Promise((done) => {
        socket.once("error", () => done(true));
        setTimeout(() => done(false), 40);
      });
      socket.send("\r\n\r\n");
      if (await refused) return false;
    }
    return true;
  } finally {
    socket.removeAllListeners("error");
    socket.on("error", () => undefined);
    socket.close();
  }
}
