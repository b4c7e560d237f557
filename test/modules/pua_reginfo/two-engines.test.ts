/** Two engines that follow each other through presence servers: they agree, and there is no echo. */
import { describe, expect, it } from "vitest";
import type { Sent } from "../../support/engine.ts";
import { ALICE, notifyText, ReginfoEngine, SERVER } from "./harness.ts";

/** Stands for the presence server of one engine: keeps what it publishes, and tells the other engine. */
class Side {
  readonly engine: ReginfoEngine;
  /** Documents by resource. */
  readonly published = new Map<string, string>();
  /** Subscriptions of the other engine, by resource. */
  readonly watchers = new Map<string, { subscribe: Sent; cseq: number }>();
  publishes = 0;
  notifies = 0;
  #tag = 0;

  constructor(engine: ReginfoEngine) {
    this.engine = engine;
  }

  nextTag(): string {
    return `e${++this.#tag}`;
  }
}

class Pair {
  readonly a: Side;
  readonly b: Side;
  /** While true, nothing passes between the two. */
  isCut = false;

  private constructor(a: ReginfoEngine, b: ReginfoEngine) {
    this.a = new Side(a);
    this.b = new Side(b);
  }

  static async start(): Promise<Pair> {
    const pair = new Pair(await ReginfoEngine.start(), await ReginfoEngine.start());
    for (const side of [pair.a, pair.b]) {
      const subscribe = await side.engine.subscribe(ALICE);
      await pair.#handle(side, subscribe as Sent);
    }
    await pair.settle();
    return pair;
  }

  /** Lets the servers work until nothing is sent any more. */
  async settle(ms = 0): Promise<void> {
    for (let round = 0; round < 100; round++) {
      const fromA = await this.a.engine.net.advance(round === 0 ? ms : 0);
      const fromB = await this.b.engine.net.advance(round === 0 ? ms : 0);
      if (fromA.length + fromB.length === 0) return;
      for (const sent of fromA) await this.#handle(this.a, sent);
      for (const sent of fromB) await this.#handle(this.b, sent);
    }
    throw new Error("it never ends");
  }

  /** Registers at one side; its PUBLISH is handled at once. */
  async register(side: Side, contact: string): Promise<void> {
    for (const sent of await side.engine.register(contact)) await this.#handle(side, sent);
    await this.settle();
  }

  async #handle(side: Side, sent: Sent): Promise<void> {
    if (this.isCut || sent.to !== SERVER || sent.line.startsWith("SIP/2.0")) return;
    const other = side === this.a ? this.b : this.a;
    const resource = sent.message.requestUri;
    if (sent.line.startsWith("PUBLISH")) {
      side.publishes++;
      const isRemoval = sent.header("Expires") === "0";
      const expires = `Expires: ${sent.header("Expires")}\r\n`;
      const more = await side.engine.answer(sent, 200, `SIP-ETag: ${side.nextTag()}\r\n${expires}`);
      for (const one of more) await this.#handle(side, one);
      if (isRemoval) side.published.delete(resource);
      else if (sent.body !== "") side.published.set(resource, sent.body);
      if (sent.body !== "") await this.#tell(side, resource);
      return;
    }
    if (!sent.line.startsWith("SUBSCRIBE")) return;
    // The other side's server has the state that this engine asks for.
    const known = other.watchers.get(ALICE);
    const isNew = known?.subscribe.message.callId !== sent.message.callId;
    if (isNew) other.watchers.set(ALICE, { subscribe: sent, cseq: 1 });
    await side.engine.accept(sent, Number(sent.header("Expires")));
    await this.#tell(other, ALICE);
  }

  /** Sends the state of one side to the engine of the other. */
  async #tell(side: Side, resource: string): Promise<void> {
    const watcher = side.watchers.get(resource);
    if (watcher === undefined) return;
    side.notifies++;
    const body = side.published.get(resource) ?? "";
    const text = notifyText(watcher.subscribe.message, body, { cseq: ++watcher.cseq });
    const other = side === this.a ? this.b : this.a;
    for (const sent of await other.engine.net.send(text, SERVER)) await this.#handle(other, sent);
  }

  /** Contacts of alice at each side, sorted; those of the other side in brackets. */
  tables(): string[] {
    return [this.a, this.b].map((side) => {
      const location = side.engine.net.engine.services.api("usrloc") as {
        findTable(name: string): { first(aor: string): Listed | undefined } | undefined;
      };
      const uris: string[] = [];
      let contact = location.findTable("location")?.first("alice") ?? null;
      for (; contact !== null; contact = contact.next) {
        uris.push(contact.owner === null ? contact.uri : `(${contact.uri})`);
      }
      return uris.toSorted().join(" ");
    });
  }
}

interface Listed {
  readonly uri: string;
  readonly owner: object | null;
  readonly next: Listed | null;
}

describe("two engines", () => {
  it("row 41: know each other's contacts, with one PUBLISH and one NOTIFY for each change", async () => {
    const pair = await Pair.start();
    const before = pair.a.notifies;
    await pair.register(pair.a, "<sip:a@1.1.1.1>");
    expect(pair.tables()).toEqual(["sip:a@1.1.1.1", "(sip:a@1.1.1.1)"]);
    expect([pair.a.publishes, pair.a.notifies - before, pair.b.publishes]).toEqual([1, 1, 0]);
    await pair.register(pair.b, "<sip:b@2.2.2.2>");
    expect(pair.tables()).toEqual([
      "(sip:b@2.2.2.2) sip:a@1.1.1.1",
      "(sip:a@1.1.1.1) sip:b@2.2.2.2",
    ]);
    expect([pair.a.publishes, pair.b.publishes]).toEqual([1, 1]);
    await pair.register(pair.a, "<sip:a@1.1.1.1>");
    await pair.register(pair.a, "<sip:c@1.1.1.1>");
    await pair.register(pair.a, "<sip:a@1.1.1.1>;expires=0");
    expect(pair.tables()).toEqual([
      "(sip:b@2.2.2.2) sip:c@1.1.1.1",
      "(sip:c@1.1.1.1) sip:b@2.2.2.2",
    ]);
    expect([pair.a.publishes, pair.b.publishes]).toEqual([4, 1]);
  });

  it("see contacts run out and users go", async () => {
    const pair = await Pair.start();
    await pair.register(pair.a, "<sip:a@1.1.1.1>;expires=60, <sip:c@1.1.1.1>;expires=600");
    await pair.register(pair.b, "<sip:b@2.2.2.2>");
    await pair.settle(61_000);
    expect(pair.tables()).toEqual([
      "(sip:b@2.2.2.2) sip:c@1.1.1.1",
      "(sip:c@1.1.1.1) sip:b@2.2.2.2",
    ]);
    await pair.register(pair.a, "<sip:c@1.1.1.1>;expires=0");
    expect(pair.tables()).toEqual(["(sip:b@2.2.2.2)", "sip:b@2.2.2.2"]);
    for (let i = 0; i < 10; i++) await pair.settle(10_000);
    expect([pair.a.published.size, pair.b.published.size]).toEqual([0, 1]);
  });

  it("row 41: keep a contact that registers at both once each, without an echo", async () => {
    const pair = await Pair.start();
    await pair.register(pair.a, "<sip:a@1.1.1.1>");
    await pair.register(pair.b, "<sip:a@1.1.1.1>");
    expect(pair.tables()).toEqual(["sip:a@1.1.1.1", "sip:a@1.1.1.1"]);
    expect([pair.a.publishes, pair.b.publishes]).toEqual([1, 1]);
    await pair.register(pair.b, "<sip:a@1.1.1.1>;expires=0");
    expect(pair.tables()).toEqual(["sip:a@1.1.1.1", "(sip:a@1.1.1.1)"]);
  });

  it("row 41: come together again after they could not hear each other", async () => {
    const pair = await Pair.start();
    await pair.register(pair.a, "<sip:a@1.1.1.1>;expires=7200");
    pair.isCut = true;
    await pair.register(pair.a, "<sip:c@1.1.1.1>;expires=7200");
    await pair.settle(60_000);
    expect(pair.tables()[1]).toBe("(sip:a@1.1.1.1)");
    pair.isCut = false;
    for (let i = 0; i < 60; i++) await pair.settle(10_000);
    expect(pair.tables()[1]).toBe("(sip:a@1.1.1.1) (sip:c@1.1.1.1)");
  });
});
