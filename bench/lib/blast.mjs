/** The load generator: built once, run on a core of its own. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const source = resolve(import.meta.dirname, "../sipblast.c");

/** Compiles it; the program's path. */
export function buildBlast() {
  const program = join(mkdtempSync(join(tmpdir(), "sipblast-")), "sipblast");
  execFileSync("cc", ["-O2", "-w", "-o", program, source], { stdio: "inherit" });
  return program;
}

function wordsOf(server, options) {
  const all = {
    target: `127.0.0.1:${server.port}`,
    warmup: "0.5",
    port: String(server.uasPort - 1),
    uas: String(server.uasPort),
    pgid: String(server.group),
    ...options,
  };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Runs it against a server; what it saw. `options` are its own, without their dashes. */
export function runBlast(program, server, options, core = 1) {
  const words = wordsOf(server, options);
  return JSON.parse(execFileSync("taskset", ["-c", String(core), program, ...words]));
}

/** The same, while others go on. `prefix` is a command that starts it. */
// oxlint-disable-next-line max-params
export async function blastMeanwhile(program, server, options, core = 1, prefix = []) {
  const words = ["-c", String(core), ...prefix, program, ...wordsOf(server, options)];
  const { stdout } = await promisify(execFile)("taskset", words);
  return JSON.parse(stdout);
}
