/** The event package reg with Debian's Kamailio when we are killed with -9 and go on from our database. */
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
  following,
  kamailioRegistrar,
  keptInDatabase,
  notifier,
  oleloRegistrar,
  presenceServer,
  selfPublishing,
} from "./support/reg-event-configs.ts";
import { type Machine, openStage } from "./support/stage.ts";

const USER = "alice";

/** Kills it when its database has what was learnt by now: the network does not wait for that. */
async function crash(olelo: Machine): Promise<void> {
  await eventually(
    () => control(olelo.server, "stats.fetch", "pua.pua_written", "pua.pua_waiting"),
    (text) => /pua_written: [1-9]/.test(text) && text.includes("pua_waiting: 0"),
  );
  await olelo.restart();
}

describe("after a crash of ours", () => {
  it("row 25: Kamailio holds one state of a user, whom we go on publishing", async () => {
    const stage = openStage();
    const server = await stage.start("kamailio", presenceServer(600));
    const config = keptInDatabase(oleloRegistrar({ peer: server.port }, { publishes: true }));
    const olelo = await stage.start("olelo", config);
    const list = publishedAt(server);
    const phone = await stage.phone(USER);
    await phone.register(olelo.port, "b1", 300);
    await eventually(list, (text) => contactNames(bindingsOf(text), USER) === "b1");
    await crash(olelo);
    await phone.register(olelo.port, "b1", 300);
    await phone.register(olelo.port, "b2", 300);
    const both = await eventually(list, (text) => contactNames(bindingsOf(text), USER) === "b1 b2");
    expect(both.match(/etag/gi)?.length).toBe(1);
    await phone.unregisterAll(olelo.port);
    await eventually(list, (text) => !/etag/i.test(text));
  });

  it("row 32: we go on following Kamailio in the dialog that there was", async () => {
    const stage = openStage();
    const link = await stage.link();
    const server = await stage.start("kamailio", selfPublishing(link.portOfB), link.ports[1]);
    const config = keptInDatabase(oleloRegistrar(link.wiringOf("a"), { publishes: false }));
    const olelo = await stage.start("olelo", config, link.ports[0]);
    const phone = await stage.phone(USER);
    await phone.register(server.port, "c1", 300);
    await phone.haveFollowed(olelo.port);
    await eventually(namesAt(olelo, USER), (names) => names === "c1");
    await crash(olelo);
    await eventually(namesAt(olelo, USER), (names) => names === "c1");
    await phone.register(server.port, "c2", 300);
    await eventually(namesAt(olelo, USER), (names) => names === "c1 c2");
    expect(link.dialogs("a", "SUBSCRIBE")).toBe(1);
  });

  it("row 9: a Kamailio that follows us hears from us in the dialog that there was", async () => {
    const stage = openStage();
    const link = await stage.link();
    const olelo = await stage.start("olelo", keptInDatabase(notifier(link.portOfA)), link.ports[0]);
    const config = kamailioRegistrar(link.wiringOf("b"), { publishes: false });
    const mirror = await stage.start("kamailio", config, link.ports[1]);
    const phone = await stage.phone(USER);
    await phone.haveFollowed(mirror.port);
    await phone.register(olelo.port, "a1", 300);
    await phone.register(olelo.port, "a2", 300);
    await eventually(namesAt(mirror, USER), (names) => names === "a1 a2");
    await olelo.restart();
    await phone.register(olelo.port, "a1", 300);
    await phone.register(olelo.port, "a2", 300);
    await phone.register(olelo.port, "a3", 300);
    await eventually(namesAt(mirror, USER), (names) => names === "a1 a2 a3");
    await phone.register(olelo.port, "a1", 0);
    await eventually(namesAt(mirror, USER), (names) => names === "a2 a3");
    await eventually(
      () => differenceOf(olelo, mirror),
      (found) => found === "",
    );
    expect(link.dialogs("b", "SUBSCRIBE")).toBe(1);
    expect(link.dialogs("a", "NOTIFY")).toBe(1);
  });

  it("row 41: two of ours, killed one after the other, agree in the dialogs that there were", async () => {
    const stage = openStage();
    const { link, a, b } = await stage.pair((wiring) => keptInDatabase(following(wiring)));
    const phoneOfA = await stage.phone(USER);
    const phoneOfB = await stage.phone(USER);
    const agreeOn = (names: string): Promise<string> =>
      eventually(
        async () => `${await namesAt(a, USER)()} ${await differenceOf(a, b)}`,
        (now) => now === `${names} `,
      );
    await phoneOfA.register(a.port, "a1", 300);
    await phoneOfB.register(b.port, "b1", 300);
    await agreeOn("a1 b1");
    await crash(b);
    await eventually(namesAt(b, USER), (names) => names === "a1");
    await phoneOfB.register(b.port, "b1", 300);
    await agreeOn("a1 b1");
    await crash(a);
    await eventually(namesAt(a, USER), (names) => names === "b1");
    await phoneOfA.register(a.port, "a1", 300);
    await phoneOfA.register(a.port, "a2", 300);
    await agreeOn("a1 a2 b1");
    expect([link.dialogs("a", "SUBSCRIBE"), link.dialogs("b", "SUBSCRIBE")]).toEqual([1, 1]);
  });
});
