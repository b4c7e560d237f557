#!/usr/bin/env node
/**
 * How long the command takes: from spawning it to an open socket with the example configuration, and to the verdict of `-c` on a
 * configuration of 1,000 lines. Wall-clock and processor time, medians.
 *
 *   node bench/startup.mjs [--rounds 9] [--program bin/olelo]
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./lib/compare.mjs";
import { processorSeconds } from "./lib/processes.mjs";
import { oleloProgram } from "./servers.mjs";

const root = resolve(import.meta.dirname, "..");
const example = join(root, "examples/kamailio.cfg");

/** What the project promises, in milliseconds of wall-clock time on an idle machine. */
const goals = { start: 400, check: 500 };

/** One of the routes that fill up the long configuration: what configurations are made of, with numbers that make each differ. */
function routeText(number) {
  return `
route[SERVICE_${number}] {
	# Service ${number}
	if (is_method("INVITE|SUBSCRIBE") && $rU =~ "^${number}[0-9]+$") {
		$var(prefix) = $(rU{s.substr,0,${1 + (number % 4)}});
		$avp(service) = "service-${number}";
		switch ($var(prefix)) {
			case "${number}":
				xlog("L_INFO", "call from $fu to $ru by $si:$sp\\n");
				setflag(${number % 30});
				break;
			default:
				append_hf("X-Service: $avp(service)\\r\\n");
		}
		if (src_ip==10.${number}.0.0/16 || $hdr(User-Agent) =~ "phone ${number}") {
			$ru = "sip:" + $rU + "@" + $rd + ";user=phone";
			route(RELAY);
			exit;
		}
		sl_send_reply("403", "Not For ${number}");
		exit;
	}
}
`;
}

/** The example with further routes, 1,000 lines in all. */
function longConfig() {
  const lines = readFileSync(example, "utf8").split("\n");
  for (let number = 1; ; number++) {
    const more = routeText(number).split("\n");
    if (lines.length + more.length > 1000) break;
    lines.push(...more);
  }
  while (lines.length < 1000) lines.push("# until there are a thousand");
  return lines.join("\n");
}

/** Whether a UDP socket of loopback has that port: read from the system, so that the program is left alone. */
function isOpen(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`:${hex} 00000000:0000 07`);
}

/** What the shell's `times` says of its children: `0m0.310s 0m0.040s` in the second line. */
function childrenMs(text) {
  const last = text.trim().split("\n").at(-1) ?? "";
  const parts = [...last.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60_000 + Number(rest) * 1000,
    0,
  );
}

function checkOnce(program, file) {
  const script = '"$@" 2>&1 || exit; times';
  const begun = performance.now();
  const { stdout } = spawnSync(
    "sh",
    ["-c", script, "sh", process.execPath, program, "-c", "-f", file],
    {
      encoding: "utf8",
    },
  );
  const ms = performance.now() - begun;
  if (!stdout.includes("config file ok")) throw new Error(`olelo -c failed:\n${stdout}`);
  return { ms, cpu: childrenMs(stdout) };
}

async function startOnce(program, directory, port) {
  const address = `udp:127.0.0.1:${port}`;
  const args = ["-f", example, "-DD", "-E", "-l", address, "-w", directory, "-Y", directory];
  const begun = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (data) => (log += data));
  while (!isOpen(port)) {
    if (child.exitCode !== null || performance.now() - begun > 20_000) {
      child.kill("SIGKILL");
      throw new Error(`olelo did not start:\n${log}`);
    }
    await new Promise((done) => setTimeout(done, 2));
  }
  const ms = performance.now() - begun;
  const cpu = 1000 * processorSeconds(child.pid);
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await ended;
  return { ms, cpu };
}

/** The figures of start-up: medians in milliseconds. */
export async function measureStartup({ rounds, program = oleloProgram, port = 15_990 }) {
  const directory = mkdtempSync(join(tmpdir(), "bench-startup-"));
  const file = join(directory, "long.cfg");
  writeFileSync(file, longConfig());
  const samples = { start: [], check: [] };
  for (let round = 0; round < rounds; round++) {
    samples.start.push(await startOnce(program, directory, port));
    samples.check.push(checkOnce(program, file));
  }
  const figures = (name) => ({
    ms: Math.round(median(samples[name].map((one) => one.ms))),
    cpu_ms: Math.round(median(samples[name].map((one) => one.cpu))),
    goal_ms: goals[name],
  });
  return { rounds, start: figures("start"), check: figures("check") };
}

/** The figures as a table. */
export function printStartup({ rounds, start, check }) {
  console.log(`\nStart-up, median of ${rounds}; milliseconds from spawning the program`);
  console.table({
    "example configuration, to an open socket": start,
    "olelo -c, 1,000 lines": check,
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values: given } = parseArgs({
    options: {
      rounds: { type: "string", default: "9" },
      program: { type: "string", default: oleloProgram },
      port: { type: "string", default: "15990" },
    },
  });
  const { rounds, program, port } = given;
  printStartup(
    await measureStartup({ rounds: Number(rounds), program: resolve(program), port: Number(port) }),
  );
}
