/** Two real servers that follow each other under load, with lost packets and a kill: in the end both know the same. */
import { afterEach, expect, it } from "vitest";
import { eventually } from "./support/commands.ts";
import { difference, wholeTableOf } from "./support/location-table.ts";
import { following } from "./support/reg-event-configs.ts";
import { RegisterLoad } from "./support/register-load.ts";
import { type Machine, Stage } from "./support/stage.ts";

const USERS = 10_000;
/** Changes a second at each server. */
const RATE = 200;
const LOSS = 0.05;
/** Time in which tables have to be equal after the load has stopped, in milliseconds. */
const WITHIN_MS = 5000;

/** Contacts, dialogs and versions are kept through a kill. */
const stored = `loadmodule "jsonrpcs.so"
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "RUN/rpc")
loadmodule "db_sqlite.so"
modparam("usrloc", "db_mode", 1)
modparam("usrloc|pua|reginfo", "db_url", "sqlite:///RUN/olelo.sqlite")
`;

const stage = new Stage();
let load: RegisterLoad | undefined;

afterEach(async () => {
  load?.close();
  await stage.close();
});

async function differs(a: Machine, b: Machine): Promise<string> {
  const [ofA, ofB] = await Promise.all([wholeTableOf(a.server), wholeTableOf(b.server)]);
  return ofA.length === 0 ? "there is nothing" : difference(ofA, ofB);
}

it("row 41: 10,000 users, 200 changes a second at each, 5 % lost, one killed and started again", async () => {
  const { link, a, b } = await stage.pair((wiring) => following(wiring, 60) + stored);
  const { ports } = link;
  load = await RegisterLoad.open(USERS);
  await load.registerAll(ports);
  await eventually(
    () => differs(a, b),
    (text) => text === "",
  );

  link.lose(LOSS);
  const accepted = load.accepted;
  const before = link.requests("a", "NOTIFY") + link.requests("b", "NOTIFY");
  await load.run(ports, RATE, 5);
  const killed = (async () => {
    await b.restart();
  })();
  await load.run(ports, RATE, 5);
  await killed;
  await load.run(ports, RATE, 5);
  await load.answered();
  await eventually(
    () => differs(a, b),
    (text) => text === "",
    WITHIN_MS,
  );

  const changes = load.accepted - accepted;
  const notifies = link.requests("a", "NOTIFY") + link.requests("b", "NOTIFY") - before;
  expect(load.refused).toEqual([]);
  expect(changes).toBe(2 * RATE * 15);
  expect(notifies / changes).toBeLessThan(1.1);
  // Nobody tells the other what it has learnt from it.
  expect(notifies).toBeGreaterThan(0);
});
