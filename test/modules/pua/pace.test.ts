/** Work done little by little. */
import { describe, expect, it } from "vitest";
import { Pace } from "../../../src/modules/pua/pace.ts";
import { VirtualClock } from "../../../src/runtime/clock.ts";

function jobs(count: number, done: number[]): (() => void)[] {
  return Array.from({ length: count }, (_all, i) => () => void done.push(i));
}

describe("a pace", () => {
  it("does so many jobs a second, in order", async () => {
    const clock = new VirtualClock();
    const done: number[] = [];
    new Pace(clock, 50, () => 0.5).add(jobs(120, done));
    await clock.advance(499);
    expect(done).toEqual([]);
    await clock.advance(1001);
    expect(done.length).toBeGreaterThanOrEqual(50);
    expect(done.length).toBeLessThanOrEqual(55);
    await clock.advance(2000);
    expect(done).toEqual(Array.from({ length: 120 }, (_all, i) => i));
  });

  it("is as slow as one a second", async () => {
    const clock = new VirtualClock();
    const done: number[] = [];
    new Pace(clock, 1, () => 0).add(jobs(5, done));
    await clock.advance(3500);
    expect(done.length).toBe(3);
  });

  it("takes jobs from their list when their turn has come", async () => {
    const clock = new VirtualClock();
    let taken = 0;
    function* list(): Generator<() => void> {
      for (;;) {
        taken++;
        yield () => undefined;
      }
    }
    const pace = new Pace(clock, 10, () => 0);
    pace.add(list());
    await clock.advance(1000);
    expect(taken).toBeLessThanOrEqual(11);
    pace.stop();
    await clock.advance(10_000);
    expect(taken).toBeLessThanOrEqual(11);
  });

  it("goes on with what is added later", async () => {
    const clock = new VirtualClock();
    const done: number[] = [];
    const pace = new Pace(clock, 100, () => 0);
    pace.add(jobs(3, done));
    await clock.advance(5000);
    pace.add(jobs(3, done));
    await clock.advance(5000);
    expect(done).toEqual([0, 1, 2, 0, 1, 2]);
  });
});
