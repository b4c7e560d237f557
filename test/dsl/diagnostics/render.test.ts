/** How findings are printed, and the list of their codes. */
import { describe, expect, it } from "vitest";
import { SYNTAX_CODES } from "../../../src/dsl/diagnostics/codes.ts";
import type { Diagnostic } from "../../../src/dsl/diagnostics/diagnostic.ts";
import { Positions } from "../../../src/dsl/diagnostics/positions.ts";
import { renderFrame, renderLine, toData } from "../../../src/dsl/diagnostics/render.ts";
import { Report } from "../../../src/dsl/diagnostics/report.ts";

const source = { name: "k.cfg", text: "route {\n\tif (uri == myself {\r\n  exit;\n}\n" };
const finding: Diagnostic = {
  code: "E203",
  severity: "error",
  message: "expected ')' here",
  span: { source, start: 26, end: 26 },
  related: [{ span: { source, start: 12, end: 13 }, message: "opened here" }],
  help: "close it",
};

describe("positions", () => {
  it("count lines and columns from 1, at any line end", () => {
    const positions = new Positions();
    expect(positions.at(source, 0)).toEqual({ line: 1, column: 1 });
    expect(positions.at(source, 8)).toEqual({ line: 2, column: 1 });
    expect(positions.at(source, 7)).toEqual({ line: 1, column: 8 });
    expect(positions.at(source, 9999)).toEqual({ line: 5, column: 1 });
    expect(positions.at(source, -1)).toEqual({ line: 1, column: 1 });
    expect(positions.line(source, 2)).toBe("\tif (uri == myself {");
    expect(positions.line(source, 9)).toBe("");
  });
});

describe("the frame", () => {
  it("shows the line, a caret, further places and the cure", () => {
    expect(renderFrame(finding)).toBe(
      [
        "k.cfg:2:19: error E203: expected ')' here",
        " 2 | \tif (uri == myself {",
        "   | \t                 ^",
        " --> k.cfg:2:5",
        " 2 | \tif (uri == myself {",
        "   | \t   ^ opened here",
        " = help: close it",
      ].join("\n"),
    );
  });

  it("marks the first line of a place over several lines", () => {
    const long = { ...finding, span: { source, start: 0, end: 12 }, related: [] };
    expect(renderFrame(long).split("\n")[2]).toBe("   | ^^^^^^^...");
  });

  it("cuts long lines around the caret", () => {
    const text = `${"a".repeat(5000)}X${"b".repeat(5000)}`;
    const span = { source: { name: "l", text }, start: 5000, end: 5001 };
    const [, line = "", mark = ""] = renderFrame({ ...finding, span, related: [] }).split("\n");
    expect(line.length).toBeLessThan(140);
    expect(line.charAt(mark.indexOf("^"))).toBe("X");
  });

  it("can be coloured", () => {
    expect(renderFrame(finding, { colour: true })).toContain("\u001b[31merror E203\u001b[0m");
  });
});

describe("other forms", () => {
  it("as data", () => {
    expect(toData(finding)).toEqual({
      code: "E203",
      severity: "error",
      message: "expected ')' here",
      file: "k.cfg",
      line: 2,
      column: 19,
      endLine: 2,
      endColumn: 19,
      help: "close it",
      related: [{ file: "k.cfg", line: 2, column: 5, message: "opened here" }],
    });
  });

  it("as the line that watchers of logs know", () => {
    expect(renderLine(finding)).toBe(
      "parse error in config file k.cfg, line 2, column 19: expected ')' here [E203]",
    );
    const wide = { ...finding, span: { source, start: 9, end: 11 } };
    expect(renderLine(wide)).toContain("line 2, column 2-3: ");
    const long = { ...finding, severity: "warning" as const, span: { source, start: 0, end: 12 } };
    expect(renderLine(long)).toBe(
      "warning in config file k.cfg, from line 1, column 1 to line 2, column 5: expected ')' here [E203]",
    );
  });
});

describe("codes", () => {
  it("are unique, in their ranges, and begin with the letter of their severity", () => {
    const codes = SYNTAX_CODES.map((entry) => entry.code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, severity } of SYNTAX_CODES) {
      expect(code).toMatch(severity === "error" ? /^E[12]\d\d$/ : /^W[12]\d\d$/);
    }
  });

  it("are collected up to a limit", () => {
    const report = new Report(2);
    for (let count = 0; count < 5; count++) report.add("W104", "x", finding.span);
    expect(report.diagnostics).toHaveLength(2);
    expect(report.dropped).toBe(3);
    expect(report.hasErrors).toBe(false);
  });
});
