/** Time: the wheel, the virtual clock, and what they promise. */
import { describe, expect, it } from "vitest";
import { ctime, VirtualClock } from "../../src/runtime/clock.ts";
import { TimerWheel } from "../../src/runtime/timer-wheel.ts";

describe("VirtualClock", () => {
  it("runs timers in order, each at its own time", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(500, () => seen.push(`b${clock.now()}`));
    clock.after(100, () => seen.push(`a${clock.now()}`));
    clock.after(70_000, () => seen.push(`c${clock.now()}`));
    await clock.advance(99);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen).toEqual(["a100"]);
    await clock.advance(100_000);
    expect(seen).toEqual(["a100", "b500", "c70000"]);
    expect(clock.now()).toBe(100_100);
  });

  it("keeps the order of starting for timers of the same time", async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) clock.after(10, () => seen.push(i));
    await clock.advance(10);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it("lets promises go on between timers", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(10, () => {
      void Promise.resolve()
        .then(() => undefined)
        .then(() => clock.after(10, () => seen.push(`after the promise, ${clock.now()}`)));
    });
    clock.after(30, () => seen.push("last"));
    await clock.advance(40);
    expect(seen).toEqual(["after the promise, 20", "last"]);
  });

  it("repeats, cancels and restarts", async () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const every = clock.every(1000, () => ticks++);
    await clock.advance(3500);
    every.cancel();
    await clock.advance(5000);
    expect(ticks).toBe(3);
    const once = clock.after(100, () => ticks++);
    once.restart(300);
    await clock.advance(200);
    expect(ticks).toBe(3);
    expect(once.isPending).toBe(true);
    await clock.advance(100);
    expect(ticks).toBe(4);
    expect(once.isPending).toBe(false);
    once.restart(5);
    await clock.advance(5);
    expect(ticks).toBe(5);
    expect(clock.pending).toBe(0);
  });

  it("runs the others when one throws, and tells at the end", async () => {
    const clock = new VirtualClock();
    let ran = false;
    clock.after(5, () => {
      throw new Error("broken");
    });
    clock.after(6, () => (ran = true));
    await expect(clock.advance(10)).rejects.toThrow("broken");
    expect(ran).toBe(true);
  });

  it("a timer that starts itself with no delay does not stop time", async () => {
    const clock = new VirtualClock();
    let runs = 0;
    const again = (): void => {
      if (++runs < 10) clock.after(0, again);
    };
    clock.after(0, again);
    await clock.advance(20);
    expect(runs).toBe(10);
  });
});

describe("TimerWheel", () => {
  function wheelAt(start: number) {
    const state = { now: start, early: Infinity };
    const wheel = new TimerWheel({
      tickMs: 10,
      now: () => state.now,
      onEarlier: (at) => (state.early = Math.min(state.early, at)),
      onFault: (error) => {
        throw error;
      },
    });
    return { state, wheel };
  }

  it("fires no timer early and none more than a tick late, at any distance", () => {
    const { state, wheel } = wheelAt(123_457);
    const delays = [0, 1, 9, 10, 11, 2559, 2560, 2561, 5000, 655_359, 655_360, 700_000, 3_600_000];
    const late: number[] = [];
    for (const delay of delays) {
      const due = state.now + delay;
      wheel.add(delay, () => late.push(state.now - due), 0);
    }
    let rounds = 0;
    while (wheel.size > 0 && rounds++ < 2000) {
      state.now = Math.max(state.now + 1, wheel.nextDue() ?? 0);
      wheel.advance(state.now);
    }
    expect(late).toHaveLength(delays.length);
    for (const ms of late) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(10);
    }
  });

  it("nextDue is never later than the next timer", () => {
    const { state, wheel } = wheelAt(0);
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 16_807) % 2_147_483_647) % n;
    let missed = 0;
    for (let i = 0; i < 3000; i++) {
      const due = state.now + random(900_000);
      wheel.add(due - state.now, () => (missed = Math.max(missed, state.now - due)), 0);
      if (i % 3 === 0) {
        state.now = wheel.nextDue() ?? state.now;
        wheel.advance(state.now);
      }
    }
    expect(missed).toBeLessThanOrEqual(10);
  });

  it("cancelled timers do not fire", () => {
    const { state, wheel } = wheelAt(0);
    let fired = 0;
    const timers = [5, 500, 50_000, 5_000_000].map((ms) => wheel.add(ms, () => fired++, 0));
    for (const timer of timers) timer.cancel();
    state.now = 10_000_000;
    wheel.advance(state.now);
    expect(fired).toBe(0);
    expect(wheel.size).toBe(0);
  });
});

describe("ctime", () => {
  it("writes local time as C does", () => {
    expect(ctime(1_700_000_000_000)).toMatch(/^Tue Nov 14 \d\d:\d\d:20 2023$|^Wed Nov 15 /);
  });
});
