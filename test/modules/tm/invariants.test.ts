/** What holds whatever order things come in: nothing is left over, one final answer, no fault. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { testEngine, type Sent } from "../../support/engine.ts";
import { ack, caller, config, reply, request } from "./messages.ts";

const routes = `request_route {
    if (method == "CANCEL") { if (t_check_trans()) t_relay(); exit; }
    if (method == "ACK") { t_check_trans(); exit; }
    append_branch("sip:c@10.0.0.3"); t_on_reply("R"); t_on_failure("F"); t_on_branch_failure("BF"); t_relay();
  }
  onreply_route[R] { if (status == "181") drop; if (status == "699") t_reply("606", "Mine"); }
  failure_route[F] { if (t_check_status("48[0-9]")) { $ru = "sip:v@10.0.0.4"; t_relay(); } }
  # Replies that come too late for their transaction would go on without one.
  onreply_route[SL] { drop; }
  event_route[tm:branch-failure:BF] { if (t_check_status("430")) { $du = "sip:10.0.0.5"; t_relay(); } }`;

type Step =
  | { readonly kind: "request" }
  | { readonly kind: "cancel" }
  | { readonly kind: "ack" }
  | {
      readonly kind: "reply";
      readonly branch: number;
      readonly code: number;
      readonly toCancel: boolean;
    }
  | { readonly kind: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ kind: "request" }, { kind: "cancel" }, { kind: "ack" }),
  fc.record({
    kind: fc.constant("reply" as const),
    branch: fc.nat(4),
    code: fc.constantFrom(100, 180, 181, 200, 302, 401, 407, 404, 430, 480, 487, 503, 600, 699),
    toCancel: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(40_000) }),
);

async function play(method: string, steps: readonly Step[], params: string) {
  const modules = `loadmodule "corex.so"\nmodparam("tm", "on_sl_reply", "SL")\n${params}`;
  const e = await testEngine(config(modules, routes));
  await e.send(request(method));
  for (const one of steps) {
    if (one.kind === "request") await e.send(request(method));
    else if (one.kind === "cancel") await e.send(request("CANCEL"));
    else if (one.kind === "ack") await e.send(ack());
    else if (one.kind === "wait") await e.advance(one.ms);
    else {
      const kind = one.toCancel ? "CANCEL" : method;
      const branches = distinct(e.sent.filter((sent) => sent.line.startsWith(kind)));
      const target = branches[one.branch];
      if (target !== undefined) await e.send(reply(target, one.code), target.to);
    }
  }
  await e.advance(600_000);
  return e;
}

function distinct(sent: readonly Sent[]): Sent[] {
  return [...new Map(sent.map((one) => [one.text, one])).values()];
}

it.each([
  ["INVITE", ""],
  ["OPTIONS", ""],
  ["INVITE", `modparam("tm", "cancel_b_method", 0)`],
  ["INVITE", `modparam("tm", "cancel_b_method", 2)\nmodparam("tm", "failure_reply_mode", 0)`],
])(
  "holds for %s %s",
  async (method, params) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const e = await play(method, steps, params);
        expect(await e.rpc("tm.stats")).toMatchObject([{ current: 0, waiting: 0 }]);
        expect(e.log.lines.filter((line) => line.level < 1)).toEqual([]);
        const finals = distinct(
          e.sent.filter((one) => one.to === caller && /^SIP\/2\.0 [3-6]/.test(one.line)),
        ).filter((one) => one.header("CSeq").endsWith(method));
        // One for each time that the request made a transaction: after a wait it may be a new one.
        const { created } = ((await e.rpc("tm.stats")) as { created: number }[])[0] ?? {
          created: 0,
        };
        expect(finals.length).toBeLessThanOrEqual(created);
        await e.stop();
      }),
      { numRuns: 40 },
    );
  },
  60_000,
);
