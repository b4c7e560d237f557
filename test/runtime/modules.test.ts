/** Modules in an engine: setup, parameters, life, and those of the user. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type AnyModule,
  bound,
  declareModule,
  implementModule,
  optional,
  required,
} from "../../src/runtime/module.ts";
import { sip, testEngine } from "../support/engine.ts";

const packet = sip`
  OPTIONS sip:bob@10.0.0.2:5070 SIP/2.0
  Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKabc
  From: <sip:a@x.com>;tag=1
  To: <sip:b@x.com>
  Call-ID: c1
  CSeq: 1 OPTIONS
`;

interface BankApi {
  balance: number;
}

const bank = declareModule<BankApi>()({
  name: "bank",
  doc: "A test.",
  params: {
    start: { type: "int", doc: "", default: 5 },
    note: { type: "str", doc: "" },
  },
  functions: {
    pay: {
      doc: "",
      routes: ["request"],
      args: [required("sum", "int", ""), optional("to", "fmt", "")],
    },
    pay_later: { doc: "", routes: ["request"], args: [], async: true },
    break_it: { doc: "", routes: ["request"], args: [] },
  },
  variables: { balance: { doc: "", type: "int" } },
  rpc: { "bank.balance": { doc: "" } },
});

/** The module and a diary of what happened to it. */
function bankModule(diary: string[]): AnyModule {
  const definition = implementModule(bank, ({ params, services, format, fail }) => {
    if (params.start < 0) fail("start", "nobody starts with debts");
    const api: BankApi = { balance: params.start };
    const note = params.note === undefined ? () => "" : format(params.note);
    diary.push("setup");
    return {
      functions: {
        pay: bound((sum, to) => (context) => {
          api.balance -= sum.get(context);
          diary.push(`paid ${to?.get(context) ?? "nobody"}${note(context)}`);
          return api.balance < 0 ? -2 : 1;
        }),
        pay_later: async () => {
          await new Promise<void>((resolve) => void services.clock.after(1000, resolve));
          api.balance -= 1;
          return 1;
        },
        break_it: () => {
          throw new TypeError("broken inside");
        },
      },
      variables: { balance: () => ({ get: () => api.balance }) },
      rpc: { "bank.balance": () => ({ values: [api.balance] }) },
      api,
      start: () => void diary.push("start"),
      stop: () => void diary.push("stop"),
    };
  });
  return definition;
}

describe("a module in an engine", () => {
  const load = 'loadmodule "bank.so"\nmodparam("bank", "start", 10)\n';

  it("is set up, started, called and stopped", async () => {
    const diary: string[] = [];
    const net = await testEngine(
      `${load}modparam("bank", "note", " and noted")
       request_route { if (pay(3, "$rc people")) forward(); }`,
      { modules: [bankModule(diary)] },
    );
    expect(await net.send(packet)).toHaveLength(1);
    expect(await net.rpc("bank.balance")).toEqual([7]);
    expect((net.engine.services.api("bank") as BankApi).balance).toBe(7);
    await net.stop();
    expect(diary).toEqual(["setup", "start", "paid 0 people and noted", "stop"]);
  });

  it("says why it refuses a parameter, at its line", async () => {
    const net = await testEngine(
      'loadmodule "bank.so"\nmodparam("bank", "start", -1)\nrequest_route { exit; }',
      { modules: [bankModule([])], allowErrors: true },
    );
    const [problem] = net.engine.diagnostics;
    expect(problem).toMatchObject({ code: "E521", message: "bank: nobody starts with debts" });
    expect(problem?.span.source.text.slice(0, problem.span.start).split("\n")).toHaveLength(2);
  });

  it("may be made to wait, while other messages go on", async () => {
    const net = await testEngine(
      `${load}request_route { if (method == "OPTIONS") pay_later(); forward(); }`,
      { modules: [bankModule([])] },
    );
    expect(await net.send(packet)).toEqual([]);
    expect(await net.send(packet.replaceAll("OPTIONS", "INFO"))).toHaveLength(1);
    expect(await net.advance(1000)).toHaveLength(1);
  });

  it("that throws ends that run alone, and the log names the line", async () => {
    const net = await testEngine(`${load}request_route {\n  break_it();\n  forward();\n}`, {
      modules: [bankModule([])],
    });
    expect(await net.send(packet)).toEqual([]);
    const line = net.log.lines.find((one) => one.text.includes("broken inside"));
    expect(line?.text).toContain("test.cfg:4:3");
    expect(await net.send(packet.replace("10.0.0.2", "10.0.0.3"))).toEqual([]);
  });

  it("gets parameters from the command line", async () => {
    const net = await testEngine('loadmodule "bank.so"\nrequest_route { exit; }', {
      modules: [bankModule([])],
      params: [{ module: "bank", name: "start", value: 44 }],
    });
    expect(await net.rpc("bank.balance")).toEqual([44]);
  });
});

describe("a module of the user", () => {
  it("is imported from a file beside the configuration", async () => {
    const folder = mkdtempSync(join(tmpdir(), "olelo-module-"));
    try {
      writeFileSync(
        join(folder, "greet.mjs"),
        `export default {
           spec: { name: "greet", doc: "", functions: { greet: { doc: "", routes: ["any"], args: [] } } },
           setup: ({ services }) => ({ functions: { greet: (c) => (services.log.script(1, "hello", c), 1) } }),
         };`,
      );
      const configPath = join(folder, "kamailio.cfg");
      writeFileSync(
        configPath,
        'debug=1\nlisten=udp:10.0.0.100:5060\nloadmodule "./greet.mjs"\nrequest_route { greet(); }\n',
      );
      const net = await testEngine(undefined, { configPath });
      await net.send(packet);
      expect(net.script).toEqual(["hello"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("that is not there is told at its line", async () => {
    const net = await testEngine('loadmodule "./none.mjs"\nrequest_route { exit; }', {
      allowErrors: true,
    });
    expect(net.engine.diagnostics.filter((one) => one.severity === "error")).toMatchObject([
      { code: "E520" },
    ]);
  });
});

describe("event_route[core:pre-routing]", () => {
  it("runs before request_route and may drop the request", async () => {
    const net = await testEngine(`
      event_route[core:pre-routing] { if (method == "INFO") drop; setflag(1); }
      request_route { if (isflagset(1)) forward(); }
    `);
    expect(await net.send(packet)).toHaveLength(1);
    expect(await net.send(packet.replaceAll("OPTIONS", "INFO"))).toHaveLength(0);
  });
});
