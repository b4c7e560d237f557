/** Starts real servers on loopback for tests: Debian's Kamailio and the built olelo, with the same config. */
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Peer } from "./peer.ts";

const root = resolve(import.meta.dirname, "../../..");

/** A free UDP port on loopback (free at the time of asking). */
export async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/** A free UDP port of four digits: sipsak cuts longer ones. */
export async function freeShortPort(): Promise<number> {
  for (let port = 6000 + (process.pid % 3000); port < 9999; port++) {
    const socket = createSocket("udp4");
    const outcome = Promise.race([once(socket, "listening"), once(socket, "error")]);
    socket.bind(port, "127.0.0.1");
    const [error] = (await outcome) as [Error | undefined];
    if (error === undefined) {
      socket.close();
      await once(socket, "close");
      return port;
    }
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

async function start(
  kind: Server["kind"],
  command: string,
  given: ServerOptions & { readonly config: string; readonly flags: readonly string[] },
): Promise<Server> {
  const directory = given.directory ?? mkdtempSync(join(tmpdir(), `${kind}-`));
  const runDirectory = join(directory, "run");
  mkdirSync(runDirectory, { recursive: true });
  const port = given.port ?? (await freePort());
  const file = join(directory, "kamailio.cfg");
  const text = given.config.replaceAll("PORT", String(port)).replaceAll("RUN", runDirectory);
  writeFileSync(file, text, "latin1");
  const child = spawn(
    command,
    [...given.flags, "-f", file, "-w", directory, "-Y", runDirectory, ...(given.options ?? [])],
    { stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  const output = new Output(child);
  await answers(port, child, output);
  if (kind === "olelo") await output.matches(/ready: /, 30_000);
  return {
    kind,
    port,
    directory: runDirectory,
    log: () => output.text,
    logged: (pattern, withinMs) => output.matches(pattern, withinMs),
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, "exit");
        process.kill(-(child.pid ?? 0), signal);
        await gone;
      }
      if (given.directory === undefined) rmSync(directory, { recursive: true, force: true });
      return child.exitCode;
    },
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
    await once(AbortSignal.timeout(10), "abort");
  }
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
