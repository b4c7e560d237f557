/** The event package reg between two real servers: register, unregister, expiry, restarts and losses, seen at the far side. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/commands.ts";
import {
  bindingsOf,
  contactNames,
  difference,
  differenceOf,
  namesAt,
  publishedAt,
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
import { Stage } from "./support/stage.ts";

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

regEventScenario(
  "row 25, row 26, row 27: we publish to Kamailio, and a watcher there is told",
  async (stage) => {
    const link = await stage.link();
    const kamailio = await stage.start("kamailio", presenceServer(8), link.ports[1]);
    const config = oleloRegistrar(link.wiringOf("a"), { publishes: true });
    const olelo = await stage.start("olelo", config, link.ports[0]);
    const watcher = await stage.watcher(USER, kamailio.port);
    const published = publishedAt(kamailio);
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
  const link = await stage.link();
  const kamailio = await stage.start("kamailio", selfPublishing(link.portOfB), link.ports[1]);
  const config = oleloRegistrar(link.wiringOf("a"), { publishes: false, expires: 6 });
  const olelo = await stage.start("olelo", config, link.ports[0]);
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
    seen: namesAt(olelo, USER),
    async fault() {
      // Whoever asks later gets the document as it was published, with the lifetimes of then.
      return hasForgotten ? "" : differenceOf(kamailio, olelo, 20);
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
    const link = await stage.link();
    const olelo = await stage.start("olelo", notifier(link.portOfA), link.ports[0]);
    const config = kamailioRegistrar(link.wiringOf("b"), { publishes: false });
    const kamailio = await stage.start("kamailio", config, link.ports[1]);
    const phone = await stage.phone(USER);
    await phone.haveFollowed(kamailio.port);
    return {
      link,
      ...(await phoneAt(stage, olelo.port)),
      seen: namesAt(kamailio, USER),
      fault: () => differenceOf(olelo, kamailio),
      async restartPeer() {
        await kamailio.restart();
        await phone.haveFollowed(kamailio.port);
      },
      afterRestart: ["c4", "c4 c5"],
    };
  },
);

/** Two of ours with a phone at A, watched at B; one of them is killed. */
async function pairWithKilled(
  killed: "a" | "b",
  stage: Stage,
  afterRestart: RegEventWorld["afterRestart"],
): Promise<RegEventWorld> {
  const { link, a, b } = await stage.pair((wiring) => following(wiring));
  return {
    link,
    ...(await phoneAt(stage, a.port)),
    seen: namesAt(b, USER),
    fault: () => differenceOf(a, b),
    restartPeer: () => (killed === "a" ? a : b).restart(),
    afterRestart,
  };
}

regEventScenario("row 41: two of ours follow each other, and the follower is killed", (stage) =>
  pairWithKilled("b", stage, ["c4", "c4 c5"]),
);

regEventScenario(
  "row 39, row 41: two of ours follow each other, and the registrar is killed",
  (stage) => pairWithKilled("a", stage, ["", "c5"]),
);

describe.concurrent("two of ours with phones at both", () => {
  const stage = new Stage();
  afterAll(() => stage.close());
  let servers: Awaited<ReturnType<Stage["pair"]>>;
  beforeAll(async () => {
    servers = await stage.pair((wiring) => following(wiring, 600));
  });
  /** Resolves when both know these contacts of a user, and the same of them. */
  const reached = async (names: string, user: string): Promise<void> => {
    const { a, b } = servers;
    await eventually(
      async () => {
        const [atA, atB] = [await namesAt(a, user)(), await namesAt(b, user)()];
        return `${atA} | ${atB} | ${await differenceOf(a, b)}`;
      },
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
