/** Going to the background: a child does the work, and the parent waits until it is ready. */
import { spawn } from "node:child_process";

/** Set in the child's environment. */
const marker = "OLELO_BACKGROUND";

/** Whether this process is the one in the background. */
export function isBackground(): boolean {
  return process.env[marker] === "1";
}

/** What the child tells its parent. */
type ChildMessage = { readonly ready: true };

/**
 * Starts this program again, detached. Resolves with the exit code for this process: 0 once the child is ready, else the
 * child's own. What the child says while it starts goes to standard error here.
 */
export function goToBackground(logsToStderr: boolean): Promise<number> {
  const [program = "", ...args] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    env: { ...process.env, [marker]: "1" },
    stdio: ["ignore", "ignore", logsToStderr ? "inherit" : "pipe", "ipc"],
  });
  child.stderr?.pipe(process.stderr);
  return new Promise((resolve) => {
    child.on("message", (message) => {
      if (!(message as Partial<ChildMessage>).ready) return;
      child.stderr?.destroy();
      child.disconnect();
      child.unref();
      resolve(0);
    });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** In the child: tells the parent that it can go. */
export function tellReady(): void {
  if (process.send === undefined) return;
  // The parent closes its end of standard error now: writing to it later must not end this process.
  process.stderr.on("error", () => undefined);
  process.send({ ready: true } satisfies ChildMessage);
}
