/** The event package reg beside Debian's Kamailio: what is not a scenario of its own. SIPp watches, Kamailio publishes here. */
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "./support/commands.ts";
import {
  bindingsOf,
  contactNames,
  control,
  difference,
  tableOf,
} from "./support/location-table.ts";
import {
  kamailioRegistrar,
  notifier,
  oleloRegistrar,
  presenceServer,
  selfPublishing,
} from "./support/reg-event-configs.ts";
import { freePort } from "./support/servers.ts";
import { sippWatches } from "./support/sipp.ts";
import { type Machine, Stage } from "./support/stage.ts";

function openStage(): Stage {
  const stage = new Stage();
  onTestFinished(() => stage.close());
  return stage;
}

const list = (machine: Machine) => (): Promise<string> =>
  control(machine.server, "presence.presentity_list", "full");

const namesAt = (machine: Machine, user: string) => async (): Promise<string> =>
  contactNames(await tableOf(machine.server), user);

describe("a SIPp watcher", () => {
  it("row 25: is told by Kamailio of what we publish", async () => {
    const stage = openStage();
    const server = await stage.start("kamailio", presenceServer(600), await freePort());
    const config = oleloRegistrar({ peer: server.port }, { publishes: true });
    const olelo = await stage.start("olelo", config, await freePort());
    const phone = await stage.phone("alice");
    const watcher = await sippWatches("alice", server.server);
    await phone.register(olelo.port, "s1", 300);
    await eventually(list(server), (text) => text.includes("sip:s1@"));
    await phone.register(olelo.port, "s1", 0);
    const { status, output } = await watcher.done;
    expect(status, output).toBe(0);
  });

  it("row 1: is told by our notifier", async () => {
    const stage = openStage();
    const olelo = await stage.start("olelo", notifier(), await freePort());
    const phone = await stage.phone("alice");
    const watcher = await sippWatches("alice", olelo.server);
    await phone.register(olelo.port, "s1", 300);
    await phone.register(olelo.port, "s1", 0);
    const { status, output } = await watcher.done;
    expect(status, output).toBe(0);
  });

  it("row 29: is told by our presence server of what Kamailio publishes", async () => {
    const stage = openStage();
    const olelo = await stage.start("olelo", notifier(), await freePort());
    const config = kamailioRegistrar({ peer: olelo.port }, { publishes: true });
    const publisher = await stage.start("kamailio", config, await freePort());
    const phone = await stage.phone("published");
    const watcher = await sippWatches("published", olelo.server);
    await phone.register(publisher.port, "s1", 300);
    await eventually(list(olelo), (text) => text.includes("sip:s1@"));
    await phone.register(publisher.port, "s1", 0);
    const { status, output } = await watcher.done;
    expect(status, output).toBe(0);
  });
});

describe("Kamailio as the presence server", () => {
  it("row 27: holds one state of a user, and none after the last contact has gone", async () => {
    const stage = openStage();
    const server = await stage.start("kamailio", presenceServer(600), await freePort());
    const config = oleloRegistrar({ peer: server.port }, { publishes: true });
    const olelo = await stage.start("olelo", config, await freePort());
    const phone = await stage.phone("bob");
    await phone.register(olelo.port, "b1", 300);
    await phone.register(olelo.port, "b2", 300);
    const both = await eventually(
      list(server),
      (text) => contactNames(bindingsOf(text), "bob") === "b1 b2",
    );
    expect(both.match(/etag/gi)?.length).toBe(1);
    await phone.unregisterAll(olelo.port);
    await eventually(list(server), (text) => text.includes('state="terminated"'));
    await eventually(list(server), (text) => !/etag/i.test(text));
  });
});

describe("Kamailio as the server that we follow", () => {
  it("row 37: its contacts are found by lookup, and those that have gone are not", async () => {
    const stage = openStage();
    const server = await stage.start("kamailio", selfPublishing(), await freePort());
    const config = oleloRegistrar({ peer: server.port }, { publishes: false });
    const olelo = await stage.start("olelo", config, await freePort());
    const phone = await stage.phone("carol");
    await phone.register(server.port, "c1", 300);
    await phone.haveFollowed(olelo.port);
    await eventually(namesAt(olelo, "carol"), (names) => names === "c1");
    expect(await phone.ask(olelo.port, "OPTIONS")).toContain("200 Found sip:c1@127.0.0.1");
    await phone.register(server.port, "c1", 0);
    await eventually(namesAt(olelo, "carol"), (names) => names === "");
    expect(await phone.ask(olelo.port, "OPTIONS")).toContain("404 None");
  });
});

describe("a Kamailio that follows us", () => {
  it("row 17: loses what the operator removes", async () => {
    const stage = openStage();
    const olelo = await stage.start("olelo", notifier(), await freePort());
    const config = kamailioRegistrar({ peer: olelo.port }, { publishes: false });
    const mirror = await stage.start("kamailio", config, await freePort());
    const phone = await stage.phone("alice");
    await phone.haveFollowed(mirror.port);
    await phone.register(olelo.port, "a1", 300);
    await eventually(namesAt(mirror, "alice"), (names) => names === "a1");
    await phone.register(olelo.port, "a2", 300);
    await eventually(namesAt(mirror, "alice"), (names) => names === "a1 a2");
    await control(olelo.server, "ul.rm", "location", "alice");
    await eventually(namesAt(mirror, "alice"), (names) => names === "");
    await phone.register(olelo.port, "a3", 300);
    await eventually(namesAt(mirror, "alice"), (names) => names === "a3");
    expect(await control(olelo.server, "reginfo.list")).toContain("version: 5");
  });

  it("agrees with us again when we have been killed and started again", async () => {
    const stage = openStage();
    const olelo = await stage.start("olelo", notifier(), await freePort());
    const config = kamailioRegistrar({ peer: olelo.port }, { publishes: false });
    const mirror = await stage.start("kamailio", config, await freePort());
    const phone = await stage.phone("alice");
    await phone.haveFollowed(mirror.port);
    await phone.register(olelo.port, "a1", 300);
    await eventually(namesAt(mirror, "alice"), (names) => names === "a1");
    await olelo.restart();
    await phone.register(olelo.port, "a1", 600);
    await phone.haveFollowed(mirror.port);
    await phone.register(olelo.port, "a2", 300);
    await eventually(namesAt(mirror, "alice"), (names) => names === "a1 a2");
    await eventually(
      async () => difference(await tableOf(olelo.server), await tableOf(mirror.server)),
      (found) => found === "",
    );
  });
});

describe("a Kamailio that publishes here", () => {
  it("row 29: is merged into one document for watchers", async () => {
    const stage = openStage();
    const olelo = await stage.start("olelo", notifier(), await freePort());
    const config = kamailioRegistrar({ peer: olelo.port }, { publishes: true });
    const publisher = await stage.start("kamailio", config, await freePort());
    const phone = await stage.phone("published");
    const watcher = await stage.watcher("published", olelo.port);
    const told = (): Promise<string> => Promise.resolve(watcher.document);
    const names = (document: string): string => contactNames(bindingsOf(document), "published");
    await eventually(told, (text) => text.includes('state="init"'));
    await phone.register(publisher.port, "p1", 300);
    await eventually(told, (text) => names(text) === "p1");
    await phone.register(publisher.port, "p2", 300);
    const both = await eventually(told, (text) => names(text) === "p1 p2");
    expect(both).toContain('version="2"');
    expect(both.match(/<registration /g)?.length).toBe(1);
    await phone.unregisterAll(publisher.port);
    const last = await eventually(told, (text) => /<registration[^>]*"terminated"/.test(text));
    expect(names(last)).toBe("");
  });
});
