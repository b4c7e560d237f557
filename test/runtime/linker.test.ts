/** The linker binds words of the core, arguments, variables and texts as Kamailio does. */
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/dsl/value.ts";
import {
  bound,
  declareModule,
  implementModule,
  optional,
  reads,
  readsAndWrites,
  required,
  type ScriptVariable,
} from "../../src/runtime/module.ts";
import { testEngine, type TestEngine } from "../support/engine.ts";

const spec = declareModule()({
  name: "probe",
  doc: "Shows what its functions are called with.",
  functions: {
    note: { doc: "Keeps a text.", routes: ["any"], args: [required("text", "fmt", "")] },
    kinds: {
      doc: "",
      routes: ["any"],
      forms: {
        one: [required("str", "str", "")],
        three: [
          required("int", "int", ""),
          required("any", "any", ""),
          required("maybe", "fmt?", ""),
        ],
      },
    },
    pattern: {
      doc: "",
      routes: ["any"],
      args: [required("re", "regex", ""), required("in", "fmt", "")],
    },
    computed: {
      doc: "",
      routes: ["any"],
      args: [required("re", "regex-fmt", ""), required("in", "fmt", "")],
    },
    flag: { doc: "", routes: ["any"], args: [required("flag", "flag", "")] },
    put: {
      doc: "",
      routes: ["any"],
      args: [required("to", "var", ""), required("value", "fmt", "")],
    },
    many: {
      doc: "",
      routes: ["any"],
      args: ["a", "b", "c", "d", "e", "f", "g"].map((name) => optional(name, "fmt", "")),
    },
    bound_once: {
      doc: "",
      routes: ["any"],
      args: [required("a", "fmt", ""), optional("b", "int", "")],
    },
    later: { doc: "", routes: ["any"], async: true, args: [required("code", "int", "")] },
    lies: { doc: "", routes: ["any"], args: [] },
  },
  variables: {
    seen: { doc: "", type: "str", writable: true },
    none: { doc: "", type: "any" },
    echo: { doc: "", type: "any", inner: "required", indexed: true, innerForm: "format" },
    nested: { doc: "", type: "any", inner: "required", innerForm: "variable" },
  },
  transformations: {
    t: {
      twice: { doc: "", min: 0, max: 0, result: "str" },
      put: { doc: "", min: 1, max: 1, result: "str" },
    },
  },
});

/** What the functions were called with. */
class Seen {
  readonly calls: unknown[] = [];
  binds = 0;
  value: Value = null;
}

function probe(seen: Seen) {
  const keep = (...values: unknown[]): number => {
    seen.calls.push(values.length === 1 ? values[0] : values);
    return 1;
  };
  return implementModule(spec, () => ({
    functions: {
      note: (_, text) => keep(text),
      kinds: { one: (_, text) => keep(text), three: (_, a, b, c) => keep(a, b, c) },
      pattern: (_, regex, text) => keep(regex.exec(text)?.[0] ?? null),
      computed: (_, regex, text) => keep(regex.test(text)),
      flag: (_, flag) => keep(flag),
      put: (context, to: ScriptVariable, value) => {
        to.set(context, value);
        return 1;
      },
      many: (_, ...values) => keep(...values),
      bound_once: bound((a, b) => {
        seen.binds++;
        return (context) => keep(a.constant, a.get(context), b?.constant);
      }),
      later: async (_, code) => Promise.resolve(code),
      lies: () => Promise.resolve(1),
    },
    variables: {
      seen: readsAndWrites(
        () => seen.value,
        (_, value) => {
          seen.value = value;
        },
      ),
      none: reads(() => null),
      echo: ({ inner, innerText, index }) => ({
        get: (context) => {
          const at = typeof index === "function" ? index(context) : (index ?? "-");
          return `${inner === undefined ? "computed" : "fixed"} ${innerText(context)} ${String(at)}`;
        },
      }),
      nested: ({ innerVariable }) => {
        const variable = innerVariable();
        return { get: (context) => variable.get(context) };
      },
    },
    transformations: {
      t: {
        twice: () => (value) => `${value ?? ""}${value ?? ""}`,
        put:
          ([argument]) =>
          (value, context) =>
            `${value ?? ""}${argument?.get(context) ?? ""}`,
      },
    },
  }));
}

const request = [
  "OPTIONS sip:bob@127.0.0.1:31307;transport=udp SIP/2.0",
  "Via: SIP/2.0/UDP 127.0.0.1:31399;branch=z9hG4bKabc",
  "From: <sip:alice@a.example>;tag=ft",
  "To: <sip:bob@b.example>",
  "Call-ID: cid1@x",
  "CSeq: 7 OPTIONS",
  "Content-Length: 0",
  "\r\n",
].join("\r\n");

async function engine(routes: string, seen = new Seen()): Promise<{ run: TestEngine; seen: Seen }> {
  const run = await testEngine(`listen=udp:127.0.0.1:31307\nloadmodule "probe.so"\n${routes}`, {
    modules: [probe(seen)],
    from: "127.0.0.1:31399",
    allowErrors: true,
  });
  return { run, seen };
}

/** What the probes in a request route were called with. */
async function calls(statements: string): Promise<unknown[]> {
  const { run, seen } = await engine(`flags FIRST:4, SECOND;\nrequest_route { ${statements} }`);
  expect(run.engine.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  await run.send(request);
  await run.stop();
  return seen.calls;
}

describe("words of the core", () => {
  const table: [condition: string, isTrue: boolean][] = [
    ["uri == myself", true],
    ["myself == uri", true],
    ["to_uri == myself", false],
    ["from_uri != myself", true],
    ['uri =~ "BOB"', true],
    ['uri == "SIP:BOB@127.0.0.1:31307;transport=udp"', true],
    ['uri == "sip:bob@127.0.0.1:31307"', false],
    ['uri != "sip:bob@127.0.0.1:31307"', true],
    ['from_uri == "sip:ALICE@A.EXAMPLE"', true],
    ['from_uri =~ "alice@.*"', true],
    ['method == "OPTIONS"', true],
    ["method == OPTIONS", true],
    ['method =~ "opt"', true],
    ['method != "INVITE"', true],
    ["method == INVITE || method == OPTIONS", true],
    ['method =~ "^(OPTIONS|INVITE)$"', true],
    ["proto == UDP", true],
    ["proto == udp", true],
    ["proto != UDP", false],
    ["proto == TCP", false],
    ["af == INET", true],
    ["af == inet6", false],
    ["af != INET6", true],
    ["msg:len > 100", true],
    ["msg:len < 100", false],
    ["src_port == 31300", false],
    ["src_port == 31399", true],
    ["src_port > 10", true],
    ["dst_port == 31307", true],
    ["dst_port != 31307", false],
    ["src_ip == 127.0.0.1", true],
    ["src_ip != 127.0.0.1", false],
    ["src_ip == 127.0.0.0/8", true],
    ["src_ip == 10.0.0.0/8", false],
    ["src_ip != 10.0.0.0/8", true],
    ["src_ip == 127.0.0.1/255.0.0.0", true],
    ['src_ip == "127.0.0.1"', true],
    ['src_ip == "127.0.0.0/8"', true],
    ['src_ip =~ "127"', true],
    ["src_ip == [::1]", false],
    ["src_ip == ::1", false],
    ["src_ip == myself", true],
    ["src_ip != myself", false],
    ["myself == src_ip", true],
    ["dst_ip == 127.0.0.1", true],
    ["dst_ip == myself", true],
    ['status == "200"', false],
    ["status == 200", false],
    ['status =~ "4.."', false],
  ];

  it("compare as Kamailio has them", async () => {
    const probes = table.map(([condition]) => `if (${condition}) note("1"); else note("0");`);
    const found = await calls(probes.join("\n"));
    expect(table.map(([condition], i) => [condition, found[i] === "1"])).toEqual(table);
  });

  it("compare with variables", async () => {
    const found = await calls(`
      $seen = "127.0.0.1"; if (src_ip == $seen) note("address");
      $seen = "127.0.0.0/8"; if (src_ip == $seen) note("network");
      $seen = "optIONs"; if (method == $seen) note("method");
      $seen = "^opt"; if (method =~ $seen) note("pattern");
      $seen = 31399; if (src_port == $seen) note("port");
      $seen = "udp"; if (proto == $seen) note("proto");`);
    expect(found).toEqual(["address", "network", "method", "pattern", "port", "proto"]);
  });

  it("see a reply's status", async () => {
    const { run, seen } = await engine(
      `reply_route { if (status == 200) note("200"); if (status =~ "2..") note("2xx"); if (status == 300) note("300"); if (method == "INVITE") note("INVITE"); }`,
    );
    await run.send(
      "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:31307;branch=z9hG4bKx\r\nVia: SIP/2.0/UDP 127.0.0.1:9\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: r\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    );
    expect(seen.calls).toEqual(["200", "2xx", "INVITE"]);
    await run.stop();
  });
});

describe("arguments", () => {
  it.each([
    [`note("a $rm b");`, ["a <null> b"], `$none`],
    [`note("$none");`, [""], ""],
    [`note("[$none]");`, ["[<null>]"], ""],
    [`note("$$x 5");`, ["$x 5"], ""],
    [`note("x" + 3);`, ["x3"], ""],
    [`kinds("$none");`, ["$none"], ""],
    [`kinds(7);`, ["7"], ""],
    [`kinds("0x10", "$seen", "$none");`, [[16, "$seen", null]], ""],
    [`kinds(5, $none, "x$none");`, [[5, null, "x<null>"]], ""],
    [`$seen = "12"; kinds($seen, $seen, $seen);`, [[12, "12", "12"]], ""],
    [`$seen = "12"; kinds("$seen", 1, "$seen");`, [[12, 1, "12"]], ""],
    [`pattern("B+|b+c", "abbc");`, ["bbc"], ""],
    [`pattern("^b", "a\nb");`, ["b"], ""],
    [`$seen = "b+"; computed("^a$seen$", "abb"); computed($seen, "ac");`, [true, false], ""],
    [`$seen = "("; computed($seen, "ac");`, [false], ""],
    [`flag(31); flag("FIRST"); flag("SECOND");`, [31, 4, 0], ""],
    [`put("$seen", "x"); note("$seen"); put($seen, "y"); note("$seen");`, ["x", "y"], ""],
    [`many();`, [[]], ""],
    [`many("a", "b", "c");`, [["a", "b", "c"]], ""],
    [`many("1", "2", "3", "4", "5", "6", "7");`, [["1", "2", "3", "4", "5", "6", "7"]], ""],
  ])("%s", async (statements, expected, variable) => {
    expect(await calls(statements.replace("$rm", variable || "$rm"))).toEqual(expected);
  });

  it("are bound once for each place, constants known", async () => {
    const { run, seen } = await engine(
      `request_route { bound_once("x", 3); $seen = "y"; bound_once("$seen"); }`,
    );
    await run.send(request);
    await run.send(request.replace("cid1", "cid2"));
    expect(seen.binds).toBe(2);
    expect(seen.calls.slice(0, 2)).toEqual([
      ["x", "x", 3],
      [undefined, "y", undefined],
    ]);
    expect(seen.calls).toHaveLength(4);
    await run.stop();
  });
});

describe("variables", () => {
  it("get their inner text, index and transformations", async () => {
    const found = await calls(`
      $seen = "v";
      note("$echo(a)"); note("$(echo(a)[2])"); note("$(echo(a)[*])"); note("$(echo(a)[$seen])");
      note("$echo(x$seen)"); note("$nested($seen)");
      note("$(seen{t.twice})"); note("$(seen{t.twice}{t.put,-}{t.twice})"); note("$(seen{t.put,$seen})");
      note("$(none{t.twice})|$rc|$seen$seen|$seen-$seen");`);
    expect(found).toEqual([
      "fixed a -",
      "fixed a 2",
      "fixed a *",
      "fixed a v",
      "computed xv -",
      "v",
      "vv",
      "vv-vv-",
      "vv",
      "|1|vv|v-v",
    ]);
  });

  it("that no module has are refused where they stand", async () => {
    const { run } = await engine(`request_route {\n  note("x");\n  $nowhere = 5;\n}`).catch(() => ({
      run: undefined,
    }));
    const errors = run?.engine.diagnostics.filter((one) => one.severity === "error") ?? [];
    expect(errors.map((one) => one.message).join()).toContain("nowhere");
    await run?.stop();
  });
});

describe("faults", () => {
  it("end the one run and are logged with their place", async () => {
    const { run, seen } = await engine(`request_route {
      note("before");
      lies();
      note("after");
    }`);
    await run.send(request);
    await run.send(request.replace("cid1", "cid2"));
    expect(seen.calls).toEqual(["before", "before"]);
    const errors = run.log.lines.filter((line) => line.level < 0).map((line) => line.text);
    expect(errors[0]).toContain("test.cfg:5:7");
    await run.stop();
  });

  it("of the script are counted and logged with their place", async () => {
    const { run, seen } = await engine(`request_route {
      $seen = 0;
      if (1 / $seen == 1) note("never");
      note("after");
    }`);
    await run.send(request);
    expect(seen.calls).toEqual(["after"]);
    expect(run.engine.services.statistics.read("olelo", "script_faults")).toBe(1);
    const errors = run.log.lines.filter((line) => line.level === -1).map((line) => line.text);
    expect(errors).toEqual(["division by zero at test.cfg:5:13"]);
    await run.stop();
  });

  it("do not come from waiting", async () => {
    const { run, seen } = await engine(
      `request_route { if (later("5")) note("$rc"); later(0); note("never"); }`,
    );
    await run.send(request);
    expect(seen.calls).toEqual(["5"]);
    await run.stop();
  });
});
