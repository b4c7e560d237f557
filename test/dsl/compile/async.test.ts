/** Routes wait only where they may have to, and only when they have to. */
import { describe, expect, it } from "vitest";
import { Stop } from "../../../src/dsl/compile/abi.ts";
import { probeContext, script } from "./harness.ts";

const text = `
request_route { $var(code) = wait_code("-5"); xlog("rc=$rc var=$var(code)"); route(NEAR); route(FAR); xlog("after"); }
route[NEAR] { xlog("near"); }
route[FAR] { route(FARTHER); xlog("far"); }
route[FARTHER] { if (wait_code("3") && answers("1")) xlog("farther"); }
route[ENDS] { if (!wait_code("0")) xlog("no"); xlog("no"); }
route[COMPUTED] { $var(x) = "NEAR"; route($var(x)); }
route[AWAITS_END] { route(ENDS); xlog("no"); }
route[ONLY_ANSWERS] { if (answers("-2")) xlog("no"); else xlog("answered"); }
`;

describe("asynchronous routes", () => {
  const made = script(text);
  const isAsync = Object.fromEntries(
    made.compiled.routes.map((route) => [route.name, route.isAsync]),
  );

  it("are those that can reach a function that may wait", () => {
    expect(isAsync).toEqual({
      0: true,
      NEAR: false,
      FAR: true,
      FARTHER: true,
      ENDS: true,
      COMPUTED: true,
      AWAITS_END: true,
      ONLY_ANSWERS: true,
    });
  });

  it("run straight on after waiting", async () => {
    const context = probeContext();
    expect(await made.run(context)).toBe(1);
    expect(context.log).toEqual(["rc=-5 var=-5", "near", "farther", "far", "after"]);
  });

  it("end with a function that hands back 0 later", async () => {
    const context = probeContext();
    await made.run(context, "route_AWAITS_END");
    expect(context.log).toEqual([]);
    expect(context.stop).toBe(Stop.exit);
  });

  it("do not wait for an answer that is there at once", async () => {
    const context = probeContext();
    const running = made.run(context, "route_ONLY_ANSWERS");
    expect(context.log).toEqual(["answered"]);
    await running;
  });

  it("keep synchronous routes free of promises", () => {
    expect(made.run(probeContext(), "route_NEAR")).toBe(1);
  });

  it("run computed routes of both kinds", async () => {
    const context = probeContext();
    expect(await made.run(context, "route_COMPUTED")).toBe(1);
    expect(context.log).toEqual(["near"]);
  });

  it("do not mix up messages that are handled at the same time", async () => {
    const contexts = Array.from({ length: 20 }, (_, i) => probeContext({ id: i }));
    const both = script(
      `request_route { wait_code("1"); $var(a) = $var(id); wait_code("2"); xlog("$var(a) $rc"); }`,
    );
    await Promise.all(contexts.map(async (context) => await both.run(context)));
    expect(contexts.map((context) => context.log[0])).toEqual(contexts.map((_, i) => `${i} 2`));
  });
});
