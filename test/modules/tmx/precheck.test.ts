/** Which requests are at work while scripts wait for something. */
import { describe, expect, it } from "vitest";
import { Precheck } from "../../../src/modules/tmx/precheck.ts";
import type { ScriptContext } from "../../../src/runtime/context.ts";
import { message } from "../../sip/support.ts";

/** A context as far as the check looks at it. */
function arrives(branch: string, method = "MESSAGE"): ScriptContext {
  const states = new Map<object, unknown>();
  const context = {
    msg: message(
      `${method} sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK${branch}\r\nFrom: <sip:a@x>;tag=1\r\n` +
        `To: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 ${method}\r\n\r\n`,
    ),
    state: (slot: object) => states.get(slot),
    setState: (slot: object, value: unknown) => void states.set(slot, value),
  };
  return context as unknown as ScriptContext;
}

describe("requests at work", () => {
  it("are none once their scripts have ended", () => {
    const precheck = new Precheck();
    for (let i = 0; i < 3; i++) {
      const one = arrives("same");
      expect(precheck.isAtWork(one)).toBe(false);
      expect(precheck.isAtWork(one)).toBe(false);
      precheck.forget(one);
    }
  });

  it("are those whose scripts wait", () => {
    const precheck = new Precheck();
    const [first, second] = [arrives("1"), arrives("2")];
    expect(precheck.isAtWork(first)).toBe(false);
    expect(precheck.isAtWork(second)).toBe(false);
    expect(precheck.isAtWork(first)).toBe(false);
    expect(precheck.isAtWork(arrives("1"))).toBe(true);
    expect(precheck.isAtWork(arrives("2"))).toBe(true);
    precheck.forget(second);
    expect(precheck.isAtWork(arrives("1"))).toBe(true);
    const again = arrives("2");
    expect(precheck.isAtWork(again)).toBe(false);
    precheck.forget(again);
    precheck.forget(first);
    expect(precheck.isAtWork(arrives("1"))).toBe(false);
  });

  it("do not include a copy that was turned away when it ends", () => {
    const precheck = new Precheck();
    const first = arrives("1");
    precheck.isAtWork(first);
    const copy = arrives("1");
    expect(precheck.isAtWork(copy)).toBe(true);
    precheck.forget(copy);
    expect(precheck.isAtWork(arrives("1"))).toBe(true);
  });

  it("are never ACK and CANCEL", () => {
    const precheck = new Precheck();
    for (const method of ["ACK", "CANCEL"]) {
      expect(precheck.isAtWork(arrives("1", method))).toBe(false);
      expect(precheck.isAtWork(arrives("1", method))).toBe(false);
    }
  });
});
