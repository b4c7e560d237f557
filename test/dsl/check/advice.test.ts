/** What is only said when advice is asked for, and how findings are put together. */
import { describe, expect, it } from "vitest";
import { checkCodeList } from "../../../src/dsl/diagnostics/codes-checks.ts";
import { loadAll, testCatalog } from "./catalog.ts";
import { findings, lineOf, summary } from "./harness.ts";

function codes(text: string, advice: boolean): string[] {
  return findings(text, testCatalog, advice).map(({ code }) => code);
}

describe("advice", () => {
  it.each([
    ["a global parameter without effect", "shm_mem_size=64\nrequest_route { exit; }\n", "I423"],
    [
      "a module parameter without effect",
      `${loadAll}modparam("usrloc", "hash_size", 9)\nrequest_route { exit; }\n`,
      "I509",
    ],
    ["a route that is never run", `request_route { exit; }\nroute[A] { exit; }\n`, "I901"],
    ["no main route", `route[A] { exit; }\n`, "I617"],
  ])("tells about %s only then", (_title, text, code) => {
    expect(codes(text, false)).toEqual([]);
    expect(codes(text, true)).toContain(code);
  });

  it("does not call a route unused that may be run", () => {
    const computed = `${loadAll}request_route { route("$var(x)"); }\nroute[A] { exit; }\n`;
    expect(codes(computed, true)).toEqual([]);
    const armed = `${loadAll}request_route { t_on_failure("A"); }\nfailure_route[A] { exit; }\n`;
    expect(codes(armed, true)).toEqual([]);
  });
});

describe("findings", () => {
  it("are in the order of the text", () => {
    const text = `${loadAll}modparam("tm", "x", 1)\nrequest_route {\n  foo();\n  route(A);\n}\nroute[B] {\n  bar();\n}\n`;
    const lines = findings(text).map(lineOf);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect(lines).toHaveLength(4);
  });

  it("carry further places and help", () => {
    const text = `${loadAll}request_route {\n  route(RELAYY);\n  route(RELAY);\n}\nroute[RELAY] {\n  exit;\n}\nroute[RELAY] {\n  exit;\n}\n`;
    const [unknown, twice] = findings(text);
    expect(unknown?.help).toBe("did you mean route(RELAY)?");
    expect(twice?.related?.[0]?.message).toBe("first defined here");
  });

  it("stay silent about what depends on text that could not be read", () => {
    const text = `${loadAll}request_route {\n  route(A);\n}\nroute[A {\n  exit;\n}\n`;
    expect(findings(text).every(({ code }) => code.startsWith("E2"))).toBe(true);
  });

  it("speak once of a flag that is used in many places", () => {
    const text = `${loadAll}request_route {\n  setflag(A);\n  if (isflagset(A)) resetflag(A);\n}\n`;
    expect(findings(text).map(summary)).toEqual(["18 E307 there is no flag A"]);
  });

  it("name the module that is missing once, with the number of its uses", () => {
    const [finding, ...others] = findings(
      `loadmodule "sl.so"\nrequest_route {\n  t_newtran();\n  t_relay();\n}\n`,
    );
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      "t_newtran() is in module tm, which is not loaded (and is used in 1 more place)",
    );
    expect(finding?.help).toBe('add loadmodule "tm.so" above');
  });
});

describe("codes", () => {
  it("are unique, and their letter is that of their severity", () => {
    const seen = new Set(checkCodeList.map(({ code }) => code));
    expect(seen.size).toBe(checkCodeList.length);
    for (const { code, severity } of checkCodeList) {
      expect(code).toMatch(/^[EWI][34569]\d\d$/);
      expect(code[0]?.toLowerCase()).toBe(severity[0]);
    }
  });
});
