/** Several workers in one process: engines on one network, with streams between them. */
import { Duplex } from "node:stream";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { TableDns } from "../../../src/runtime/dns-client.ts";
import type { Engine } from "../../../src/runtime/engine-options.ts";
import { createEngine } from "../../../src/modules/create-engine.ts";
import { MemoryLog } from "../../../src/runtime/log.ts";
import { type MemoryNode, MemoryNetwork } from "../../../src/runtime/memory-network.ts";
import type { Transport } from "../../../src/runtime/transport.ts";
import { WorkerGroup } from "../../../src/runtime/workers/group.ts";
import type { WorkerPlace } from "../../../src/runtime/workers/place.ts";
import { ownerOfUser } from "../../../src/runtime/workers/routing.ts";
import { seededRandom } from "../../support/engine.ts";

/** The same in all runs, so that owners are. */
const key = "testkey";

/** Two ends; what is written to one is read from the other, as from a socket. */
export function streamPair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        other().push(Buffer.from(chunk));
        done();
      },
      destroy: (error, done) => {
        other().push(null);
        done(error);
      },
    });
  const one: Duplex = end(() => two);
  const two: Duplex = end(() => one);
  return [one, two];
}

export interface SeveralWorkers {
  readonly engines: readonly Engine[];
  readonly groups: readonly WorkerGroup[];
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly logs: readonly MemoryLog[];
  /** A peer at 10.0.0.N:5060. */
  peer(n: number): MemoryNode;
  /** Hands a packet from a peer to one worker, as the system does, and waits until all is quiet. */
  send(worker: number, from: MemoryNode, text: string): Promise<void>;
  settle(): Promise<void>;
  rpc(command: string, ...params: (string | number)[]): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

/** The server's address. */
export const address = "10.0.0.100";

export async function startWorkers(configText: string, count = 2): Promise<SeveralWorkers> {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const groups = Array.from(
    { length: count },
    (_, index) => new WorkerGroup({ index, count, key, bufferLimit: 1_000_000, callLimitMs: 5000 }),
  );
  connect(groups);
  const logs = groups.map(() => new MemoryLog());
  const engines: Engine[] = [];
  const receivers: Parameters<Transport["open"]>[1][] = [];
  for (const [index, group] of groups.entries()) {
    const transport = network.transport();
    const open = index === 0 ? "open" : "adopt";
    const original = transport[open]?.bind(transport) as (a: never, b: never) => never;
    transport[open] = (options: never, receive: never) => {
      receivers[index] = receive;
      return original(options, receive);
    };
    const place: WorkerPlace = {
      group,
      inherited:
        index === 0
          ? null
          : [{ options: { proto: "udp", address, port: 5060, index: 0 }, socket: null, fd: -1 }],
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
    // One after the other, as the processes start.
    // oxlint-disable-next-line no-await-in-loop
    const engine = await createEngine({
      configText,
      configName: "workers.cfg",
      transport,
      clock,
      log: logs[index] as MemoryLog,
      dns: new TableDns(),
      random: seededRandom(index + 1),
      listen: [`udp:${address}:5060`],
      globals: { workers: count },
      workers: () => place,
    });
    const [fault] = engine.diagnostics.filter(({ severity }) => severity === "error");
    if (fault !== undefined) throw new Error(`${fault.code}: ${fault.message}`);
    // oxlint-disable-next-line no-await-in-loop
    await engine.start();
    engines.push(engine);
  }
  const settle = async (): Promise<void> => {
    // Streams and turns of several engines: each hand-over takes some.
    // oxlint-disable-next-line no-await-in-loop
    for (let i = 0; i < 40; i++) await clock.settle();
  };
  return {
    engines,
    groups,
    clock,
    network,
    logs,
    settle,
    peer: (n) => network.node(`10.0.0.${n}`, 5060),
    async send(worker, from, text) {
      const socket = engines[worker]?.sockets[0];
      if (socket === undefined) throw new Error(`there is no worker ${worker}`);
      receivers[worker]?.(text, from.port, from.address, socket);
      await settle();
    },
    async rpc(command, ...params) {
      const call = (engines[0] as Engine).rpc.call(command, params);
      call.catch(() => undefined);
      await settle();
      const reply = await call;
      return "values" in reply ? reply.values : [...reply];
    },
    async stop() {
      const stopping = engines.map((engine) => engine.stop());
      // What waits for an answer of a peer gives up.
      await clock.advance(60_000);
      await Promise.all(stopping);
      for (const group of groups) group.close();
    },
  };
}

/** A user whose address of record belongs to a worker; `nth` of them from 0 on. */
export function userOf(worker: number, count = 2, nth = 0): string {
  for (let i = 0, found = 0; ; i++) {
    if (ownerOfUser(`user${i}`, count) === worker && found++ === nth) return `user${i}`;
  }
}

/** A stream between each two. */
export function connect(groups: readonly WorkerGroup[]): void {
  for (const [i, one] of groups.entries()) {
    for (const [j, two] of groups.entries()) {
      if (j <= i) continue;
      const [a, b] = streamPair();
      one.connect(j, a);
      two.connect(i, b);
    }
  }
}
