/** The grammar's own consistency, and whole files. */
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigLexer, LEXED_TOKENS } from "../../../src/dsl/syntax/lexer.ts";
import { ConfigParser } from "../../../src/dsl/syntax/parser.ts";
import { BLANKS } from "../../../src/dsl/syntax/tokens/punctuation.ts";
import { findings, memoryFiles, read } from "../support/harness.ts";
import { readProbes } from "./probes.ts";

/** Read only so that an error can name them, or before the grammar sees the text. */
const NOT_IN_RULES = ["Increment", "Percent", "IncludeFile", "ImportFile", "ImportFiles"];

interface GrammarNode {
  readonly type: string;
  readonly name?: string;
  readonly definition?: readonly GrammarNode[];
  readonly separator?: GrammarNode;
}

function terminals(node: GrammarNode, into: Set<string>): void {
  if (node.type === "Terminal" && node.name !== undefined) into.add(node.name);
  if (node.separator !== undefined) terminals(node.separator, into);
  for (const part of node.definition ?? []) terminals(part, into);
}

describe("the grammar", () => {
  it("has no conflicts by Chevrotain's own checks", () => {
    expect(() => new ConfigParser(true)).not.toThrow();
  });

  it("has tokens that can all be matched", () => {
    expect(new ConfigLexer(true).definitionErrors).toEqual([]);
  });

  it("uses every token", () => {
    const used = new Set<string>();
    for (const rule of new ConfigParser().getSerializedGastProductions()) {
      terminals(rule as GrammarNode, used);
    }
    const unused = LEXED_TOKENS.filter((type) => {
      const names = [type.name, ...(type.CATEGORIES ?? []).map((category) => category.name)];
      return !BLANKS.includes(type) && !names.some((name) => used.has(name));
    });
    expect(unused.map((type) => type.name).toSorted()).toEqual(NOT_IN_RULES.toSorted());
  });
});

const STOCK = "/etc/kamailio/kamailio.cfg";

describe("whole files", () => {
  it.skipIf(!existsSync(STOCK))(
    "the stock configuration of Debian, with and without its options",
    () => {
      const text = readFileSync(STOCK, "utf8");
      expect(findings(read(text))).toEqual([]);
      const switches = [...new Set(text.match(/\bWITH_[A-Z0-9_]+/g))];
      expect(switches.length).toBeGreaterThan(10);
      expect(findings(read(text, { defines: switches }))).toEqual([]);
      for (const name of switches.filter((entry) => entry !== "WITH_MYSQL"))
        expect(findings(read(text, { defines: ["WITH_MYSQL", name] }))).toEqual([]);
    },
  );

  it("of many lines in time that grows with their number only", () => {
    const line = 'if ($rU =~ "^[0-9]+$" && !is_method("INVITE|ACK")) { xlog("$ru\\n"); }\n';
    const { config, diagnostics } = read(`route {\n${line.repeat(10_000)}}\n`);
    expect(diagnostics).toEqual([]);
    expect(config.items).toMatchObject([{ body: { statements: { length: 10_000 } } }]);
  });
});

describe("reading", () => {
  const fragments = fc.constantFrom(
    ..."{}()[];,:.=\"'$@#!/*\\\n -+&|<>~%^é\u0000",
    "route",
    "route[A] {",
    "if (",
    "else ",
    "switch($rU) {",
    "case 1:",
    "default:",
    "$var(x) = ",
    "$(ru{s.substr,0,",
    'xlog("',
    "#!ifdef A\n",
    "#!else\n",
    "#!endif\n",
    "#!enidf\n",
    "#!define A B\n",
    "#!define B A A\n",
    "A",
    '#!substdef "!A!B!g"\n',
    'include_file "self"\n',
    "/*",
    "*/",
    "uri == myself",
    "src_ip == 1.2.3.4",
    "listen=udp:",
    "return ",
    "retrun;",
    "}\n",
    "{\n  ",
    "\u201c",
    "\u201d",
    "modparam(",
    "1",
  );
  const texts = fc.array(fragments, { maxLength: 60 }).map((parts) => parts.join(""));

  it("never throws and never loops, whatever the text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const files = memoryFiles({ self: text.slice(0, 40) });
        const { config, diagnostics } = read(text, { files });
        expect(config.kind).toBe("config");
        for (const { span } of diagnostics) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          expect(span.end).toBeLessThanOrEqual(span.source.text.length);
        }
      }),
      { numRuns: 600 },
    );
  });

  it("never throws on any characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(read(text).config.kind).toBe("config");
      }),
      { numRuns: 300 },
    );
  });

  it("survives cuts and doubled stretches of good texts", () => {
    const good = readProbes()
      .filter((probe) => probe.isAcceptedHere)
      .map((probe) => probe.text)
      .join("\n");
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(400), fc.nat(400), (at, length, more) => {
        const part = good.slice(at, at + length);
        expect(read(part + good.slice(at + more, at + more + length)).config.kind).toBe("config");
      }),
      { numRuns: 200 },
    );
  });

  it("reads no file again and again to find out which quote is missing", () => {
    const include = 'include_file "self"\n';
    const text = `${include.repeat(50)}${'"a;\n"b"\n"c;\n"d"\n'.repeat(8)}"`;
    let reads = 0;
    const files = {
      ...memoryFiles({}),
      read: () => {
        reads += 1;
        return include.repeat(2);
      },
    };
    expect(read(text, { files }).diagnostics.length).toBeGreaterThan(0);
    expect(reads).toBeLessThan(15_000);
  });

  it("ends on definitions and files that contain themselves", () => {
    const bomb = "#!define A B B\n#!define B C C\n#!define C A A\nA\nroute { exit; }\n";
    expect(read(bomb).diagnostics[0]?.code).toBe("E113");
    const growing = Array.from(
      { length: 40 },
      (_, i) => `#!define A${i} A${i + 1} A${i + 1}\n`,
    ).join("");
    expect(
      read(`${growing}A0\nroute { exit; }\n`).diagnostics.some(({ code }) => code === "E121"),
    ).toBe(true);
    const files = memoryFiles({ a: 'include_file "a"\n'.repeat(10) });
    const codes = read('include_file "a"\nroute { exit; }\n', { files }).diagnostics.map(
      ({ code }) => code,
    );
    expect(new Set(codes)).toEqual(new Set(["E106"]));
  });
});
