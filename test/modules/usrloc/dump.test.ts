/** `ul.dump` of large tables: made while it is read, and while the tables change. */
import { afterEach, describe, expect, it } from "vitest";
import { type RpcReply, RpcStream, RpcStruct, type RpcValue } from "../../../src/runtime/module.ts";
import { ContactInfo } from "../../../src/modules/usrloc/contact.ts";
import { Dump } from "../../../src/modules/usrloc/dump.ts";
import { Location } from "../../../src/modules/usrloc/location.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";
import { collected } from "../../../src/runtime/rpc-stream.ts";
import {
  goneCode,
  WorkerError,
  type WorkerHandler,
  type Workers,
} from "../../../src/runtime/workers/group.ts";
import { type TestEngine, testEngine } from "../../support/engine.ts";
import { locationSettings } from "./location-settings.ts";

let net: TestEngine | undefined;

afterEach(async () => {
  await net?.stop();
  net = undefined;
});

const USERS = 200;

async function start(): Promise<void> {
  net = await testEngine(`loadmodule "usrloc"
    modparam("usrloc", "preload", "location")
    request_route { drop; }`);
  for (let i = 0; i < USERS; i++) await add(`stays${i}`);
}

async function add(user: string, uri = `sip:${user}@10.0.0.1`): Promise<void> {
  await net?.rpc("ul.add", "location", user, uri, 3600, "1", ".", 0, 0, -1);
}

function valueOf(value: RpcValue | undefined, name: string): RpcValue {
  const entries = value instanceof RpcStruct ? value.entries : Object.entries(value as object);
  return entries.find(([one]) => one === name)?.[1] as RpcValue;
}

/** The structure of the only table. */
async function open(...params: string[]): Promise<RpcValue> {
  const reply = (await net?.engine.rpc.open("ul.dump", params)) as RpcReply;
  const domains = valueOf(reply.values[0], "Domains") as RpcValue[];
  expect(domains).toHaveLength(1);
  return valueOf(domains[0], "Domain");
}

describe("ul.dump", () => {
  it("shows what is there throughout exactly once, in small batches", async () => {
    await start();
    for (let i = 0; i < USERS; i++) await add(`goes${i}`);
    const table = await open();
    expect(valueOf(valueOf(table, "Stats"), "Records")).toBe(2 * USERS);
    const stream = valueOf(table, "AoRs") as RpcStream;
    expect(stream).toBeInstanceOf(RpcStream);
    const seen: string[] = [];
    for (let step = 0; ; step++) {
      const batch = await stream.next();
      if (batch === undefined) break;
      expect(batch.length).toBeLessThan(20);
      for (const aor of batch) seen.push(valueOf(valueOf(aor, "Info"), "AoR") as string);
      for (let i = 0; i < 8; i++) {
        await net?.rpc("ul.rm", "location", `goes${step * 8 + i}`);
        await add(`comes${step * 8 + i}`);
      }
    }
    expect(seen.filter((aor) => aor.startsWith("stays"))).toHaveLength(USERS);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeLessThan(3 * USERS);
  });

  it("counts contacts, not users, as work", async () => {
    await start();
    for (let user = 0; user < 10; user++) {
      for (let i = 0; i < 12; i++) await add(`stays${user}`, `sip:${i}@10.0.0.2`);
    }
    const stream = valueOf(await open(), "AoRs") as RpcStream;
    for (let batch = await stream.next(); batch !== undefined; batch = await stream.next()) {
      const contacts = batch.map((aor) => valueOf(valueOf(aor, "Info"), "Contacts") as RpcValue[]);
      expect(contacts.slice(0, -1).flat().length).toBeLessThan(16);
    }
  });

  it("is whole for those who cannot read it bit by bit", async () => {
    await start();
    const reply = (await net?.engine.rpc.call("ul.dump", ["brief"])) as RpcReply;
    const [domain] = valueOf(reply.values[0], "Domains") as RpcValue[];
    expect(valueOf(valueOf(domain, "Domain"), "AoRs")).toHaveLength(USERS);
  });
});

describe("ul.dump of several workers", () => {
  const handlers: (WorkerHandler | null)[] = [];

  function workers(index: number): Workers {
    const ask = (worker: number, payload: unknown): unknown => {
      const handler = handlers[worker] ?? null;
      if (handler === null) throw new WorkerError("not there", goneCode);
      return handler(structuredClone(payload), index);
    };
    const others = [0, 1, 2].filter((worker) => worker !== index);
    return {
      index,
      count: 3,
      branchMark: "",
      tagMark: "",
      ownerOfUser: () => index,
      handle: (_topic, handler) => (handlers[index] = handler),
      call: async (worker, _topic, payload) => ask(worker, payload),
      callOthers: async (_topic, payload) =>
        others.filter((worker) => handlers[worker] !== null).map((worker) => ask(worker, payload)),
      tellOthers: () => {},
    };
  }

  /** A worker with so many users in a table. */
  function member(index: number, table: string, users: number): Dump {
    const settings = { ...locationSettings, seed: index, hashSeed: 1, cachedContacts: 16 };
    const location = new Location(new VirtualClock(), settings, () => {});
    const info = new ContactInfo();
    for (let i = 0; i < users; i++) location.table(table).insert(`w${index}u${i}`, info);
    return new Dump(location, workers(index), 1024, (aor) => new RpcStruct().add("AoR", aor));
  }

  async function tables(dump: Dump): Promise<Record<string, number>> {
    const reply = (await collected(await dump.run(true))) as RpcReply;
    const domains = (valueOf(reply.values[0], "Domains") as RpcValue[]).map((domain) =>
      valueOf(domain, "Domain"),
    );
    return Object.fromEntries(
      domains.map((table) => {
        const aors = (valueOf(table, "AoRs") as RpcValue[]).map((aor) => valueOf(aor, "AoR"));
        expect(new Set(aors).size).toBe(aors.length);
        return [valueOf(table, "Domain") as string, aors.length];
      }),
    );
  }

  it("has the contacts of all, page by page, also of several dumps at once", async () => {
    const first = member(0, "location", 100);
    member(1, "location", 300);
    const last = member(2, "other", 65);
    expect(await Promise.all([tables(first), tables(last), tables(first)])).toEqual([
      { location: 400, other: 65 },
      { other: 65, location: 400 },
      { location: 400, other: 65 },
    ]);
  });

  it("leaves out a worker that is gone, and breaks off when one has forgotten how far it was", async () => {
    const first = member(0, "location", 10);
    member(1, "location", 300);
    handlers[2] = null;
    expect(await tables(first)).toEqual({ location: 310 });
    const reply = (await first.run(true)) as RpcReply;
    const [domain] = valueOf(reply.values[0], "Domains") as RpcValue[];
    const stream = valueOf(valueOf(domain, "Domain"), "AoRs") as RpcStream;
    for (let seen = 0; seen <= 10;) seen += (await stream.next())?.length ?? 0;
    member(1, "location", 300);
    await expect(async () => await stream.next()).rejects.toThrow("given up");
  });
});
