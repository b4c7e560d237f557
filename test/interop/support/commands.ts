/** Runs Debian's command line tools against a server: sipp, sipsak, kamcmd, kamctl. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Ran {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command to its end; its output and exit code. Killed after the given time. */
export function run(
  command: string,
  args: readonly string[],
  options: {
    readonly withinMs?: number;
    readonly env?: Readonly<Record<string, string>>;
    /** Ends the command. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      timeout: options.withinMs ?? 30_000,
    });
    options.signal?.addEventListener("abort", () => child.kill());
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString("latin1")));
    child.stderr.on("data", (data: Buffer) => (output += data.toString("latin1")));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}

/** Asks a server's control socket with kamcmd. */
export async function control(
  server: { readonly directory: string },
  ...command: readonly (string | number)[]
): Promise<string> {
  const socket = `unix:${server.directory}/kamailio_ctl`;
  return (await run("kamcmd", ["-s", socket, ...command.map(String)])).output;
}

/** Between two looks at a server, in milliseconds: asking is work for it too. */
const LOOK_AGAIN_MS = 20;

/** Asks again until the output satisfies the test; fails with the last output. */
export async function eventually(
  ask: () => Promise<string>,
  holds: (output: string) => boolean,
  withinMs = 20_000,
): Promise<string> {
  const deadline = AbortSignal.timeout(withinMs);
  for (;;) {
    const output = await ask();
    if (holds(output)) return output;
    if (deadline.aborted) throw new Error(`it did not come to hold; last:\n${output}`);
    await once(AbortSignal.timeout(LOOK_AGAIN_MS), "abort");
  }
}
