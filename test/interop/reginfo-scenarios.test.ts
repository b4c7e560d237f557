/** The event package reg between two real servers: register, unregister, expiry, restarts and losses, seen at the far side. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/commands.ts";
import {
  bindingsOf,
  contactNames,
  control,
  difference,
  tableOf,
} from "./support/location-table.ts";
import {
  following,
  kamailioRegistrar,
  notifier,
  oleloRegistrar,
  presenceServer,
  selfPublishing,
} from "./support/reg-event-configs.ts";
import { regEventScenario, type RegEventWorld } from "./support/reg-event-scenario.ts";
import { freePort } from "./support/servers.ts";
import { type Machine, Stage } from "./support/stage.ts";

const USER = "alice";

/** A phone that registers at a server. */
async function phoneAt(
  stage: Stage,
  registrar: number,
): Promise<Pick<RegEventWorld, "register" | "unregisterAll">> {
  const phone = await stage.phone(USER);
  return {
    register: (name, seconds) => phone.register(registrar, name, seconds),
    unregisterAll: () => phone.unregisterAll(registrar),
  };
}

const namesAt = async (machine: Machine, user = USER): Promise<string> =>
  contactNames(await tableOf(machine.server), user);

regEventScenario(
  "row 25, row 26, row 27: we publish to Kamailio, and a watcher there is told",
  async (stage) => {
    const ports = [await freePort(), await freePort()] as const;
    const link = await stage.link(...ports);
    const kamailio = await stage.start("kamailio", presenceServer(8), ports[1]);
    const wiring = { peer: link.portOfB, self: link.portOfA };
    const olelo = await stage.start("olelo", oleloRegistrar(wiring, { publishes: true }), ports[0]);
    const watcher = await stage.watcher(USER, kamailio.port);
    const published = (): Promise<string> =>
      control(kamailio.server, "presence.presentity_list", "full");
    return {
      link,
      ...(await phoneAt(stage, olelo.port)),
      seen: () => Promise.resolve(contactNames(bindingsOf(watcher.document), USER)),
      async fault() {
        const told = bindingsOf(watcher.document);
        const stored = bindingsOf(await published());
        // Documents are as old as the last change.
        return (
          difference(await tableOf(olelo.server), told, Infinity) + difference(stored, told, 0)
        );
      },
      restartPeer: () => kamailio.restart(),
      // Nobody registers: the refresh of the publication shows us what has happened.
      afterRestart: ["c4", "c4 c5"],
    };
  },
);

regEventScenario("row 32, row 37: we follow Kamailio", async (stage) => {
  const ports = [await freePort(), await freePort()] as const;
  const link = await stage.link(...ports);
  const kamailio = await stage.start("kamailio", selfPublishing(link.portOfB), ports[1]);
  const wiring = { peer: link.portOfB, self: link.portOfA };
  const config = oleloRegistrar(wiring, { publishes: false, expires: 6 });
  const olelo = await stage.start("olelo", config, ports[0]);
  await (await stage.phone(USER)).haveFollowed(olelo.port);
  const { register, unregisterAll } = await phoneAt(stage, kamailio.port);
  let hasForgotten = false;
  return {
    link,
    async register(name, seconds) {
      await register(name, seconds);
      hasForgotten = false;
    },
    unregisterAll,
    seen: () => namesAt(olelo),
    async fault() {
      if (hasForgotten) return "";
      // Whoever asks later gets the document as it was published, with the lifetimes of then.
      return difference(await tableOf(kamailio.server), await tableOf(olelo.server), 20);
    },
    async restartPeer() {
      await kamailio.restart();
      hasForgotten = true;
    },
    // A server that knows nothing says nothing: contacts stay until it has something to say.
    afterRestart: ["c4", "c5"],
  };
});

regEventScenario(
  "row 1, row 15, row 16: Kamailio follows us, and its table equals ours",
  async (stage) => {
    const ports = [await freePort(), await freePort()] as const;
    const link = await stage.link(...ports);
    const olelo = await stage.start("olelo", notifier(link.portOfA), ports[0]);
    const wiring = { peer: link.portOfA, self: link.portOfB };
    const config = kamailioRegistrar(wiring, { publishes: false });
    const kamailio = await stage.start("kamailio", config, ports[1]);
    const phone = await stage.phone(USER);
    await phone.haveFollowed(kamailio.port);
    return {
      link,
      ...(await phoneAt(stage, olelo.port)),
      seen: () => namesAt(kamailio),
      fault: async () => difference(await tableOf(olelo.server), await tableOf(kamailio.server)),
      async restartPeer() {
        await kamailio.restart();
        await phone.haveFollowed(kamailio.port);
      },
      afterRestart: ["c4", "c4 c5"],
    };
  },
);

/** Two of ours, A and B, that follow each other. */
async function pair(stage: Stage, expires?: number) {
  const ports = [await freePort(), await freePort()] as const;
  const link = await stage.link(...ports);
  const ofA = following({ peer: link.portOfB, self: link.portOfA }, expires);
  const ofB = following({ peer: link.portOfA, self: link.portOfB }, expires);
  const a = await stage.start("olelo", ofA, ports[0]);
  const b = await stage.start("olelo", ofB, ports[1]);
  const fault = async (): Promise<string> =>
    difference(await tableOf(a.server), await tableOf(b.server));
  return { link, a, b, fault };
}

regEventScenario(
  "row 41: two of ours follow each other, and the follower is killed",
  async (stage) => {
    const { link, a, b, fault } = await pair(stage);
    return {
      link,
      ...(await phoneAt(stage, a.port)),
      seen: () => namesAt(b),
      fault,
      restartPeer: () => b.restart(),
      afterRestart: ["c4", "c4 c5"],
    };
  },
);

regEventScenario(
  "row 39, row 41: two of ours follow each other, and the registrar is killed",
  async (stage) => {
    const { link, a, b, fault } = await pair(stage);
    return {
      link,
      ...(await phoneAt(stage, a.port)),
      seen: () => namesAt(b),
      fault,
      restartPeer: () => a.restart(),
      afterRestart: ["", "c5"],
    };
  },
);

describe.concurrent("two of ours with phones at both", () => {
  const stage = new Stage();
  afterAll(() => stage.close());
  let servers: Awaited<ReturnType<typeof pair>>;
  beforeAll(async () => {
    servers = await pair(stage, 600);
  });
  /** Resolves when both know these contacts of a user, and the same of them. */
  const reached = async (names: string, user: string): Promise<void> => {
    const { a, b, fault } = servers;
    await eventually(
      async () => `${await namesAt(a, user)} | ${await namesAt(b, user)} | ${await fault()}`,
      (now) => now === `${names} | ${names} | `,
    );
  };

  it.sequential("row 11, row 41: one NOTIFY for each change, and none back", async () => {
    const { link, a, b } = servers;
    const phone = await stage.phone(USER);
    const other = await stage.phone(USER);
    await phone.register(a.port, "a0", 300);
    await other.register(b.port, "b0", 300);
    await reached("a0 b0", USER);
    const count = (): number[] =>
      (["a", "b"] as const).flatMap((from) => [
        link.requests(from, "NOTIFY"),
        link.requests(from, "SUBSCRIBE"),
      ]);
    const before = count();
    await phone.register(a.port, "a1", 300);
    await reached("a0 a1 b0", USER);
    await phone.register(a.port, "a0", 0);
    await reached("a1 b0", USER);
    await other.register(b.port, "b0", 600);
    await reached("a1 b0", USER);
    await other.register(b.port, "b0", 0);
    await reached("a1", USER);
    await phone.register(a.port, "a1", 0);
    await reached("", USER);
    const after = count();
    expect(after.map((now, index) => now - (before[index] ?? 0))).toEqual([3, 0, 2, 0]);
  });

  it.sequential("row 39: a phone that goes to the other server and back is known once", async () => {
    const { a, b } = servers;
    const phone = await stage.phone("bob");
    for (const port of [a.port, b.port, a.port, b.port]) {
      await phone.register(port, "b1", 300);
      await reached("b1", "bob");
    }
    await phone.register(b.port, "b1", 0);
    await reached("", "bob");
  });
});
