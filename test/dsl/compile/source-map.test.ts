/** Compiled text leads back to the configuration: in stack traces, and in debuggers. */
import { Session, type Debugger } from "node:inspector";
import { SourceMap } from "node:module";
import { describe, expect, it } from "vitest";
import { buildSourceMap, encodeVlq, originalSpan } from "../../../src/dsl/compile/source-map.ts";
import { probeContext, script } from "./harness.ts";

const text = `request_route {
  $var(a) = 1;
  if (is_method("OPTIONS")) {
    xlog("hello");
    route(NEXT);
  }
}
route[NEXT] {
  $var(b) = 2;
  broken();
}
`;
// The harness puts the loadmodule line before it.
const lineOf = (part: string): number => text.slice(0, text.indexOf(part)).split("\n").length + 1;

describe("the source map", () => {
  it("writes numbers as base 64 VLQ", () => {
    expect([0, 1, -1, 15, 16, -16, 1000, -123456].map(encodeVlq)).toEqual([
      "A",
      "C",
      "D",
      "e",
      "gB",
      "hB",
      "w+B",
      "hkxH",
    ]);
  });

  it("is read by Node in the same way", () => {
    const { compiled } = script(text);
    const map = new SourceMap(compiled.sourceMap as never);
    for (const { line, column, span } of compiled.mappings) {
      const entry = map.findEntry(line, column) as { originalLine: number; originalColumn: number };
      const before = span.source.text.slice(0, span.start);
      expect(entry.originalLine).toBe(before.split("\n").length - 1);
      expect(entry.originalColumn).toBe(span.start - (before.lastIndexOf("\n") + 1));
    }
    expect(compiled.mappings.length).toBeGreaterThan(8);
  });

  it("names its sources as the caller wants and holds their texts", () => {
    const { compiled } = script(text);
    const map = buildSourceMap(compiled.mappings, (source) => `file:///etc/${source.name}`);
    expect(map.sources).toEqual(["file:///etc/script.cfg"]);
    expect(map.sourcesContent[0]).toContain("request_route");
  });

  it("finds nothing before the first mapping", () => {
    expect(originalSpan(script(text).compiled.mappings, 0, 0)).toBeUndefined();
  });
});

describe("an error", () => {
  it("is found in the configuration", () => {
    const { run, program } = script(text);
    let place;
    try {
      void run(probeContext());
    } catch (error) {
      place = program.locate(error);
    }
    expect(place).toEqual({ file: "script.cfg", line: lineOf("broken();"), column: 3 });
  });

  it("that did not come through the script has no place", () => {
    const { program } = script(text);
    expect(program.locate(new Error("elsewhere"))).toBeUndefined();
    expect(program.locate("no error")).toBeUndefined();
  });
});

/** Asks the debugger; in the same thread its answers come at once. */
function ask<T>(session: Session, method: string, params: object = {}): T {
  let answer: T | undefined;
  session.post(method, params, (error, result) => {
    if (error !== null) throw new Error(error.message);
    answer = result as T;
  });
  return answer as T;
}

describe("a debugger", () => {
  it("gets the source map with the script and stops at a line of the configuration", () => {
    const session = new Session();
    session.connect();
    try {
      const parsed: Debugger.ScriptParsedEventDataType[] = [];
      session.on("Debugger.scriptParsed", ({ params }) => parsed.push(params));
      ask(session, "Debugger.enable");
      const { run, compiled, program } = script(text);
      const found = parsed.findLast((one) => one.url === program.url);
      const map = JSON.parse(
        Buffer.from((found?.sourceMapURL ?? "").split(",")[1] ?? "", "base64").toString(),
      ) as typeof compiled.sourceMap;
      expect(map.sources).toEqual(["script.cfg"]);

      // What a debugger does with a breakpoint in the configuration: its line leads to a place in the script.
      const source = new SourceMap(map as never);
      const line = lineOf('xlog("hello")') - 1;
      const target = compiled.mappings.find(
        (one) =>
          (source.findEntry(one.line, one.column) as { originalLine: number }).originalLine ===
          line,
      );
      ask(session, "Debugger.setBreakpoint", {
        location: {
          scriptId: found?.scriptId,
          lineNumber: target?.line,
          columnNumber: target?.column,
        },
        // A condition that notes the visit and does not stop: stopping would stop this test as well.
        condition: "c.log.push('breakpoint'), false",
      });
      const context = probeContext();
      try {
        void run(context);
      } catch {
        // `broken` throws on purpose.
      }
      expect(context.log).toEqual(["breakpoint", "hello"]);
    } finally {
      session.disconnect();
    }
  });
});
