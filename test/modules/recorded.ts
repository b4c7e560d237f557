/** Runs scripts whose results were recorded from Kamailio 5.6.3, and compares. */
import { readFileSync } from "node:fs";
import { testEngine, type TestEngine } from "../support/engine.ts";

/** Where the recordings' client sits. */
export const client = "127.0.0.1:31750";

const modules = [
  "tm",
  "sl",
  "rr",
  "pv",
  "maxfwd",
  "textops",
  "textopsx",
  "siputils",
  "xlog",
  "sanity",
  "kex",
  "corex",
  "tmx",
];

/** The preamble of all recordings. */
export const preamble = `listen=udp:127.0.0.1:31700 name "s1"
listen=udp:127.0.0.2:31700 name "s2"
alias="example.com"
auto_aliases=no
user_agent_header="User-Agent: kam"
server_header="Server: kam"
${modules.map((name) => `loadmodule "${name}.so"\n`).join("")}modparam("xlog", "buf_size", 65000)
`;

export function startRecorded(config: string): Promise<TestEngine> {
  return testEngine(preamble + config, { from: client });
}

/** A packet without what differs from run to run: our Via, dates. */
export function comparable(text: string): string {
  return text
    .split("\r\n")
    .filter((line) => !/^(Via: SIP\/2.0\/UDP 127.0.0.[12]:31700|Date:)/.test(line))
    .map((line) => line.replace(/;received=127.0.0.1/, ""))
    .join("\r\n");
}

/** Expressions evaluated for one message. */
export interface RecordedValues {
  readonly globals: string;
  /** Statements in front. */
  readonly script: string;
  readonly packet: string;
  /** Text by expression: equal in both. */
  readonly same: Readonly<Record<string, string>>;
  /** Known differences, each listed with what both make of it. */
  readonly departs: Readonly<Record<string, { readonly kamailio: string; readonly olelo: string }>>;
}

/** A script run for one message, which is then forwarded. */
export interface RecordedMessage {
  readonly globals: string;
  readonly script: string;
  readonly packet: string;
  readonly sent: readonly string[];
  readonly log: readonly string[];
  /** What olelo sends where it differs on purpose. */
  readonly departs?: readonly string[];
}

export function readRecording<T>(path: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as T[];
}

/** Texts of all expressions, in the order given. */
export async function evaluate(
  recording: RecordedValues,
  expressions: readonly string[],
): Promise<string[]> {
  const lines = expressions.map((text, i) => `xlog("L_ALERT", "${i}=[${text}]\\n");`);
  const net = await startRecorded(
    `${recording.globals}\nrequest_route {\n${recording.script}\n${lines.join("\n")}\nexit;\n}\n`,
  );
  await net.send(recording.packet);
  const texts = expressions.map(() => "nothing");
  for (const line of net.script) {
    const match = /^(\d+)=\[([^]*)\]$/.exec(line);
    if (match !== null) texts[Number(match[1])] = match[2] as string;
  }
  await net.stop();
  return texts;
}

/** Runs all scripts of equal globals in one engine; hands back what each sent and logged. */
export async function runScripts(
  recordings: readonly RecordedMessage[],
): Promise<{ sent: string[]; log: string[] }[]> {
  const results: { sent: string[]; log: string[] }[] = [];
  for (const globals of new Set(recordings.map((one) => one.globals))) {
    const group = recordings.filter((one) => one.globals === globals);
    const cases = group.map((one, i) => `  if ($var(case) == ${i}) { ${one.script} }\n`);
    // The position in the group travels in the source port.
    const net = await startRecorded(
      `${globals}\nrequest_route {\n$var(case) = $sp - 20000;\n$du = "sip:127.0.0.1:31751";\n${cases.join("")} forward();\n}\n`,
    );
    for (const [i, one] of group.entries()) {
      const before = net.script.length;
      const sent = await net.send(one.packet, `127.0.0.1:${20000 + i}`);
      results[recordings.indexOf(one)] = {
        sent: sent.map((packet) => comparable(packet.text)),
        log: net.script.slice(before),
      };
    }
    await net.stop();
  }
  return results;
}
