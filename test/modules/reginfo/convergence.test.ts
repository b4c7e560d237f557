/** Two servers that follow each other under load, with lost packets and a crash: in the end both know the same. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemoryNode, MemoryPacket } from "../../../src/runtime/memory-network.ts";
import type { UsrlocApi } from "../../../src/modules/usrloc/spec.ts";
import { seededRandom } from "../../support/engine.ts";
import { Site, type SiteEngine } from "../../support/site.ts";

const folder = resolve(import.meta.dirname, "../../../examples/two-servers");
const USERS = 10_000;
/** Changes a second at each server. */
const RATE = 200;
const LOSS = 0.05;
/** Time in which a phone hears nothing after which it sends again, as Timer E. */
const PHONE_RETRY_MS = 500;

type Name = "a" | "b";
const ports: Readonly<Record<Name, number>> = { a: 5060, b: 5070 };

/** Phones that register, refresh and unregister; they repeat what is not answered. */
class Phones {
  /** REGISTERs that were answered with 200. */
  accepted = 0;
  readonly #site: Site;
  readonly #node: MemoryNode;
  readonly #random: () => number;
  readonly #waiting = new Map<string, { readonly text: string; readonly port: number }>();
  readonly #registered = new Map<string, Set<string>>();
  #serial = 0;

  constructor(site: Site, random: () => number) {
    this.#site = site;
    this.#random = random;
    this.#node = site.network.node("10.0.0.1", 5060, (packet) => this.#answered(packet));
  }

  get unanswered(): number {
    return this.#waiting.size;
  }

  /** One change of a phone of `user` at a server. */
  change(at: Name, user: number): void {
    const key = `${at}|${user}`;
    const known = this.#registered.get(key) ?? new Set();
    this.#registered.set(key, known);
    const phone = `sip:p${Math.floor(this.#random() * 3)}@10.1.${at === "a" ? 1 : 2}.1`;
    const ends = known.has(phone) && this.#random() < 0.4;
    if (ends) known.delete(phone);
    else known.add(phone);
    this.#register(at, user, `<${phone}>;expires=${ends ? 0 : 3600}`);
  }

  /** Registers one phone. */
  register(at: Name, user: number): void {
    this.#registered.set(`${at}|${user}`, new Set([`sip:p0@10.1.${at === "a" ? 1 : 2}.1`]));
    this.#register(at, user, `<sip:p0@10.1.${at === "a" ? 1 : 2}.1>;expires=3600`);
  }

  #register(at: Name, user: number, contact: string): void {
    const serial = ++this.#serial;
    const callId = `c${serial}`;
    const text =
      `REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKc${serial}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:u${user}@example.com>;tag=f\r\nTo: <sip:u${user}@example.com>\r\n` +
      `Call-ID: ${callId}\r\nCSeq: 1 REGISTER\r\nContact: ${contact}\r\nContent-Length: 0\r\n\r\n`;
    this.#waiting.set(callId, { text, port: ports[at] });
    this.#send(callId);
  }

  #send(callId: string): void {
    const waiting = this.#waiting.get(callId);
    if (waiting === undefined) return;
    this.#node.send(waiting.text, "127.0.0.1", waiting.port);
    this.#site.clock.after(PHONE_RETRY_MS, () => this.#send(callId));
  }

  #answered({ text }: MemoryPacket): void {
    const callId = /^Call-ID: (.*)\r$/m.exec(text)?.[1] ?? "";
    if (!text.startsWith("SIP/2.0 200") || !this.#waiting.delete(callId)) return;
    this.accepted++;
  }
}

let site: Site;
let members: Record<Name, SiteEngine>;
let phones: Phones;
let runFolder = "";
let isLossy = false;

function start(name: Name): Promise<SiteEngine> {
  const runDirectory = mkdtempSync(join(runFolder, `${name}-`));
  return site.start({ configPath: join(folder, `${name}.cfg`), runDirectory });
}

beforeEach(async () => {
  runFolder = mkdtempSync(join(tmpdir(), "olelo-convergence-"));
  site = new Site();
  const random = unit(seededRandom(77));
  isLossy = false;
  site.network.drop = () => isLossy && random() < LOSS;
  members = { a: await start("a"), b: await start("b") };
  phones = new Phones(site, random);
  await site.advance(5000);
});

afterEach(async () => {
  await site.stopAll();
  rmSync(runFolder, { recursive: true });
});

/** Numbers from 0 to 1. */
function unit(bytes: (count: number) => Buffer): () => number {
  return () => bytes(4).readUInt32LE() / 0x1_0000_0000;
}

/** All contacts of a server, sorted. */
function table(name: Name): string[] {
  const location = members[name].engine.services.api("usrloc") as UsrlocApi;
  const now = location.now();
  const lines: string[] = [];
  for (const [aor, first] of location.table("location").records()) {
    for (let contact: typeof first | null = first; contact !== null; contact = contact.next) {
      if (contact.isValid(now)) lines.push(`${aor} ${contact.uri}`);
    }
  }
  return lines.sort();
}

/** Distinct NOTIFYs between the servers among packets: retransmissions count once. */
function notifies(packets: readonly MemoryPacket[]): Set<string> {
  const seen = new Set<string>();
  for (const { text } of packets) {
    if (!text.startsWith("NOTIFY")) continue;
    seen.add(/^Call-ID: .*$/m.exec(text)?.[0] + (/^CSeq: .*$/m.exec(text)?.[0] ?? ""));
  }
  return seen;
}

async function load(seconds: number, random: () => number): Promise<void> {
  const stepMs = 1000 / RATE;
  for (let step = 0; step < seconds * RATE; step++) {
    phones.change("a", Math.floor(random() * USERS));
    phones.change("b", Math.floor(random() * USERS));
    await site.clock.advance(stepMs);
  }
}

/** Until phones have been answered. */
async function quiet(): Promise<void> {
  for (let round = 0; phones.unanswered > 0; round++) {
    expect(round).toBeLessThan(100);
    await site.clock.advance(PHONE_RETRY_MS);
  }
}

describe("two servers under load", () => {
  it("row 41: converge with 10,000 users, 200 changes a second at each and lost packets", async () => {
    for (let user = 0; user < USERS; user++) phones.register(user % 2 === 0 ? "a" : "b", user);
    await quiet();
    await site.advance(5000);
    expect(table("b")).toHaveLength(USERS);
    expect(table("a")).toEqual(table("b"));

    isLossy = true;
    const random = unit(seededRandom(78));
    const start = site.network.packets.length;
    const accepted = phones.accepted;
    await load(10, random);
    await quiet();
    await site.clock.advance(5000);
    expect(table("a")).toEqual(table("b"));
    const changes = phones.accepted - accepted;
    const sent = notifies(site.network.packets.slice(start)).size;
    expect(changes).toBe(2 * RATE * 10);
    expect(sent / changes).toBeLessThan(1.1);
    // Nothing goes back and forth.
    isLossy = false;
    await site.advance(1000);
    const idle = site.network.packets.length;
    await site.advance(20_000);
    expect(notifies(site.network.packets.slice(idle)).size).toBe(0);
  });

  it("row 41: converge when one of them is killed and started again in the middle of it", async () => {
    for (let user = 0; user < USERS; user += 5) phones.register(user % 2 === 0 ? "a" : "b", user);
    await quiet();
    isLossy = true;
    const random = unit(seededRandom(79));
    await load(4, random);
    site.crash(members.b);
    await load(2, random);
    members.b = await start("b");
    await load(4, random);
    await quiet();
    await site.clock.advance(5000);
    expect(table("a").length).toBeGreaterThan(RATE);
    expect(table("a")).toEqual(table("b"));
  });
});
