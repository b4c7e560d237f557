/** The map of millions of entries. */
import { describe, expect, it } from "vitest";
import { TextMap } from "../../../src/modules/usrloc/text-map.ts";

describe("a map by text", () => {
  it("has what was put into it, and not what was taken out", () => {
    const map = new TextMap<number>();
    for (let i = 0; i < 20_000; i++) map.set(`u${i}`, i);
    for (let i = 0; i < 20_000; i += 2) map.delete(`u${i}`);
    map.delete("u0");
    map.set("u1", -1);
    expect(map.size).toBe(10_000);
    expect([map.get("u0"), map.get("u1"), map.get("u3"), map.get("")]).toEqual([
      undefined,
      -1,
      3,
      undefined,
    ]);
    const keys = new Set([...map.entries()].map(([key]) => key));
    expect(keys.size).toBe(10_000);
    expect(keys.has("u0")).toBe(false);
  });

  it("shows each entry once while others come and go", () => {
    const map = new TextMap<number>();
    for (let i = 0; i < 5000; i++) map.set(`stays${i}`, i);
    for (let i = 0; i < 5000; i++) map.set(`goes${i}`, i);
    const seen = new Map<string, number>();
    let step = 0;
    for (const [key] of map.entries()) {
      seen.set(key, (seen.get(key) ?? 0) + 1);
      map.delete(`goes${step}`);
      map.set(`comes${step % 7000}`, step);
      step++;
    }
    for (let i = 0; i < 5000; i++) expect(seen.get(`stays${i}`)).toBe(1);
    expect(Math.max(...seen.values())).toBe(1);
  });
});
