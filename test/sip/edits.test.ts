/** The list of changes: places, order, branches, and what can still be seen. */
import { describe, expect, it } from "vitest";
import { MessageEdits } from "../../src/sip/edits.ts";
import { request } from "./support.ts";

const apply = (edits: MessageEdits, m: ReturnType<typeof request>): string[] =>
  edits.apply(m, undefined).split("\r\n");

describe("MessageEdits", () => {
  it("adds around a header as append_hf and insert_hf with a name do", () => {
    const m = request();
    const edits = new MessageEdits();
    const at = m.findName("Call-ID");
    edits.appendHeader(m, "X-5: 5\r\n", at);
    edits.insertHeader(m, "X-6: 6\r\n", at);
    edits.insertHeader(m, "X-7: 7\r\n", at);
    edits.appendHeader(m, "X-8: 8\r\n", at);
    const sent = apply(edits, m);
    const from = sent.indexOf("X-6: 6");
    expect(sent.slice(from, from + 5)).toEqual([
      "X-6: 6",
      "X-7: 7",
      "Call-ID: c1",
      "X-5: 5",
      "X-8: 8",
    ]);
  });

  it("shows a removed header until the text is made", () => {
    const m = request();
    const edits = new MessageEdits();
    const at = m.findName("X-Foo");
    edits.removeHeader(m, at);
    edits.appendHeader(m, "X-Foo: new\r\n");
    edits.insertHeader(m, "X-Foo: ins\r\n", at);
    expect(m.valueOf("X-Foo")).toBe("foo");
    expect(edits.isHeaderRemoved(m, at)).toBe(true);
    expect(edits.isHeaderRemoved(m, at + 1)).toBe(false);
    expect(edits.isRemoved(m.headerStart(at))).toBe(true);
    expect(edits.isRemoved(m.headerEnd(at))).toBe(false);
    const sent = apply(edits, m).filter((line) => line.startsWith("X-Foo"));
    expect(sent).toEqual(["X-Foo: ins", "X-Foo: new"]);
  });

  it("copes with ranges that overlap, in any order of creation", () => {
    const m = request();
    const at = m.findName("X-Foo");
    const start = m.headerStart(at);
    const ranges = [
      [start, start + 5],
      [start + 2, start + 8],
      [start + 3, start + 4],
    ] as const;
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const edits = new MessageEdits();
      for (const i of order) edits.remove(...(ranges[i] as readonly [number, number]));
      expect(apply(edits, m)[2]).toBe("oo");
    }
  });

  it("keeps branches apart", () => {
    const m = request();
    const all = new MessageEdits();
    all.appendHeader(m, "X-All: 1\r\n");
    const one = all.clone();
    const two = all.clone();
    one.appendHeader(m, "X-One: 1\r\n");
    two.setBody("two");
    expect(apply(one, m)).toContain("X-One: 1");
    expect(apply(one, m)).toContain("X-All: 1");
    expect(apply(two, m)).not.toContain("X-One: 1");
    expect(apply(all, m).at(-1)).toBe("");
    expect(apply(two, m).at(-1)).toBe("two");
    expect(all.size).toBe(1);
  });

  it("replaces values and forgets", () => {
    const m = request();
    const edits = new MessageEdits();
    expect(edits.isEmpty).toBe(true);
    edits.replaceValue(m, m.findName("X-Foo"), "bar");
    expect(apply(edits, m)[2]).toBe("X-Foo: bar");
    edits.dropRange(m.headerStart(m.findName("X-Foo")), m.headerEnd(m.findName("X-Foo")));
    expect(edits.isEmpty).toBe(true);
    edits.setBody("x");
    expect(edits.hasNewBody).toBe(true);
    edits.clear();
    expect(edits.apply(m, undefined)).toBe(m.text);
  });

  it("knows whether the body changes", () => {
    const m = request([], "v=0");
    const edits = new MessageEdits();
    edits.appendHeader(m, "X-1: 1\r\n");
    expect(edits.changesBody(m.bodyStart)).toBe(false);
    edits.insert(m.text.length, "end");
    expect(edits.changesBody(m.bodyStart)).toBe(true);
    expect(edits.applyBody(m, undefined)).toBe("v=0end");
  });
});
