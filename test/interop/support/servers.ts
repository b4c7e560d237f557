/** Starts real servers on loopback for tests: Debian's Kamailio and the built olelo, with the same config. */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Peer } from "./peer.ts";

const root = resolve(import.meta.dirname, "../../..");

/** Ports below those that the system gives to sockets without one: nobody takes them between asking and binding. */
const PORTS = { first: 10_000, count: 20_000 };
/** Where this process looks next. */
const ports = { next: (process.pid * 101) % PORTS.count };

/** A free UDP port on loopback; not given twice. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS.count; tries++) {
    const port = PORTS.first + ports.next;
    ports.next = (ports.next + 1) % PORTS.count;
    if (await canBind(port)) return port;
  }
  throw new Error("no port is free");
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (isFree: boolean): unknown => socket.close(() => resolve(isFree));
    socket.once("error", () => end(false));
    socket.bind(port, "127.0.0.1", () => end(true));
  });
}

/** A free UDP port of four digits: sipsak cuts longer ones. */
export async function freeShortPort(): Promise<number> {
  for (let port = 6000 + (process.pid % 3000); port < 9999; port++) {
    if (await canBind(port)) return port;
  }
  throw new Error("no port of four digits is free");
}

export interface Server {
  readonly kind: "kamailio" | "olelo";
  readonly port: number;
  /** Its folder: run directory, config, control socket. */
  readonly directory: string;
  /** Everything it wrote to standard error and output so far. */
  log(): string;
  /** Resolves when its output matches. */
  logged(pattern: RegExp, withinMs?: number): Promise<string>;
  /** Stops it and resolves with its exit code when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ServerOptions {
  /** UDP port on 127.0.0.1 that the config listens on: `PORT` in the text is replaced by it. */
  readonly port?: number;
  /** Directory to run in (kept across restarts); made when not given. `RUN` in the text is replaced by it. */
  readonly directory?: string;
  readonly options?: readonly string[];
  /** A configuration that is run where it is, instead of the text. */
  readonly file?: string;
}

/** Starts Kamailio on a config text and waits until it answers on its port. */
export function startKamailio(config: string, options: ServerOptions = {}): Promise<Server> {
  const flags = ["-DD", "-E", "-a", "no", "-m", "64", "-M", "16", "-n", "1"];
  return start("kamailio", "kamailio", { config, flags, ...options });
}

/** Starts the built olelo on a config text and waits until it answers on its port. */
export function startOlelo(config: string, options: ServerOptions = {}): Promise<Server> {
  return start("olelo", join(root, "bin/olelo"), { config, flags: ["-DD", "-E"], ...options });
}

/** Starts the built olelo on a configuration of `examples/`, as it is. */
export function startExample(file: string, options: ServerOptions = {}): Promise<Server> {
  // Its first line in the log is an informative one.
  const flags = ["--debug", "2", ...(options.options ?? [])];
  return startOlelo("", { ...options, options: flags, file: join(root, "examples", file) });
}

async function start(
  kind: Server["kind"],
  command: string,
  given: ServerOptions & { readonly config: string; readonly flags: readonly string[] },
): Promise<Server> {
  const directory = given.directory ?? mkdtempSync(join(tmpdir(), `${kind}-`));
  const runDirectory = join(directory, "run");
  mkdirSync(runDirectory, { recursive: true });
  const port = given.port ?? (await freePort());
  const file = given.file ?? join(directory, "kamailio.cfg");
  const text = given.config.replaceAll("PORT", String(port)).replaceAll("RUN", runDirectory);
  if (given.file === undefined) writeFileSync(file, text, "latin1");
  const child = spawn(
    command,
    [...given.flags, "-f", file, "-w", directory, "-Y", runDirectory, ...(given.options ?? [])],
    { stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  const output = new Output(child);
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      process.kill(-(child.pid ?? 0), signal);
      await gone;
    }
    if (given.directory === undefined) rmSync(directory, { recursive: true, force: true });
    return child.exitCode;
  };
  try {
    await answers(port, child, output);
    if (kind === "olelo") await output.matches(/ready: /, 30_000);
  } catch (error) {
    await stop("SIGKILL");
    throw error;
  }
  return {
    kind,
    port,
    directory: runDirectory,
    log: () => output.text,
    logged: (pattern, withinMs) => output.matches(pattern, withinMs),
    stop: (signal = "SIGTERM") => stop(signal),
  };
}

/** What a child process writes, as it comes. */
class Output {
  text = "";
  #waiters: (() => void)[] = [];

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data: Buffer) => {
        this.text += data.toString("latin1");
        for (const wake of this.#waiters.splice(0)) wake();
      });
  }

  async matches(pattern: RegExp, withinMs = 10_000): Promise<string> {
    const signal = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found[0];
      await new Promise<void>((resolve, reject) => {
        const fail = (): void =>
          reject(new Error(`not logged: ${String(pattern)}\n${this.text.slice(-4000)}`));
        if (signal.aborted) return fail();
        signal.addEventListener("abort", fail, { once: true });
        this.#waiters.push(() => {
          signal.removeEventListener("abort", fail);
          resolve();
        });
      });
    }
  }
}

/** Waits until the server's port is bound. */
async function answers(port: number, child: ChildProcess, output: Output): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  while (!isBound(port)) {
    if (child.exitCode !== null || deadline.aborted)
      throw new Error(`the server did not start\n${output.text.slice(-6000)}`);
    await aMoment();
  }
}

/** Waits until all processes of a server that was killed have let go of its port. */
export async function portReleased(port: number): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (isBound(port)) {
    if (deadline.aborted) throw new Error(`port ${String(port)} is still in use`);
    await aMoment();
  }
}

async function aMoment(): Promise<void> {
  await once(AbortSignal.timeout(10), "abort");
}

/** Whether a UDP socket of this machine is bound to the port. */
function isBound(port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return ["/proc/net/udp", "/proc/net/udp6"].some((table) =>
    readFileSync(table, "latin1")
      .split("\n")
      .some((line) => line.slice(0, 60).includes(suffix) && / 0{8,}:0000 /.test(line)),
  );
}

export { Peer };
