/** Definitions, conditions, includes and substitutions. */
import { describe, expect, it } from "vitest";
import { evaluateExpression } from "../../../src/dsl/preprocess/expression.ts";
import { readConfig, type ReadOptions } from "../../../src/dsl/read.ts";
import type { GlobalAssign } from "../../../src/dsl/syntax/ast.ts";
import { findings, memoryFiles, read } from "../support/harness.ts";

/** `name=value` of all global parameters; throws on any finding. */
function globals(text: string, options?: ReadOptions): string[] {
  const result = read(text, options);
  if (result.diagnostics.length > 0) throw new Error(findings(result).join(" "));
  return result.config.items
    .filter((item): item is GlobalAssign => item.kind === "global")
    .map(({ name, values }) => {
      const [value] = values;
      return `${name.text}=${value?.kind === "socket" ? value.hosts.join() : value?.value}`;
    });
}

describe("definitions", () => {
  it.each([
    ["#!define A 4\nchildren=A", "children=4"],
    ["#!def A 4\nchildren=A", "children=4"],
    ["!!define A 4\nchildren=A", "children=4"],
    ["#!define A B\n#!define B 4\nchildren=A", "children=4"],
    ["#!define A 4\n#!trydef A 5\nchildren=A", "children=4"],
    ["#!define A 4\n#!redefine A 5\nchildren=A", "children=5"],
    ["#!define A 4\n#!undef A\n#!define A 6\nchildren=A", "children=6"],
    ["#!define A children \\\n=7\nA", "children=7"],
    ["#!define A\nA children=8", "children=8"],
    ['#!define A "x"\nlog_name=A', "log_name=x"],
    ['#!define A "x"\nlog_name=A "y"', "log_name=xy"],
    ['#!define A 4\nlog_name="A"', "log_name=A"],
    ["#!defexp A 1+2*3\nchildren=A", "children=7"],
    ["#!define B 2\n#!defexp A B*4\nchildren=A", "children=8"],
    ['#!defexps A "x" + 1\nlog_name=A', "log_name=x1"],
    ["#!defenv E\nchildren=E", "children=9"],
    ["#!defenvs N=E\nlog_name=N", "log_name=9"],
    ["#!trydefenv NONE\n#!trydef NONE 1\nchildren=NONE", "children=1"],
    ["#!define HOST a.b\nalias=HOST", "alias=a.b"],
  ])("%s", (text, expected) => {
    const environment = (name: string): string | undefined => (name === "E" ? "9" : undefined);
    expect(globals(text, { environment })).toEqual([expected]);
  });

  it("may be statements and names of routes", () => {
    const text = '#!define R MAIN\n#!define LOG(x) y\n#!define M xlog("a");\nroute[R] { M }\n';
    const { config } = read(text.replace("#!define LOG(x) y\n", ""));
    expect(config.items).toMatchObject([
      {
        name: { text: "MAIN" },
        body: { statements: [{ expression: { name: { text: "xlog" } } }] },
      },
    ]);
  });

  it("come from the command line", () => {
    expect(globals("children=A\n", { defines: ["A=3", "B"] })).toEqual(["children=3"]);
    expect(globals("#!ifdef B\nchildren=1\n#!endif\n", { defines: ["B"] })).toEqual(["children=1"]);
  });

  it("are known for the release and for loaded modules", () => {
    for (const name of ["KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3"]) {
      expect(globals(`#!ifdef ${name}\nchildren=1\n#!endif\n`)).toEqual(["children=1"]);
    }
    const text =
      'loadmodule "modules/tm/tm.so"\n#!ifdef MOD_tm\nchildren=1\n#!endif\n#!ifdef MOD_sl\nx\n#!endif\n';
    expect(globals(text)).toEqual(["children=1"]);
  });

  it("hide the rest of the line when a comment is part of them", () => {
    expect(findings(read("#!define A 1 # x\nchildren=A\nroute { exit; }"))).toEqual(["W117@1:10"]);
    expect(findings(read("route {\n#!define A 1 # x\nsetflag(A);\nexit; }"))).toContain(
      "W117@2:10",
    );
    expect(findings(read('#!define A "a#b"\nlog_name=A'))).toEqual([]);
  });

  it("give the place of their use, and tell where they come from", () => {
    const { config, preprocess } = read("#!define A 4\n#!define B A\nchildren=B\n");
    const [first] = config.items;
    if (first?.kind !== "global") throw new Error("no global");
    const { span } = first.values[0] ?? { span: first.span };
    expect(span.source.text.slice(span.start, span.end)).toBe("B");
    expect(preprocess.expansions).toMatchObject([{ define: { name: "B", value: "A" } }]);
    expect([...preprocess.used]).toEqual(["B", "A"]);
  });
});

describe("conditions", () => {
  it.each([
    ["#!ifdef A\nx\n#!else\nchildren=1\n#!endif\n", "children=1"],
    ["#!define A\n#!ifdef A\nchildren=1\n#!else\nx\n#!endif\n", "children=1"],
    ["#!ifndef A\nchildren=1\n#!else\nx\n#!endif\n", "children=1"],
    ["#!ifdef A // why\n\" ( /* '\n#!endif\nchildren=1", "children=1"],
    ["#!ifdef A\n# in a comment #!endif\nchildren=1", "children=1"],
    ["#!ifdef A\n#!ifdef B\n#!else\nx\n#!endif\ny\n#!else\nchildren=1\n#!endif\n", "children=1"],
    ["children=#!ifdef A\nx\n#!else\n1\n#!endif\n", "children=1"],
    ["#!ifdef A\r\nx\r\n#!else\r\nchildren=1\r\n#!endif\r\n", "children=1"],
    ["#!define V 3\n#!ifexp V >= 2 && !W\nchildren=1\n#!else\nx\n#!endif\n", "children=1"],
    ['#!ifexp KAMAILIO_VERSION >= 5006000 && "a" == "a"\nchildren=1\n#!endif\n', "children=1"],
    ['log_name="#!ifdef A"', "log_name=#!ifdef A"],
    ["/* #!ifdef A\n*/ children=1", "children=1"],
    ["// #!ifdef A\nchildren=1", "children=1"],
  ])("%s", (text, expected) => {
    expect(globals(text)).toEqual([expected]);
  });

  it("leave a record of what was asked for", () => {
    const { preprocess } = read(
      "#!define A\n#!ifdef A\n#!endif\n#!ifndef B\n#!endif\n#!ifexp C || A\n#!endif\nx=1",
    );
    expect(preprocess.tested.map(({ name, defined }) => `${name}:${defined}`)).toEqual([
      "A:true",
      "B:false",
      "C:false",
      "A:true",
    ]);
  });
});

describe("faults of directives", () => {
  it.each([
    ["#!ifdef A\n", ["E107@1:1"]],
    ["#!ifdef A\n#!ifdef B\n#!endif\n", ["E107@1:1"]],
    ["#!endif\n", ["E108@1:1"]],
    ["#!else\n", ["W123@1:1"]],
    ["#!ifdef A\n#!endif // A\n", ["E109@2:1"]],
    ["#!ifdef A\n#!else // A\nx\n#!endif\n", ["W122@2:1"]],
    ["#!ifdef\n#!endif\n", ["E112@1:1"]],
    ["#!define A-B 1\n", ["E112@1:1"]],
    ["#!define A\n#!define A 1\n", ["E111@2:10"]],
    ["#!define KAMAILIO_5\n", ["E111@1:10"]],
    ["#!define A A\nchildren=A\n", ["E113@2:10"]],
    ["#!defenv NONE\n", ["E115@1:1"]],
    ["#!defenv 1=X\n", ["E112@1:1"]],
    ["#!defexp A 1 +\n", ["E116@1:1"]],
    ["#!ifexp (1\n#!endif\n", ["E116@1:1"]],
    ['#!substdef "!A!4"\n', ["E114@1:12"]],
    ['#!subst "/a/b/x"\n', ["E114@1:9"]],
    ['#!subst "/(/b/"\n', ["E114@1:9"]],
    ["#!subst x\n", ["E114@1:1"]],
    ["#!endfi\n", ["W110@1:1"]],
    ["#!SER\n", ["W118@1:1"]],
    ["#!KAMAILIO\n", []],
    ["#!/usr/sbin/kamailio\n", []],
    ['#!define A "x\nlog_name=A\n', ["E102@1:10"]],
  ])("%s", (text, expected) => {
    const result = read(`${text}children=4\nroute { exit; }\n`);
    const seen = findings(result).filter((entry) => !entry.startsWith("E2"));
    expect(seen).toEqual(expected);
  });

  it("a last #!endif needs its newline", () => {
    expect(findings(read("x=1\n#!ifdef A\n#!endif"))).toEqual(["E120@3:1"]);
  });

  it("name the first definition", () => {
    const [first] = read("#!define A 1\n#!define A 2\nchildren=A\n").diagnostics;
    expect(first?.related?.[0]).toMatchObject({
      message: "first defined here",
      span: { start: 9 },
    });
  });
});

describe("includes", () => {
  const files = memoryFiles({
    "main.cfg": 'include_file "a.cfg"\nchildren=A\n',
    "a.cfg": "#!define A 2\n",
    "parts/1.cfg": "children=1\n",
    "parts/2.cfg": "children=2\n",
    "open.cfg": "#!ifdef X\n",
    "body.cfg": "  exit;\n",
    "bad.cfg": "children=\n",
  });

  it("take definitions with them", () => {
    const { config, diagnostics } = readConfig({ path: "main.cfg" }, { files });
    expect(diagnostics).toEqual([]);
    expect(config.items).toMatchObject([{ values: [{ value: 2 }] }]);
  });

  it.each([
    ['include_file "a.cfg"\nchildren=A', ["children=2"]],
    ['import_file "none"\nchildren=3', ["children=3"]],
    ['import_files "parts/*.cfg"', ["children=1", "children=2"]],
    ['#!substdef "!NN!a!g"\ninclude_file "NN.cfg"\nchildren=A', ["children=2"]],
    ['#!ifdef X\ninclude_file "none"\n#!endif\nchildren=1', ["children=1"]],
    ['include_file "open.cfg"\nx\n#!endif\nchildren=1', ["children=1"]],
    ['route {\n include_file "body.cfg"\n}', []],
  ])("%s", (text, expected) => {
    expect(globals(text, { files })).toEqual(expected);
  });

  it("that are missing", () => {
    expect(findings(read('include_file "none"\nx=1', { files }))).toEqual(["E101@1:14"]);
    expect(read('import_file "none"\nx=1', { files }).preprocess.missingImports).toHaveLength(1);
    expect(findings(readConfig({ path: "none" }, { files }))).toEqual(["E101@1:1"]);
  });

  it.each([
    ['include_file "a.cfg";\n', ["E105@1:21"]],
    ["include_file 'a.cfg'\n", ["E105@1:1"]],
    ["include_file a.cfg\n", ["E105@1:1"]],
  ])("%s", (text, expected) => {
    expect(findings(read(`${text}x=1\n`, { files }))).toEqual(expected);
  });

  it("have their own places", () => {
    const [first] = read('include_file "bad.cfg"\nroute { exit; }', { files }).diagnostics;
    expect(first?.span.source.name).toBe("bad.cfg");
  });
});

describe("substitutions", () => {
  it.each([
    ['#!subst "/XX/4/"\nlog_name="a XX XX"', "log_name=a 4 XX"],
    ['#!subst "/xx/4/gi"\nlog_name="a XX Xx"', "log_name=a 4 4"],
    ['#!subst "/([a-z]+)@([[:digit:]]+)/\\\\2-\\\\1/"\nlog_name="ab@12"', "log_name=12-ab"],
    ['#!substdef "!XX!4!g"\nchildren=XX', "children=4"],
    ['#!substdef "!XX!4!g"\nlog_name="aXXb"', "log_name=a4b"],
    ['#!substdefs "!XX!4!g"\nlog_name=XX', "log_name=4"],
    ["#!substdef '!XX!4!g'\nchildren=XX", "children=4"],
  ])("%s", (text, expected) => {
    expect(globals(text)).toEqual([expected]);
  });

  it("reach into variables", () => {
    const { config } = read('#!substdef "!KEY!abc!g"\nroute { $var(x) = $sht(t=>KEY); }');
    expect(config.items).toMatchObject([
      { body: { statements: [{ value: { inner: "t=>abc" } }] } },
    ]);
  });

  it("count their uses", () => {
    const { preprocess } = read('#!subst "/a/b/"\n#!subst "/z/y/"\nlog_name="a"\n');
    expect(preprocess.substitutions.map((entry) => entry.uses)).toEqual([1, 0]);
  });
});

describe("expressions of directives", () => {
  it.each([
    ["1 + 2 * 3 - 4 / 2", 5],
    ["(1 + 2) * 3 % 5", 4],
    ["2 ** 3 == 8 && 1", 1],
    ["1 << 3 | 1", 9],
    ["!0 || 0", 1],
    ["-3 + +1", -2],
    ['"a" + "b"', "ab"],
    ['"a" < "b"', 1],
    ["NAME + 1", 42],
    ["7 / 0", 0],
  ])("%s", (text, value) => {
    const result = evaluateExpression(text, (name) => (name === "NAME" ? 41 : 0));
    expect(result).toEqual({ ok: true, value });
  });

  it.each(["", "1 +", "(1", "1 2", "§", "* 1", `${"(".repeat(200)}1`])("refuse '%s'", (text) => {
    expect(evaluateExpression(text, () => 0).ok).toBe(false);
  });
});
