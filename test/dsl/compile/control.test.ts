/** Statements: what runs, what ends, and with which code. */
import { describe, expect, it } from "vitest";
import { Stop } from "../../../src/dsl/compile/abi.ts";
import { probeContext, script, type ProbeContext } from "./harness.ts";

function run(text: string, vars: Parameters<typeof probeContext>[0] = {}): ProbeContext {
  const context = probeContext(vars);
  void script(text).run(context);
  return context;
}

/** Runs statements and gives what they logged. */
function logged(statements: string, vars: Parameters<typeof probeContext>[0] = {}): string[] {
  return run(`request_route { ${statements} }`, vars).log;
}

describe("while", () => {
  it("stops after max_while_loops rounds, reports it and goes on behind the loop", () => {
    const made = script(`request_route {
      while ($var(n) < 1000) { $var(n) = $var(n) + 1; }
      xlog("n=$var(n)");
    }`);
    const context = probeContext();
    void made.run(context);
    expect(context.log).toEqual(["n=100"]);
    expect(made.linker.faults).toEqual(["more loops than max_while_loops allows (line 3)"]);
  });

  it("counts rounds anew each time it is entered", () => {
    const made = script(`request_route {
      while ($var(a) < 3) { $var(a) = $var(a) + 1; $var(b) = 0; while ($var(b) < 60) { $var(b) = $var(b) + 1; } }
    }`);
    const context = probeContext();
    void made.run(context);
    expect(context.vars.get("b")).toBe(60);
    expect(made.linker.faults).toEqual([]);
  });

  it("is left by break, but not by the break of a switch inside", () => {
    const statements = `
      while ($var(k) < 5) { $var(k) = $var(k) + 1; switch ($var(k)) { case 3: break; } if ($var(k) == 4) break; }
      xlog("k=$var(k)");`;
    expect(logged(statements)).toEqual(["k=4"]);
  });

  it("goes on while its condition is not 0, also below it", () => {
    expect(
      logged(`while ($var(k)) { $var(k) = $var(k) + 1; xlog("$var(k)"); }`, { k: -2 }),
    ).toEqual(["-1", "0"]);
  });
});

describe("switch", () => {
  it.each([
    [
      "falls through to the next case",
      "abc",
      `case "ab": xlog("1"); break; case "abc": xlog("2"); case "z": xlog("3"); break; default: xlog("4");`,
      ["2", "3"],
    ],
    [
      "takes a default in the middle and falls through it",
      "abc",
      `case "ab": xlog("1"); default: xlog("2"); case "q": xlog("3");`,
      ["2", "3"],
    ],
    [
      "matches patterns by case",
      "abc",
      `case /"^A.*": xlog("1"); break; case /"^a.*": xlog("2"); break; default: xlog("3");`,
      ["2"],
    ],
    [
      "converts an integer to text for text labels",
      5,
      `case "5": xlog("1"); break; default: xlog("2");`,
      ["1"],
    ],
    [
      "converts text to an integer for integer labels",
      "5",
      `case 5: xlog("1"); break; default: xlog("2");`,
      ["1"],
    ],
    [
      "takes text that is no number as 0",
      "5x",
      `case 5: xlog("1"); break; case 0: xlog("2"); break; default: xlog("3");`,
      ["2"],
    ],
    [
      "matches a pattern with an integer",
      5,
      `case /"5": xlog("1"); break; default: xlog("2");`,
      ["1"],
    ],
    ["does nothing without a match", "q", `case "a": xlog("1"); break;`, []],
  ])("%s", (_, subject, cases, expected) => {
    expect(logged(`switch ($var(s)) { ${cases} }`, { s: subject })).toEqual(expected);
  });

  it.each([
    ["0", `case 0: xlog("zero"); break; default: xlog("default");`, ["zero"]],
    ["empty", `case "": xlog("empty"); break; default: xlog("default");`, ["empty"]],
  ])("takes what is not there as %s", (_, cases, expected) => {
    expect(logged(`switch ($avp(u)) { ${cases} }`)).toEqual(expected);
  });

  it("switches over a function as over 1 and 0, and over its code with $rc", () => {
    expect(
      logged(`switch (is_method("INVITE")) { case -1: xlog("-1"); break; case 0: xlog("0"); break; }
        is_method("INVITE"); switch ($rc) { case -1: xlog("-1"); break; default: xlog("default"); }`),
    ).toEqual(["0", "-1"]);
  });

  it("takes the default when its subject cannot be worked out", () => {
    expect(
      logged(`switch (7 / $var(zero)) { case 0: xlog("0"); break; default: xlog("default"); }`),
    ).toEqual(["default"]);
  });
});

describe("the end of a script", () => {
  it("comes with exit, from any depth", () => {
    const context = run(`
      route[A] { if ($var(x) == 0) { route(B); } xlog("A"); }
      route[B] { exit; }
      request_route { route(A); xlog("main"); }`);
    expect(context.log).toEqual([]);
    expect(context.stop).toBe(Stop.exit);
  });

  it("comes with drop, which leaves its mark", () => {
    const context = run(`route[A] { drop; } request_route { route(A); xlog("main"); }`);
    expect(context.log).toEqual([]);
    expect(context.stop & Stop.drop).toBe(Stop.drop);
  });

  it.each(["return 0;", `return is_method("INVITE");`, "return $avp(none);"])(
    "comes with %s in a route",
    (statement) => {
      const context = run(`route[A] { ${statement} } request_route { route(A); xlog("main"); }`);
      expect(context.log).toEqual([]);
      expect(context.stop).toBe(Stop.exit);
    },
  );

  it("comes with a function that hands back 0", () => {
    for (const statement of [
      `code("0");`,
      `if (code("0")) xlog("then"); else xlog("else");`,
      `if (!code("0")) xlog("then");`,
      `if (code("0") || is_method("OPTIONS")) xlog("then");`,
      `if (!code("0") && is_method("OPTIONS")) xlog("then");`,
      `while (code("0")) { xlog("loop"); }`,
      `switch (code("0")) { default: xlog("case"); }`,
      `$var(x) = code("0");`,
      `while ($var(n) < 1) { code("0"); xlog("in"); }`,
    ]) {
      const context = run(`request_route { ${statement} xlog("main"); }`);
      expect([statement, context.log]).toEqual([statement, []]);
      expect(context.stop).toBe(Stop.exit);
    }
  });

  it("comes also while the value of a return is worked out", () => {
    const context = run(
      `route[A] { return code("0") + 5; } request_route { if (route(A)) xlog("then"); xlog("main"); }`,
    );
    expect(context.log).toEqual([]);
  });

  it("does not run the right side of an operator any more", () => {
    const context = run(`request_route { if (code("0") || xlog("right")) xlog("then"); }`);
    expect(context.log).toEqual([]);
  });

  it("does not come with break in a route, whose code is then 0", () => {
    const context = run(`
      route[A] { if ($var(x) == 0) break; xlog("A"); }
      request_route { route(A); xlog("rc=$rc"); }`);
    expect(context.log).toEqual(["rc=0"]);
  });
});

describe("$rc", () => {
  it.each([
    [`is_method("INVITE"); $var(q) = 5;`, "-1"],
    [`is_method("INVITE"); if ($var(q) == 4) { ; }`, "-1"],
    [`is_method("INVITE"); while ($var(q) == 4) { ; }`, "-1"],
    [`is_method("INVITE"); setflag(3);`, "-1"],
    [`is_method("INVITE"); force_rport();`, "-1"],
    [`is_method("OPTIONS"); isflagset(4);`, "1"],
    [`if (!is_method("INVITE")) { ; }`, "-1"],
    [`code("7");`, "7"],
    [`$var(q) = code("-6");`, "-6"],
    [`route(R);`, "-9"],
    [`if (route(R) && is_method("OPTIONS")) { ; }`, "-9"],
  ])("after %s is %s", (statements, expected) => {
    const context = run(`route[R] { return -9; } request_route { ${statements} xlog("$rc"); }`);
    expect(context.log).toEqual([expected]);
  });
});

describe("computed routes", () => {
  const routes = `route[ONE] { xlog("one"); return 7; } route[2] { xlog("two"); }`;

  it.each([
    [`$var(x) = "ONE"; route($var(x));`, ["one"]],
    [`$var(y) = "ON"; route($var(y) + "E");`, ["one"]],
    [`$var(x) = 2; route($var(x));`, ["two"]],
    [`route("ONE");`, ["one"]],
    [`route(2);`, ["two"]],
    [`if (route($var(y) + "ONE")) xlog("yes");`, ["one", "yes"]],
  ])("%s", (statements, expected) => {
    expect(run(`${routes} request_route { ${statements} }`, { y: "" }).log).toEqual(expected);
  });

  it("reports one that does not exist and goes on, $rc as it was", () => {
    const made = script(`${routes} request_route {
      is_method("INVITE"); $var(x) = "NOPE"; route($var(x)); xlog("rc=$rc");
    }`);
    const context = probeContext();
    void made.run(context);
    expect(context.log).toEqual(["rc=-1"]);
    expect(made.linker.faults).toEqual([`route "NOPE" not found (line 3)`]);
  });
});

describe("routes that call themselves", () => {
  it.each([
    ["route(REC);", "route(REC);"],
    ["route(OTHER);", "route(REC);"],
    ['$var(name) = "REC"; route($var(name));', "route(REC);"],
  ])("come to an end: %s", (inside, start) => {
    const made = script(`
      route[REC] { $var(n) = $var(n) + 1; ${inside} $var(after) = $var(after) + 1; }
      route[OTHER] { route(REC); }
      request_route { ${start} xlog("rc=$rc"); }`);
    const context = probeContext();
    void made.run(context);
    expect(made.linker.faults).toHaveLength(1);
    expect(made.linker.faults[0]).toContain("routes call each other too deep");
    expect(context.vars.get("after")).toBe(context.vars.get("n"));
    expect(context.log).toEqual(["rc=1"]);
  });

  it("come to an end also when they wait", async () => {
    const made = script(`
      route[REC] { wait_code("1"); $var(n) = $var(n) + 1; route(REC); }
      request_route { route(REC); xlog("rc=$rc"); }`);
    const context = probeContext();
    await made.run(context);
    expect(context.vars.get("n")).toBe(256);
    expect(context.log).toEqual(["rc=-1"]);
  });

  it("may go as deep as they need below the limit", () => {
    const made = script(`
      route[REC] { $var(n) = $var(n) + 1; if ($var(n) < 200) route(REC); }
      request_route { route(REC); $var(n) = 0; route(REC); xlog("n=$var(n)"); }`);
    const context = probeContext();
    void made.run(context);
    expect(context.log).toEqual(["n=200"]);
    expect(made.linker.faults).toEqual([]);
  });
});

describe("what cannot be worked out", () => {
  it("leaves the variable as it was", () => {
    const context = run(
      `request_route { $var(a) = 9; $var(a) = 7 / $var(zero); $var(b) = 7 mod 0; $var(b) = $var(b) + 1; }`,
      { b: 4 },
    );
    expect(context.vars.get("a")).toBe(9);
    expect(context.vars.get("b")).toBe(5);
  });

  it.each([
    `7 / $var(zero)`,
    `!(7 / $var(zero))`,
    `7 / $var(zero) == 0 || $var(i) == 3`,
    `$var(s) =~ $var(bad)`,
    `!($var(s) =~ $var(bad))`,
  ])("makes a condition false: %s", (condition) => {
    expect(
      logged(`if (${condition}) xlog("then"); else xlog("else");`, { i: 3, s: "abc", bad: "(" }),
    ).toEqual(["else"]);
  });

  it("does not spoil the next condition", () => {
    expect(logged(`if (7 / $var(zero)) xlog("1"); if (6 / 2 == 3) xlog("2");`)).toEqual(["2"]);
  });
});

describe("text beyond ASCII", () => {
  it("is compared and measured as its bytes", () => {
    const context = run(
      `request_route { $var(n) = strlen("é"); $var(t) = "é"; if ($var(w) == "é") $var(same) = 1; }`,
      { w: "\u00c3\u00a9" },
    );
    expect(context.vars.get("n")).toBe(2);
    expect(context.vars.get("t")).toBe("\u00c3\u00a9");
    expect(context.vars.get("same")).toBe(1);
  });
});
