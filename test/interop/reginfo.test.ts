/** The event package reg beside Debian's Kamailio: what is not a scenario of its own. SIPp watches, Kamailio publishes here. */
import { describe, expect, it } from "vitest";
import { control, eventually } from "./support/commands.ts";
import {
  bindingsOf,
  contactNames,
  differenceOf,
  namesAt,
  publishedAt,
} from "./support/location-table.ts";
import {
  kamailioRegistrar,
  notifier,
  oleloRegistrar,
  presenceServer,
  type RegistrarOptions,
  selfPublishing,
} from "./support/reg-event-configs.ts";
import { sippWatches } from "./support/sipp.ts";
import { type Machine, openStage, type Stage } from "./support/stage.ts";

/** A test's servers. */
interface Two {
  readonly stage: Stage;
  readonly olelo: Machine;
  readonly kamailio: Machine;
}

/** Kamailio with this config, and a registrar of ours that has it as its peer. */
async function besideKamailio(config: string, options: RegistrarOptions): Promise<Two> {
  const stage = openStage();
  const kamailio = await stage.start("kamailio", config);
  const olelo = await stage.start("olelo", oleloRegistrar({ peer: kamailio.port }, options));
  return { stage, olelo, kamailio };
}

/** Our notifier, and a Kamailio as registrar that has it as its peer. */
async function besideNotifier(options: RegistrarOptions): Promise<Two> {
  const stage = openStage();
  const olelo = await stage.start("olelo", notifier());
  const kamailio = await stage.start("kamailio", kamailioRegistrar({ peer: olelo.port }, options));
  return { stage, olelo, kamailio };
}

describe("a SIPp watcher", () => {
  it("row 25: is told by Kamailio of what we publish", async () => {
    const { stage, olelo, kamailio } = await besideKamailio(presenceServer(600), {
      publishes: true,
    });
    const phone = await stage.phone("alice");
    const watcher = await sippWatches("alice", kamailio.server);
    await phone.register(olelo.port, "s1", 300);
    await eventually(publishedAt(kamailio), (text) => text.includes("sip:s1@"));
    await phone.register(olelo.port, "s1", 0);
    const { status, output } = await watcher.done;
    expect(status, output).toBe(0);
  });

  it("row 1: is told by our notifier", async () => {
    const stage = openStage();
    const olelo = await stage.start("olelo", notifier());
    const phone = await stage.phone("alice");
    const watcher = await sippWatches("alice", olelo.server);
    await phone.register(olelo.port, "s1", 300);
    await phone.register(olelo.port, "s1", 0);
    const { status, output } = await watcher.done;
    expect(status, output).toBe(0);
  });

  it("row 29: is told by our presence server of what Kamailio publishes", async () => {
    const { stage, olelo, kamailio } = await besideNotifier({ publishes: true });
    const phone = await stage.phone("published");
    const watcher = await sippWatches("published", olelo.server);
    await phone.register(kamailio.port, "s1", 300);
    await eventually(publishedAt(olelo), (text) => text.includes("sip:s1@"));
    await phone.register(kamailio.port, "s1", 0);
    const { status, output } = await watcher.done;
    expect(status, output).toBe(0);
  });
});

describe("Kamailio as the presence server", () => {
  it("row 27: holds one state of a user, and none after the last contact has gone", async () => {
    const { stage, olelo, kamailio } = await besideKamailio(presenceServer(600), {
      publishes: true,
    });
    const phone = await stage.phone("bob");
    await phone.register(olelo.port, "b1", 300);
    await phone.register(olelo.port, "b2", 300);
    const both = await eventually(
      publishedAt(kamailio),
      (text) => contactNames(bindingsOf(text), "bob") === "b1 b2",
    );
    expect(both.match(/etag/gi)?.length).toBe(1);
    await phone.unregisterAll(olelo.port);
    await eventually(publishedAt(kamailio), (text) => text.includes('state="terminated"'));
    await eventually(publishedAt(kamailio), (text) => !/etag/i.test(text));
  });
});

describe("Kamailio as the server that we follow", () => {
  it("row 37: its contacts are found by lookup, and those that have gone are not", async () => {
    const { stage, olelo, kamailio } = await besideKamailio(selfPublishing(), {
      publishes: false,
    });
    const phone = await stage.phone("carol");
    await phone.register(kamailio.port, "c1", 300);
    await phone.haveFollowed(olelo.port);
    await eventually(namesAt(olelo, "carol"), (names) => names === "c1");
    expect(await phone.ask(olelo.port, "OPTIONS")).toContain("200 Found sip:c1@127.0.0.1");
    await phone.register(kamailio.port, "c1", 0);
    await eventually(namesAt(olelo, "carol"), (names) => names === "");
    expect(await phone.ask(olelo.port, "OPTIONS")).toContain("404 None");
  });
});

describe("a Kamailio that follows us", () => {
  it("row 17: loses what the operator removes", async () => {
    const { stage, olelo, kamailio } = await besideNotifier({ publishes: false });
    const phone = await stage.phone("alice");
    await phone.haveFollowed(kamailio.port);
    await phone.register(olelo.port, "a1", 300);
    await eventually(namesAt(kamailio, "alice"), (names) => names === "a1");
    await phone.register(olelo.port, "a2", 300);
    await eventually(namesAt(kamailio, "alice"), (names) => names === "a1 a2");
    await control(olelo.server, "ul.rm", "location", "alice");
    await eventually(namesAt(kamailio, "alice"), (names) => names === "");
    await phone.register(olelo.port, "a3", 300);
    await eventually(namesAt(kamailio, "alice"), (names) => names === "a3");
    expect(await control(olelo.server, "reginfo.list")).toContain("version: 5");
  });

  it("agrees with us again when we have been killed and started again", async () => {
    const { stage, olelo, kamailio } = await besideNotifier({ publishes: false });
    const phone = await stage.phone("alice");
    await phone.haveFollowed(kamailio.port);
    await phone.register(olelo.port, "a1", 300);
    await eventually(namesAt(kamailio, "alice"), (names) => names === "a1");
    await olelo.restart();
    await phone.register(olelo.port, "a1", 600);
    await phone.haveFollowed(kamailio.port);
    await phone.register(olelo.port, "a2", 300);
    await eventually(namesAt(kamailio, "alice"), (names) => names === "a1 a2");
    await eventually(
      () => differenceOf(olelo, kamailio),
      (found) => found === "",
    );
  });
});

describe("a Kamailio that publishes here", () => {
  it("row 29: is merged into one document for watchers", async () => {
    const { stage, olelo, kamailio } = await besideNotifier({ publishes: true });
    const phone = await stage.phone("published");
    const watcher = await stage.watcher("published", olelo.port);
    const told = (): Promise<string> => Promise.resolve(watcher.document);
    const names = (document: string): string => contactNames(bindingsOf(document), "published");
    await eventually(told, (text) => text.includes('state="init"'));
    await phone.register(kamailio.port, "p1", 300);
    await eventually(told, (text) => names(text) === "p1");
    await phone.register(kamailio.port, "p2", 300);
    const both = await eventually(told, (text) => names(text) === "p1 p2");
    expect(both).toContain('version="2"');
    expect(both.match(/<registration /g)?.length).toBe(1);
    await phone.unregisterAll(kamailio.port);
    const last = await eventually(told, (text) => /<registration[^>]*"terminated"/.test(text));
    expect(names(last)).toBe("");
  });
});
