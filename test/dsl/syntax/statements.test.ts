/** Statements, routes and the top level: trees and places. */
import { describe, expect, it } from "vitest";
import type { Item, Statement } from "../../../src/dsl/syntax/ast.ts";
import { read, statements } from "../support/harness.ts";

function item(text: string): Item {
  const { config, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  expect(config.items).toHaveLength(1);
  return config.items[0] as Item;
}

function source(node: { span: { source: { text: string }; start: number; end: number } }): string {
  return node.span.source.text.slice(node.span.start, node.span.end);
}

describe("statements", () => {
  it("bind else to the nearest if", () => {
    const [outer] = statements("if (1) if (2) exit; else drop;");
    const inner = outer?.kind === "if" ? outer.then : undefined;
    expect(inner).toMatchObject({ kind: "if", otherwise: { jump: "drop" } });
    expect(outer).not.toHaveProperty("otherwise");
  });

  it("read long chains of else if", () => {
    const text = `if (1) { exit; }${" else if (1) { exit; }".repeat(2000)} else { drop; }`;
    let depth = 0;
    let node: Statement | undefined = statements(text)[0];
    while (node?.kind === "if") {
      depth += 1;
      node = node.otherwise;
    }
    expect(depth).toBe(2001);
    expect(node?.kind).toBe("block");
  });

  it("know where they stand", () => {
    const [first, second] = statements('  xlog("a", $ru) ;\n$var(x) = f( 1 );');
    expect(first && source(first)).toBe('xlog("a", $ru)');
    expect(second && source(second)).toBe("$var(x) = f( 1 )");
  });

  it("read jumps in all forms", () => {
    const jumps = statements("return; return(); return -1; return (2); exit; exit(); drop; break;");
    expect(
      jumps.map((jump) => (jump.kind === "jump" ? [jump.jump, jump.value?.kind] : [])),
    ).toEqual([
      ["return", undefined],
      ["return", undefined],
      ["return", "number"],
      ["return", "number"],
      ["exit", undefined],
      ["exit", undefined],
      ["drop", undefined],
      ["break", undefined],
    ]);
  });

  it("read switches with fall-through, expressions and default", () => {
    const [first] = statements('switch($rU) { case "a": case /"^b": exit; default: drop; }');
    expect(first).toMatchObject({
      kind: "switch",
      cases: [
        { label: { value: "a" }, isRegex: false, statements: [] },
        { label: { value: "^b" }, isRegex: true, statements: [{ jump: "exit" }] },
        { isRegex: false, statements: [{ jump: "drop" }] },
      ],
    });
  });

  it("read variables with all their parts", () => {
    const [first] = statements("$var(x) = $(hdr(Via)[$var(i)]{s.substr,0,$var(n)}{s.len});");
    expect(first).toMatchObject({
      target: { kind: "variable", name: "var", inner: "x" },
      value: {
        name: "hdr",
        inner: "Via",
        index: { kind: "variable", name: "var", inner: "i" },
        transformations: [
          { className: "s", name: "substr", args: ["0", { name: "var", inner: "n" }] },
          { className: "s", name: "len", args: [] },
        ],
      },
    });
  });

  it("read selects", () => {
    const [first] = statements('$var(x) = @via[1].param["a b"].x;');
    expect(first).toMatchObject({
      value: { path: [{ name: "via", index: 1 }, { name: "param", index: "a b" }, { name: "x" }] },
    });
  });
});

describe("routes", () => {
  it.each([
    ["route", "request", "0"],
    ["request_route", "request", "0"],
    ["route[0]", "request", "0"],
    ["route[A]", "request", "A"],
    ['route["A b"]', "request", "A b"],
    ["route[017]", "request", "15"],
    ["onreply_route", "onreply", "0"],
    ["reply_route", "onreply", "0"],
    ["onreply_route[0]", "onreply", "0"],
    ["onreply_route[R]", "reply", "R"],
    ["failure_route[1]", "failure", "1"],
    ["branch_route[B]", "branch", "B"],
    ["onsend_route", "onsend", "0"],
    ["event_route[tm:branch-failure:X_1]", "event", "tm:branch-failure:X_1"],
    ["event_route [ xhttp:request ]", "event", "xhttp:request"],
  ])("%s is %s %s", (head, route, text) => {
    expect(item(`${head} { exit; }`)).toMatchObject({ kind: "route", route, name: { text } });
  });
});

describe("the top level", () => {
  it.each([
    [
      "children=4;",
      { kind: "global", name: { text: "children" }, values: [{ kind: "int", value: 4 }] },
    ],
    ["debug=-1", { values: [{ kind: "int", value: -1 }] }],
    ["memlog=yes", { values: [{ kind: "int", value: 1 }] }],
    ["log_facility=LOG_LOCAL0", { values: [{ kind: "id", value: "LOG_LOCAL0" }] }],
    ['log_name="a"', { values: [{ kind: "string", value: "a" }] }],
    [
      'listen=udp:[::1]:5060 advertise "a.b":5080 name "s" virtual',
      {
        values: [
          {
            proto: "udp",
            hosts: ["[::1]"],
            port: 5060,
            advertise: { host: "a.b", port: 5080 },
            socketName: "s",
            isVirtual: true,
          },
        ],
      },
    ],
    [
      "listen=tcp:(1.2.3.4, lo):5",
      { values: [{ proto: "tcp", hosts: ["1.2.3.4", "lo"], port: 5 }] },
    ],
    [
      'alias=a-1.b.c:5060 3com.net "x.y"',
      { values: [{ hosts: ["a-1.b.c"], port: 5060 }, { hosts: ["3com.net"] }, { hosts: ["x.y"] }] },
    ],
    ['a.b = "x" desc "y"', { kind: "custom", value: "x", description: "y" }],
    ["a[1].default = 0x10", { instance: 1, name: { text: "default" }, value: 16 }],
    ['loadmodule "tm.so"', { kind: "loadmodule", path: { text: "tm.so" } }],
    ['mpath="a:b"', { kind: "loadpath", path: { text: "a:b" } }],
    [
      'modparam("a|b", "c", -1);',
      { modules: { text: "a|b" }, param: { text: "c" }, value: -1, evaluates: false },
    ],
    ['modparamx("a", "c", "$x")', { value: "$x", evaluates: true }],
    ['cfgengine "native"', { kind: "cfgengine", engine: { text: "native" } }],
    ["flags A:1, B", { flags: [{ name: { text: "A" }, position: 1 }, { name: { text: "B" } }] }],
    ["avpflags a, b", { names: [{ text: "a" }, { text: "b" }] }],
  ])("%s", (text, expected) => {
    expect(item(text)).toMatchObject(expected);
  });

  it("ends a list of sockets where another item begins", () => {
    const { config, diagnostics } = read(
      "alias=a b\nchildren=4\nalias=c\nx.y = 1\nlisten=lo\nroute { exit; }",
    );
    expect(diagnostics).toEqual([]);
    expect(config.items.map((entry) => entry.kind)).toEqual([
      "global",
      "global",
      "global",
      "custom",
      "global",
      "route",
    ]);
  });
});
