#!/usr/bin/env node
/**
 * What a statement of a script costs: the request route of Debian's example configuration (or, without it, of ours) on parsed
 * messages, compiled as the product does it, and walked by an interpreter of the same tree.
 *
 *   node bench/script.mjs [--rounds 60] [--batch 400]
 *
 * Two figures for each: with the functions of the modules (all but those that send and store, which only answer), and with
 * functions that only answer what they answered before: the script alone.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { openProgram } from "./interpreter/program.mjs";
import { stockFile, writeConfig } from "./lib/configs.mjs";

const root = resolve(import.meta.dirname, "..");

function request(method, uri, { to = uri, tag = "", extra = "" } = {}) {
  return (
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-524287-1;rport\r\nMax-Forwards: 70\r\n` +
    `From: "Alice" <sip:alice@example.com>;tag=f1\r\nTo: <${to}>${tag}\r\nCall-ID: 1-2-3@192.0.2.1\r\nCSeq: 1 ${method}\r\n` +
    `Contact: <sip:alice@192.0.2.1:5060>\r\n${extra}User-Agent: Phone/1.0\r\nAllow: INVITE, ACK, CANCEL, BYE\r\n` +
    `Content-Length: 0\r\n\r\n`
  );
}

const bob = "sip:bob@example.com";
const inDialog = { to: bob, tag: ";tag=t1", extra: "Route: <sip:127.0.0.1:15060;lr>\r\n" };

/** The kinds of messages: each takes another way through the script. */
const messages = {
  "OPTIONS to the server": request("OPTIONS", "sip:example.com"),
  REGISTER: request("REGISTER", "sip:example.com", { to: "sip:alice@example.com" }),
  "INVITE to a user": request("INVITE", bob),
  "MESSAGE to a user": request("MESSAGE", bob),
  "ACK in a call": request("ACK", "sip:bob@192.0.2.2:5060", inDialog),
  "BYE in a call": request("BYE", "sip:bob@192.0.2.2:5060", inDialog),
  "INVITE elsewhere": request("INVITE", "sip:carol@example.org"),
};

function configText() {
  const file = existsSync(stockFile)
    ? writeConfig("stock", { kind: "olelo", port: 15_060, uasPort: 21_001 })
    : join(root, "examples/kamailio.cfg");
  return {
    text: readFileSync(file, "utf8"),
    name: existsSync(stockFile) ? stockFile : "examples/kamailio.cfg",
  };
}

/** Runs a script on fresh contexts; nanoseconds for each message. */
function timed(run, contexts) {
  const begun = process.hrtime.bigint();
  for (const context of contexts) {
    context.rc = 0;
    context.stop = 0;
    run(context);
  }
  return Number(process.hrtime.bigint() - begun) / contexts.length;
}

/** Runs both scripts in turn on fresh contexts; nanoseconds for each message, the faster rounds of each. */
function compare(program, scripts, text, { rounds, batch }) {
  const { compiled, interpreter } = scripts;
  const runs = { compiled, walked: (context) => interpreter.run(context) };
  const samples = { compiled: [], walked: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const contexts = Array.from({ length: batch }, () => program.contextOf(text));
      samples[name].push(timed(run, contexts));
    }
  }
  // What else runs on the machine only ever makes a round slower.
  const quartile = (list) => list.toSorted((x, y) => x - y)[Math.floor(list.length / 4)];
  return { compiled: quartile(samples.compiled), walked: quartile(samples.walked) };
}

/** What calls were made, in order, with their answers: both scripts must do the same. */
function traceOf(run, log, context) {
  log.length = 0;
  context.rc = 0;
  context.stop = 0;
  const code = run(context);
  return JSON.stringify([code, context.stop, context.uri, ...log]);
}

/** Scripts that log each call with its answer. */
function tracedScripts(program, log, answers) {
  return program.scripts(({ call }, bound) => (context) => {
    const code = program.silenced.get(call.name.text) ?? bound(context);
    answers.set(call, code);
    log.push([call.name.text, code]);
    return code;
  });
}

/** What a kind of message does in the script: the same in both, or it is an error. */
function wayOf(program, kind, text) {
  const log = [];
  const answers = new Map();
  const { compiled, interpreter } = tracedScripts(program, log, answers);
  const first = traceOf(compiled, log, program.contextOf(text));
  const second = traceOf((context) => interpreter.run(context), log, program.contextOf(text));
  if (first !== second)
    throw new Error(`${kind}: compiled and walked differ:\n${first}\n${second}`);
  return { kind, text, answers, statements: interpreter.statements, calls: log.length };
}

/** The figures of all kinds of messages. */
export async function measureScript({ quick = false, rounds = quick ? 15 : 60, batch = 400 } = {}) {
  const { text, name } = configText();
  const program = await openProgram(text);
  const ways = Object.entries(messages).map(([kind, message]) => wayOf(program, kind, message));
  const real = program.scripts(({ call }, bound) => {
    const answer = program.silenced.get(call.name.text);
    return answer === undefined ? bound : () => answer;
  });
  /** What each call answers, by kind of message. */
  const cells = [];
  const alone = program.scripts(({ call }) => {
    const cell = { call, code: 1 };
    cells.push(cell);
    return () => cell.code;
  });
  const measured = (way, plan) => {
    for (const cell of cells) cell.code = way.answers.get(cell.call) ?? 1;
    const perStatement = (scripts) => {
      const { compiled, walked } = compare(program, scripts, way.text, plan);
      const each = (ns) => Number((ns / way.statements).toFixed(1));
      return {
        compiled_ns: each(compiled),
        walked_ns: each(walked),
        ratio: Number((compiled / walked).toFixed(2)),
      };
    };
    return { with_functions: perStatement(real), alone: perStatement(alone) };
  };
  // Code gets warm with all kinds, as in a server.
  for (let round = 0; round < 10; round++) {
    for (const way of ways) measured(way, { rounds: 2, batch });
    await pause(20);
  }
  const kinds = ways.map((way) => ({
    kind: way.kind,
    statements: way.statements,
    calls: way.calls,
    ...measured(way, { rounds, batch }),
  }));
  await program.stop();
  return { config: name, rounds, batch, kinds };
}

/** The figures as a table. */
export function printScript({ config, rounds, kinds }) {
  console.log(
    `\nScript execution: request_route of ${config}, nanoseconds for each executed statement, lower quartile of ${rounds} rounds`,
  );
  console.table(
    kinds.map(({ kind, statements, calls, with_functions: whole, alone }) => ({
      message: kind,
      statements,
      calls,
      "with functions: compiled": whole.compiled_ns,
      walked: whole.walked_ns,
      "script alone: compiled": alone.compiled_ns,
      "walked ": alone.walked_ns,
      ratio: alone.ratio,
    })),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values: given } = parseArgs({
    options: {
      rounds: { type: "string", default: "60" },
      batch: { type: "string", default: "400" },
      out: { type: "string", default: join(root, "bench/results/script.json") },
    },
  });
  const result = await measureScript({ rounds: Number(given.rounds), batch: Number(given.batch) });
  printScript(result);
  mkdirSync(dirname(resolve(given.out)), { recursive: true });
  writeFileSync(
    given.out,
    `${JSON.stringify({ date: new Date().toISOString(), node: process.version, ...result }, null, 1)}\n`,
  );
}
