/** An engine on a network in memory with a clock that tests set: the harness of all tests that run configurations. */
import { VirtualClock } from "../../src/runtime/clock.ts";
import { TableDns } from "../../src/runtime/dns-client.ts";
import type { Engine, EngineOptions } from "../../src/runtime/engine-options.ts";
import { createEngine } from "../../src/modules/create-engine.ts";
import { MemoryLog } from "../../src/runtime/log.ts";
import { MemoryNetwork } from "../../src/runtime/memory-network.ts";
import { parseMessage, type SipMessage } from "../../src/sip/message.ts";

/** A packet that the engine under test sent. */
export interface Sent {
  readonly text: string;
  /** `10.0.0.1:5060` */
  readonly to: string;
  /** The engine's address and port it left from. */
  readonly from: string;
  /** First line. */
  readonly line: string;
  /** Values of all header lines of that name, as written. */
  headers(name: string): string[];
  /** The first one's value, or "". */
  header(name: string): string;
  readonly body: string;
  readonly message: SipMessage;
}

export interface TestEngineOptions extends Partial<EngineOptions> {
  /** Where packets come from when a test does not say: default `10.0.0.1:5060`. */
  readonly from?: string;
  /** Let a configuration with errors pass: for tests of diagnostics. */
  readonly allowErrors?: boolean;
}

export interface TestEngine {
  readonly engine: Engine;
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly dns: TableDns;
  readonly log: MemoryLog;
  /** Texts of the script's log lines. */
  readonly script: string[];
  /** Everything the engine has sent, oldest first. */
  readonly sent: Sent[];
  /** Sends a packet to the engine, waits for its script to end and gives back what the engine has sent since. */
  send(text: string, from?: string, to?: string): Promise<Sent[]>;
  /** Lets time pass and gives back what the engine has sent since. */
  advance(ms: number): Promise<Sent[]>;
  /** What was sent since `send`, `advance` or `take` last looked. */
  take(): Sent[];
  /** Calls a remote command: its values; of a single list, what is in it. */
  rpc(command: string, ...params: (string | number)[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** The preamble for configurations that name no socket: the engine is 10.0.0.100. */
export const listenLine = "listen=udp:10.0.0.100:5060\n";

/**
 * Starts an engine with a configuration (a text, or a path with `configPath` in the options). Without a `listen` line it gets
 * `udp:10.0.0.100:5060`.
 */
export async function testEngine(
  configText: string | undefined,
  options: TestEngineOptions = {},
): Promise<TestEngine> {
  const clock = (options.clock as VirtualClock | undefined) ?? new VirtualClock();
  const network = new MemoryNetwork(clock);
  const dns = (options.dns as TableDns | undefined) ?? new TableDns();
  const log = new MemoryLog();
  const hasListen = configText === undefined || /^\s*listen\s*=/m.test(configText);
  const { from: defaultFrom = "10.0.0.1:5060", allowErrors = false, ...rest } = options;
  const engine = await createEngine({
    ...(configText === undefined ? {} : { configText, configName: "test.cfg" }),
    transport: network.transport(),
    clock,
    log,
    dns,
    random: seededRandom(),
    ...(hasListen || options.listen !== undefined ? {} : { listen: ["udp:10.0.0.100:5060"] }),
    ...rest,
  });
  if (engine.hasErrors && !allowErrors) {
    const lines = engine.diagnostics.map((one) => `${one.code} ${one.severity}: ${one.message}`);
    throw new Error(`the configuration has errors:\n${lines.join("\n")}`);
  }
  if (!engine.hasErrors) await engine.start();

  const sent: Sent[] = [];
  let looked = 0;
  let taken = 0;
  const collect = (): void => {
    for (; looked < network.packets.length; looked++) {
      const packet = network.packets[looked];
      if (packet === undefined || !isOwn(engine, packet.fromAddress, packet.fromPort)) continue;
      sent.push(describe(packet.text, packet));
    }
  };
  const take = (): Sent[] => {
    collect();
    const fresh = sent.slice(taken);
    taken = sent.length;
    return fresh;
  };
  return {
    engine,
    clock,
    network,
    dns,
    log,
    get script() {
      return log.script;
    },
    get sent() {
      collect();
      return sent;
    },
    take,
    async send(text, from = defaultFrom, to) {
      const target =
        to === undefined
          ? engine.sockets[0]
          : engine.sockets.find((socket) => socket.text === to || socket.text.endsWith(`:${to}`));
      if (target === undefined) throw new Error(`the engine has no socket ${to}`);
      const at = splitAddress(from);
      network.send({
        text,
        fromAddress: at.address,
        fromPort: at.port,
        toAddress: target.address,
        toPort: target.port,
      });
      await clock.settle();
      await clock.settle();
      return take();
    },
    async advance(ms) {
      await clock.advance(ms);
      return take();
    },
    async rpc(command, ...params) {
      const reply = await engine.rpc.call(command, params);
      const values = "values" in reply ? reply.values : [...reply];
      return values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
    },
    stop: () => engine.stop(),
  };
}

/** Random bytes that are the same in each run. */
export function seededRandom(seed = 1): (bytes: number) => Buffer {
  let state = seed;
  return (bytes) => {
    const out = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      out[i] = state >>> 16;
    }
    return out;
  };
}

/**
 * A SIP packet from readable text: common indentation is taken away, lines get CRLF, and a message without a body gets its
 * blank line. Use as a tag: sip`OPTIONS ...`. Values put in may have several lines of their own.
 */
export function sip(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  const mark = "\u0001";
  const template = parts.raw.join(mark).replace(/^\r?\n/, "");
  const indents = [...template.matchAll(/^([ \t]*)\S/gm)].map((match) => match[1]?.length ?? 0);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  const lines = template.split(/\r?\n/).map((line) => line.slice(Math.min(indent, leading(line))));
  while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
  const filled = lines
    .join("\r\n")
    .split(mark)
    .reduce((text, part, i) => text + String(values[i - 1] ?? "") + part);
  const joined = filled.replaceAll(/\r?\n/g, "\r\n");
  return joined.includes("\r\n\r\n") ? joined : `${joined}\r\n\r\n`;
}

function leading(line: string): number {
  return line.length - line.trimStart().length;
}

function isOwn(engine: Engine, address: string, port: number): boolean {
  return engine.sockets.some((socket) => socket.address === address && socket.port === port);
}

function splitAddress(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(":");
  const address = text.slice(0, at).replace(/^\[|\]$/g, "");
  return { address, port: Number(text.slice(at + 1)) };
}

function joinAddress(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function describe(
  text: string,
  packet: { toAddress: string; toPort: number; fromAddress: string; fromPort: number },
): Sent {
  let parsed: SipMessage | undefined;
  const message = (): SipMessage => {
    if (parsed === undefined) {
      const result = parseMessage(text);
      if (!result.ok) throw new Error(`the engine sent what cannot be read: ${result.problem}`);
      parsed = result.message;
    }
    return parsed;
  };
  const headers = (name: string): string[] => {
    const found: string[] = [];
    for (let i = message().findName(name); i >= 0; i = message().findName(name, i)) {
      found.push(message().headerValue(i));
    }
    return found;
  };
  return {
    text,
    to: joinAddress(packet.toAddress, packet.toPort),
    from: joinAddress(packet.fromAddress, packet.fromPort),
    line: text.slice(0, text.indexOf("\r\n")),
    headers,
    header: (name) => headers(name)[0] ?? "",
    get body() {
      return text.slice(text.indexOf("\r\n\r\n") + 4);
    },
    get message() {
      return message();
    },
  };
}
