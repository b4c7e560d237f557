/** The tmx module: more functions, variables and statistics for transactions. */
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule } from "../../runtime/module.ts";
import type { Statistics } from "../../runtime/services.ts";
import type { Workers } from "../../runtime/workers/group.ts";
import type { TmApi } from "../tm/spec.ts";
import { Precheck } from "./precheck.ts";
import { tmx } from "./spec.ts";
import { tmxVariables } from "./variables.ts";

function truth(value: boolean): number {
  return value ? 1 : -1;
}

function cancelBranches(tm: TmApi, context: ScriptContext, which: string): number {
  const transaction = tm.current(context);
  if (transaction === null) return -1;
  const current = context.branchIndex;
  tm.cancelBranches(transaction, 0, (branch) => {
    if (which === "all") return true;
    return (branch.index === current) === (which === "this");
  });
  return 1;
}

interface CallWords {
  readonly callId: string;
  readonly cseq: string;
}

function cancelCall(tm: TmApi, call: CallWords, flag: number, cause: number): number {
  const transaction = tm.findCall(call.callId, Number(call.cseq), "invite");
  if (transaction === null) return -1;
  if (flag > 0 && flag < 32) transaction.messageFlags |= 1 << flag;
  tm.cancelBranches(transaction, cause, () => true);
  return 1;
}

function replyToCall(tm: TmApi, call: CallWords, status: number, reason: string): number {
  const transaction = tm.findCall(call.callId, Number(call.cseq), "received");
  return transaction === null ? -1 : tm.replyTo(transaction, status, reason);
}

function flushFlags(tm: TmApi, context: ScriptContext): number {
  const transaction = tm.current(context);
  if (transaction === null) return -1;
  transaction.messageFlags = context.flags;
  return 1;
}

function continueAt(
  tm: TmApi,
  identity: { readonly index: number; readonly label: number },
  route: string,
): number | Promise<number> {
  const transaction = tm.find(identity.index, identity.label);
  return transaction === null ? -1 : tm.resume(transaction, route);
}

const continueTopic = "tmx.continue";

interface ContinueRequest {
  readonly identity: { readonly index: number; readonly label: number };
  readonly route: string;
}

/** The same in the worker that has the transaction. */
function continueAnywhere(
  tm: TmApi,
  workers: Workers,
  identity: ContinueRequest["identity"],
  route: string,
): number | Promise<number> {
  const owner = identity.index % workers.count;
  if (!(owner >= 0) || owner === workers.index) return continueAt(tm, identity, route);
  return workers.call(owner, continueTopic, { identity, route }).then(
    (code) => code as number,
    () => -1,
  );
}

function drop(tm: TmApi, context: ScriptContext, status: number): number {
  const transaction = tm.current(context);
  if (transaction === null) return -1;
  tm.drop(transaction, status);
  return 0;
}

/** Makes the failed branch the target of the next relaying. */
function reuseBranch(tm: TmApi, context: ScriptContext): number {
  const transaction = tm.current(context);
  const branch = transaction === null ? undefined : tm.failingBranch(transaction);
  if (branch === undefined) return -1;
  context.newUri = branch.uri;
  context.dstUri = branch.dstUri;
  context.path = branch.path;
  context.instance = branch.instance;
  context.ruid = branch.ruid;
  context.branchFlags = branch.flags;
  context.uriIsTarget = true;
  return 1;
}

function registerStatistics(statistics: Statistics, tm: TmApi): void {
  const { counters } = tm;
  const gauge = (name: string, read: () => number, doc: string): void =>
    statistics.gauge("tmx", name, read, doc);
  gauge(
    "UAS_transactions",
    () => counters.server.value,
    "Transactions made for received requests.",
  );
  gauge(
    "UAC_transactions",
    () => counters.client.value,
    "Transactions of the engine's own requests.",
  );
  for (let kind = 2; kind <= 6; kind++) {
    const counter = counters.completed[kind];
    const doc = `Transactions completed with a ${kind}xx.`;
    gauge(`${kind}xx_transactions`, () => counter?.value ?? 0, doc);
  }
  gauge("inuse_transactions", () => counters.inUse(), "Transactions in memory.");
  gauge("active_transactions", () => counters.active(), "Transactions that are not finished.");
  gauge("rpl_received", () => counters.received.value, "Replies received for transactions.");
  gauge("rpl_absorbed", () => counters.absorbed.value, "Replies received and not sent upstream.");
  gauge("rpl_generated", () => counters.generated.value, "Replies made here.");
  gauge("rpl_relayed", () => counters.relayed.value, "Replies received and sent upstream.");
  gauge("rpl_sent", () => counters.sent.value, "Replies sent upstream.");
}

export default implementModule(tmx, ({ params, use, services }) => {
  const { tm } = use;
  const { workers } = services;
  workers?.handle(continueTopic, (request) => {
    const { identity, route } = request as ContinueRequest;
    return continueAt(tm, identity, route);
  });
  const precheck = new Precheck();
  registerStatistics(services.statistics, tm);
  services.hooks.afterRequest((context) => precheck.forget(context));
  return {
    functions: {
      t_cancel_branches: (context, which) => cancelBranches(tm, context, which),
      t_cancel_callid: (_context, ...[callId, cseq, flag, cause]) =>
        cancelCall(tm, { callId, cseq }, flag, cause ?? 0),
      t_reply_callid: (_context, ...[callId, cseq, status, reason]) =>
        replyToCall(tm, { callId, cseq }, status, reason),
      t_flush_flags: (context) => flushFlags(tm, context),
      t_is_failure_route: (context) => truth(context.scope === "failure"),
      t_is_branch_route: (context) => truth(context.scope === "branch"),
      t_is_reply_route: (context) => truth(context.scope === "reply"),
      t_is_request_route: (context) => truth(context.scope === "request"),
      t_suspend: (context) => truth(tm.suspend(context) !== null),
      t_continue: (_context, index, label, route) => {
        const identity = { index, label };
        if (workers === null) return continueAt(tm, identity, route);
        return continueAnywhere(tm, workers, identity, route);
      },
      t_drop: (context, status) => drop(tm, context, status ?? 500),
      t_reuse_branch: (context) => reuseBranch(tm, context),
      t_precheck_trans: (context) => truth(params.precheck_trans && precheck.isAtWork(context)),
    },
    variables: tmxVariables(tm),
  };
});
