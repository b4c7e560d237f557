/** What peers send does not make variables and transformations slow, and never makes them throw. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pvTransformations } from "../../../src/modules/pv/spec-transformations.ts";
import { testEngine, type TestEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

/** Every transformation with arguments that fit, as it stands in a script. */
function expressions(): string[] {
  const list: string[] = [];
  for (const [name, all] of Object.entries(pvTransformations)) {
    for (const [method, spec] of Object.entries(all)) {
      const args = Array.from({ length: spec.min }, (_, i) => {
        const kinds: readonly string[] = "args" in spec ? spec.args : [];
        return kinds[i] === "int" ? ",1" : ",a";
      });
      list.push(`$(hdr(X-Value){${name}.${method}${args.join("")}})`);
    }
  }
  return list;
}

async function engineFor(texts: readonly string[]): Promise<TestEngine> {
  const lines = texts.map((text, i) => `$var(r${i}) = ${text};`);
  return testEngine(
    `loadmodule "pv"\nloadmodule "xlog"\nrequest_route {\n${lines.join("\n")}\nxlog("L_ALERT", "done"); }\n`,
  );
}

const hostile = [
  "=".repeat(30_000) + "x",
  "a=b;".repeat(8_000),
  '"'.repeat(30_000),
  "<".repeat(30_000),
  `sip:${"a".repeat(15_000)}@${";x".repeat(7_000)}`,
  "-".repeat(30_000),
  "%".repeat(30_000),
  "1".repeat(30_000),
  ",".repeat(30_000),
  `${"~".repeat(30_000)}1`,
];

describe("transformations of any text", () => {
  it("take no more than linear time", async () => {
    const net = await engineFor(expressions());
    for (const value of hostile) {
      const started = process.cpuUsage();
      await net.send(request({ headers: `X-Value: ${value}\r\n` }));
      const { user } = process.cpuUsage(started);
      // All of them together; a quadratic one alone would need seconds.
      expect(user).toBeLessThan(1_500_000);
    }
    expect(net.script).toHaveLength(hostile.length);
    expect(net.log.lines.filter((line) => line.origin === "core")).toEqual([]);
    await net.stop();
  });

  it("never throw", async () => {
    const net = await engineFor(expressions());
    let runs = 0;
    const text = fc
      .string({ unit: "binary", maxLength: 60 })
      .map((s) => s.replace(/[^ -\xff]/g, ""));
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        await net.send(request({ headers: `X-Value: ${value}\r\n` }));
        runs++;
        expect(net.script).toHaveLength(runs);
      }),
      { numRuns: 150 },
    );
    await net.stop();
  });
});
