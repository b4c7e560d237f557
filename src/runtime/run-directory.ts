/** Where control sockets and FIFOs are made. */
import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Kamailio's own: `kamcmd` and `kamctl` look there without being told. */
const KAMAILIO = "/var/run/kamailio";

/**
 * The run directory when none is given: Kamailio's where this process may write to it or make it, else one of its own below the
 * system's folder for temporary files.
 */
export function defaultRunDirectory(): string {
  if (isWritable(KAMAILIO)) return KAMAILIO;
  const exists = lstatSync(KAMAILIO, { throwIfNoEntry: false }) !== undefined;
  return !exists && isWritable(dirname(KAMAILIO)) ? KAMAILIO : ownDirectory();
}

function ownDirectory(): string {
  return join(tmpdir(), `olelo-${String(process.getuid?.() ?? 0)}`);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the folder of a socket or FIFO, for its owner only, when it is not there. The one below the folder for temporary files must
 * be this user's: somebody else may have made it first. Throws when it cannot be used.
 */
export function makeFolderOf(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (folder !== ownDirectory()) return;
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${folder} belongs to somebody else`);
}
