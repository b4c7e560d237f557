/** What every scenario of the event package reg goes through, step by step: the steps are data, the servers differ. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./commands.ts";
import type { LossyLink } from "./lossy-link.ts";
import { Stage } from "./stage.ts";

/** Share of the packets that are lost in each direction while packets are lost. */
const LOSS = 0.25;
/** How long the far side may take: several retransmissions, on a busy machine. */
const WITHIN_MS = 30_000;

/** Two servers, a phone that registers at one of them, and what is known at the far side. */
export interface RegEventWorld {
  readonly link: LossyLink;
  /** Registers a contact of this name; 0 seconds take it back. */
  register(name: string, seconds: number): Promise<void>;
  unregisterAll(): Promise<void>;
  /** Names of the contacts that the far side knows, sorted, separated by blanks. */
  seen(): Promise<string>;
  /** Kills the peer and starts it again. */
  restartPeer(): Promise<void>;
  /** What is seen some time after the restart, c4 having been registered before; and after c5 has registered. */
  readonly afterRestart: readonly [string, string];
  /** What else must come to hold after each step; "" when it does. */
  fault(): Promise<string>;
}

/** Something done, and what is seen of it in the end. */
interface Act {
  readonly register?: readonly [name: string, seconds: number];
  readonly unregistersAll?: true;
  readonly restarts?: true;
  /** Share of the packets that are lost from now on, in each direction. */
  readonly loses?: number;
  /** Waits until so many packets have been lost in this step. */
  readonly lost?: number;
  readonly seen: string | ((world: RegEventWorld) => string);
}

const round: readonly Act[] = [
  { register: ["c1", 300], seen: "c1" },
  { register: ["c2", 300], seen: "c1 c2" },
  { register: ["c1", 0], seen: "c2" },
  { unregistersAll: true, seen: "" },
];

const steps: readonly { readonly name: string; readonly acts: readonly Act[] }[] = [
  { name: "register", acts: [{ register: ["c1", 300], seen: "c1" }] },
  { name: "second contact", acts: [{ register: ["c2", 300], seen: "c1 c2" }] },
  { name: "refresh", acts: [{ register: ["c2", 600], seen: "c1 c2" }] },
  { name: "unregister one of two", acts: [{ register: ["c1", 0], seen: "c2" }] },
  { name: "expiry", acts: [{ register: ["c3", 4], seen: "c2 c3" }, { seen: "c2" }] },
  { name: "Contact: *", acts: [{ unregistersAll: true, seen: "" }] },
  {
    name: "nothing passes for a while",
    acts: [
      { loses: 1, seen: "" },
      { register: ["c1", 300], seen: "" },
      { register: ["c2", 300], seen: "" },
      { register: ["c1", 0], seen: "" },
      { lost: 3, seen: "" },
      { loses: 0, seen: "c2" },
      { unregistersAll: true, seen: "" },
    ],
  },
  {
    name: "packet loss",
    acts: [{ loses: LOSS, seen: "" }, ...round, ...round, { loses: 0, seen: "" }],
  },
  {
    name: "restart of the peer",
    acts: [
      { register: ["c4", 300], seen: "c4" },
      { restarts: true, seen: (world) => world.afterRestart[0] },
      { register: ["c5", 300], seen: (world) => world.afterRestart[1] },
      { unregistersAll: true, seen: "" },
    ],
  },
];

async function perform(world: RegEventWorld, act: Act, lostBefore: number): Promise<void> {
  if (act.register !== undefined) await world.register(...act.register);
  if (act.unregistersAll) await world.unregisterAll();
  if (act.restarts) await world.restartPeer();
  if (act.loses !== undefined) world.link.lose(act.loses, 7);
  if (act.lost !== undefined) {
    const enough = act.lost;
    await eventually(
      () => Promise.resolve(String(world.link.lost - lostBefore)),
      (lost) => Number(lost) >= enough,
      WITHIN_MS,
    );
  }
  const seen = typeof act.seen === "string" ? act.seen : act.seen(world);
  await eventually(
    () => world.seen(),
    (now) => now === seen,
    WITHIN_MS,
  );
  if (world.link.isCut) return;
  await eventually(
    () => world.fault(),
    (fault) => fault === "",
    WITHIN_MS,
  );
}

/** One test for each step, on servers that `setUp` starts; beside other scenarios. */
export function regEventScenario(
  title: string,
  setUp: (stage: Stage) => Promise<RegEventWorld>,
): void {
  describe.concurrent(title, () => {
    const stage = new Stage();
    let world: RegEventWorld;
    beforeAll(async () => {
      world = await setUp(stage);
    });
    afterAll(() => stage.close());
    for (const { name, acts } of steps) {
      it.sequential(name, async () => {
        const lostBefore = world.link.lost;
        for (const act of acts) await perform(world, act, lostBefore);
        expect(world.link.lost > lostBefore).toBe(acts.some((act) => (act.loses ?? 0) > 0));
      });
    }
  });
}
