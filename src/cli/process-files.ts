/** Process files, users and directories: what a server does to its process. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { StartError } from "../runtime/errors.ts";

/** Refuses when the file names another process that is running. */
export function claimPidFile(path: string): void {
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8").trim());
  if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && isRunning(pid)) {
    throw new StartError("PID_FILE_TAKEN", `${path} names the running process ${pid}`);
  }
}

/** Writes a process number; what cannot be written is a fault of the surroundings. */
export function writePidFile(path: string, pid: number): void {
  try {
    writeFileSync(path, `${pid}\n`);
  } catch (cause) {
    throw new StartError("PID_FILE_NOT_WRITTEN", `${path} cannot be written`, { cause });
  }
}

/** Takes the file away at the end, if it can. */
export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Becomes another user and group; without a group, the user's own. Numbers are taken as such. */
export function becomeUser(user: string | undefined, group: string | undefined): void {
  try {
    const gid = group === undefined ? primaryGroup(user) : idOf(group);
    if (gid !== undefined) {
      process.setgroups?.([gid]);
      process.setgid?.(gid);
    }
    if (user !== undefined) process.setuid?.(idOf(user));
  } catch (cause) {
    const who = `${user ?? "-"}:${group ?? "-"}`;
    throw new StartError("USER_NOT_CHANGED", `cannot become ${who}: ${String(cause)}`, { cause });
  }
}

function primaryGroup(user: string | undefined): number | undefined {
  if (user === undefined) return undefined;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const line of lines) {
    const [name, , uid, gid] = line.split(":");
    if (name === user || uid === user) return Number(gid);
  }
  return undefined;
}

function idOf(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Changes the working directory. */
export function changeDirectory(path: string): void {
  try {
    process.chdir(path);
  } catch (cause) {
    throw new StartError("NO_DIRECTORY", `cannot work in ${path}: ${String(cause)}`, { cause });
  }
}
