/**
 * Hostile registration documents, in NOTIFYs of a subscription and in PUBLISHes: nothing is thrown, nothing takes long, and what is
 * refused changes nothing. REG_EVENT_CASES sets how many cases are run; the interop suite runs 200,000.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ContactState } from "../../src/runtime/reginfo/document.ts";
import { writeReginfo } from "../../src/runtime/reginfo/write.ts";
import { parseMessage } from "../../src/sip/message.ts";
import { fullContact } from "../support/contact-state.ts";
import { Random } from "../support/random.ts";
import { type Envelope, FollowerSite, MOST_CONTACTS, PresenceSite } from "./reg-event-sites.ts";
import { mutate } from "./xml-mutations.ts";
import { type Element, parseTree } from "./xml-tree.ts";

const CASES = Number(process.env["REG_EVENT_CASES"] ?? 20_000);
/** Cases that one engine sees. */
const CHUNK = 500;
const LONGEST_MS = 20;
/** Measurements of a chunk that has slow cases. */
const MEASUREMENTS = 3;
const MINUTES = 60_000;

const trees = [...captured(), ...own()];

/** What real servers have sent: as it was, and about the user that is followed here. */
function captured(): Element[] {
  const folder = join(import.meta.dirname, "documents");
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), "latin1");
      const ours = text.replace(/aor="[^"]*"/, 'aor="sip:alice@example.test"');
      return [parseTree(text), parseTree(ours)];
    });
}

/** What olelo sends. */
function own(): Element[] {
  const contact: ContactState = {
    ...fullContact,
    uri: "sip:alice@10.0.0.7:5070;transport=udp",
    publicGruu: "sip:alice@example.test;gr=urn:uuid:1",
    temporaryGruu: "sip:t@example.test;gr",
    userAgent: "Phone 1",
    socket: "udp:10.0.0.100:5060",
  };
  const gone = { ...contact, id: "c2", isActive: false, event: "expired", expires: 0 };
  const other = { ...contact, id: "c3", uri: "sip:b@10.0.0.8", instance: undefined, regId: 0 };
  const registration = { aor: "sip:alice@example.test", id: "r1", state: "active" as const };
  const documents = [
    { version: 0, isFull: true, registrations: [{ ...registration, contacts: [contact, other] }] },
    { version: 1, isFull: false, registrations: [{ ...registration, contacts: [gone, other] }] },
    {
      version: 2,
      isFull: true,
      hasMore: true,
      registrations: [
        { ...registration, contacts: [other] },
        { ...registration, aor: "sip:bob@example.test", id: "r2", contacts: [contact, gone] },
      ],
    },
  ];
  return documents.map((document) => parseTree(writeReginfo(document)));
}

/** A body with its headers, of which one in twenty is wrong. */
function envelope(body: string, random: Random): Envelope {
  const sound = { body, length: String(body.length), type: "application/reginfo+xml" };
  if (!random.once(20)) return sound;
  if (random.once(2)) {
    const lengths = [null, "0", "-1", "5", "70000", "99999999999", "x", String(body.length - 1)];
    return { ...sound, length: random.pick(lengths) };
  }
  const types = [
    null,
    "text/plain",
    "application/pidf+xml",
    "application/reginfo+xml;x=y",
    "/",
    "",
  ];
  return { ...sound, type: random.pick([...types, "Application/REGINFO+xml"]) };
}

/** What a chunk has shown. */
interface ChunkResult {
  accepted: number;
  rejected: number;
  /** Numbers of the cases that took too long. */
  slow: number[];
}

type Chunk = (random: Random, result: ChunkResult) => Promise<void>;

/**
 * Runs all chunks. A case counts as slow when it was so in each of three measurements of its whole chunk, on a new engine each
 * time: on a busy machine any case may be interrupted, but the same one hardly three times.
 */
async function runChunks(first: number, chunk: Chunk): Promise<ChunkResult> {
  const total: ChunkResult = { accepted: 0, rejected: 0, slow: [] };
  for (let seed = first; seed < first + CASES / 2 / CHUNK; seed++) {
    let slow: number[] | undefined;
    for (let run = 0; run < MEASUREMENTS && slow?.length !== 0; run++) {
      const result: ChunkResult = { accepted: 0, rejected: 0, slow: [] };
      try {
        await chunk(new Random(seed), result);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const number = result.accepted + result.rejected;
        throw new Error(`seed ${seed}, case ${number}: ${message}`, { cause: error });
      }
      slow = slow === undefined ? result.slow : slow.filter((one) => result.slow.includes(one));
      if (run > 0) continue;
      total.accepted += result.accepted;
      total.rejected += result.rejected;
    }
    total.slow.push(...(slow ?? []).map((one) => (seed - first) * CHUNK + one));
  }
  return total;
}

/** Takes down what a case has shown; true when it was refused. */
function note(result: ChunkResult, outcome: { status: number; milliseconds: number }): boolean {
  if (outcome.milliseconds > LONGEST_MS) result.slow.push(result.accepted + result.rejected);
  const isRejected = outcome.status < 200 || outcome.status > 299;
  if (isRejected) result.rejected++;
  else result.accepted++;
  return isRejected;
}

const follow: Chunk = async (random, result) => {
  const site = await FollowerSite.start(random.once(2) ? "alice" : "everybody");
  let version = 0;
  let applied = 0;
  for (let i = 0; i < CHUNK; i++) {
    const body = mutate(random.pick(trees), random, ++version);
    // A dump of the table takes longer than the case: the count of changes stands for most of them.
    const before = random.once(8) ? site.dump() : undefined;
    site.changes.count = 0;
    const state = i === CHUNK - 1 ? "terminated" : "active;expires=90000";
    const outcome = await site.notify(envelope(body, random), state);
    if (note(result, outcome) && i < CHUNK - 1) {
      const isChanged = before !== undefined && site.dump() !== before;
      if (isChanged || site.changes.count > 0) throw new Error(`refused, but applied: ${body}`);
    }
    applied += site.changes.count;
    if (site.changes.count > 0) checkTable(site);
    if (random.once(50)) await site.pass(random.below(20_000));
    if (random.once(200)) await checkCall(site);
  }
  checkTable(site);
  expect(applied).toBeGreaterThan(CHUNK / 5);
  expect(site.faults).toEqual([]);
};

/** The table holds what was registered here, and of what is followed no more than it should. */
function checkTable(site: FollowerSite): void {
  const perUser = new Map<string, number>();
  let home = 0;
  for (const contact of site.contacts()) {
    const count = (perUser.get(contact.aor) ?? 0) + 1;
    perUser.set(contact.aor, count);
    if (!site.mayHold(contact.aor)) throw new Error(`a contact of ${contact.aor}`);
    if (count > MOST_CONTACTS + 1) throw new Error(`${count} contacts of ${contact.aor}`);
    if (/[\r\n\0]/.test(`${contact.uri}${contact.path}${contact.received}${contact.userAgent}`)) {
      throw new Error(`a contact with line ends: ${contact.uri}`);
    }
    if (contact.owner === null && contact.uri === "sip:home@10.0.0.1") home++;
  }
  if (home !== 1) throw new Error("the registration made here is gone");
}

/** What leaves for mirrored contacts can be read by others. */
async function checkCall(site: FollowerSite): Promise<void> {
  const sent = await site.call();
  expect(sent.length).toBeGreaterThan(0);
  for (const text of sent) {
    const parsed = parseMessage(text);
    expect(parsed.ok, text).toBe(true);
    expect(text.split("\r\n\r\n"), text).toHaveLength(2);
  }
}

const RESOURCES = [
  "sip:bob@example.test",
  "sip:%61lice@example.test",
  "tel:+1",
  "sip:example.test",
];
const EXPIRES = ["1", "600", "600", "600", "0", "4294967296", "-1", "x", ""];

const publish: Chunk = async (random, result) => {
  const site = await PresenceSite.start();
  for (let i = 0; i < CHUNK; i++) {
    const body = mutate(random.pick(trees), random, i);
    const before = random.once(8) ? await site.dump() : undefined;
    const outcome = await site.publish(envelope(body, random), {
      resource: random.once(10) ? random.pick(RESOURCES) : "sip:alice@example.test",
      event: random.once(50) ? random.pick(["presence", "", "reg;id=1", "reg.winfo"]) : "reg",
      expires: random.once(4) ? random.pick(EXPIRES) : "60",
      tag: random.once(2) ? random.pick([...site.tags, "no-such-tag"]) : undefined,
    });
    if (note(result, outcome)) {
      const isChanged = before !== undefined && (await site.dump()) !== before;
      if (isChanged || outcome.told > 0) throw new Error(`refused, but applied: ${body}`);
    }
    if (random.once(10)) await site.pass(random.below(5000));
  }
  expect(site.faults).toEqual([]);
};

describe("row 40: hostile registration documents", () => {
  it.each([
    ["in a NOTIFY", 1, follow],
    ["in a PUBLISH", 1_000_001, publish],
  ])(
    "%s do no harm",
    async (_where, seed, chunk) => {
      const { accepted, rejected, slow } = await runChunks(seed, chunk);
      expect(slow).toEqual([]);
      // Else the cases would say little.
      expect(accepted).toBeGreaterThan(CASES / 20);
      expect(rejected).toBeGreaterThan(CASES / 20);
    },
    10 * MINUTES,
  );
});
