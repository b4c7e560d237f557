/** The `$T…` variables. */
import type { ScriptContext } from "../../runtime/context.ts";
import {
  type BoundVariable,
  type VariableImplementation,
  type VariableReference,
  reads,
} from "../../runtime/module.ts";
import { reasonPhrase } from "../../sip/reasons.ts";
import type { Value } from "../../dsl/value.ts";
import type { Branch, TmApi, Transaction } from "../tm/spec.ts";

/** The branch that the route at hand runs for. */
function branchOf(tm: TmApi, context: ScriptContext): Branch | undefined {
  const transaction = tm.current(context);
  if (transaction === null) return undefined;
  return tm.failingBranch(transaction) ?? transaction.branches[context.branchIndex];
}

function branchIndex(tm: TmApi, context: ScriptContext): number {
  const transaction = tm.current(context);
  if (context.scope === "failure") {
    return (transaction?.branches.length ?? 0) + context.branches.length;
  }
  if (context.scope === "request") return context.branches.length;
  return transaction === null ? -1 : context.branchIndex;
}

function replyReason(tm: TmApi, context: ScriptContext): Value {
  if (!context.msg.isRequest) return context.msg.reason;
  const transaction = tm.current(context);
  const branch = transaction === null ? undefined : tm.failingBranch(transaction);
  if (branch === undefined) return null;
  return branch.reply === null ? reasonPhrase(branch.lastStatus) : branch.reply.msg.reason;
}

/** The status of a branch that has a final reply already, else that of the reply at hand. */
function replyLast(tm: TmApi, context: ScriptContext): Value {
  if (context.msg.isRequest) return "";
  const branch = branchOf(tm, context);
  if (branch === undefined) return "";
  return branch.lastStatus >= 200 ? branch.lastStatus : context.msg.statusCode;
}

function replyType(tm: TmApi, context: ScriptContext): Value {
  const transaction = tm.current(context);
  if (transaction === null || !context.msg.isRequest) return 0;
  const branch = tm.failingBranch(transaction);
  if (branch !== undefined) return branch.isFaked ? 1 : 0;
  return transaction.relayedBranch === -2 ? 1 : 0;
}

function identity(tm: TmApi, context: ScriptContext, make: boolean): Transaction | null {
  const known = tm.current(context);
  if (known !== null || !make || !context.msg.isRequest) return known;
  return tm.newTransaction(context) < 0 ? null : tm.current(context);
}

function attribute(tm: TmApi, reference: VariableReference): BoundVariable {
  const get = attributeGetter(tm, reference.inner ?? "");
  if (get === undefined) throw new Error(`$T has no attribute ${reference.inner ?? ""}`);
  return { get };
}

function attributeGetter(tm: TmApi, name: string): ((context: ScriptContext) => Value) | undefined {
  switch (name) {
    case "id_index":
      return (context) => identity(tm, context, false)?.index ?? null;
    case "id_label":
      return (context) => identity(tm, context, false)?.label ?? null;
    case "id_index_n":
      return (context) => identity(tm, context, true)?.index ?? null;
    case "id_label_n":
      return (context) => identity(tm, context, true)?.label ?? null;
    case "reply_code":
      return (context) => tm.statusOf(context);
    case "reply_reason":
      return (context) => replyReason(tm, context);
    case "reply_last":
      return (context) => replyLast(tm, context);
    case "reply_type":
      return (context) => replyType(tm, context);
    case "branch_index":
      return (context) => branchIndex(tm, context);
    case "ruid":
      return (context) => branchOf(tm, context)?.ruid ?? null;
    default:
      return undefined;
  }
}

function branchAttribute(tm: TmApi, reference: VariableReference): BoundVariable {
  switch (reference.inner) {
    case "flags":
      return { get: (context) => branchOf(tm, context)?.flags ?? null };
    case "uri":
      return {
        get: (context) => (context.msg.isRequest ? null : (branchOf(tm, context)?.uri ?? null)),
      };
    default:
      throw new Error(`$T_branch has no attribute ${reference.inner ?? ""}`);
  }
}

/** The inner variable, read in the context that `where` gives; `$null` when it gives none. */
function inOther(where: (context: ScriptContext) => ScriptContext | null): VariableImplementation {
  return (reference) => {
    const inner = reference.innerVariable();
    return {
      get: (context) => {
        const other = where(context);
        return other === null ? null : inner.get(other);
      },
    };
  };
}

function requestOf(tm: TmApi, context: ScriptContext): ScriptContext | null {
  const transaction = tm.lookup(context);
  return transaction === null ? null : asReceived(tm.requestOf(transaction));
}

function replyOf(tm: TmApi, context: ScriptContext): ScriptContext | null {
  const transaction = tm.current(context);
  return transaction === null ? null : (tm.failingBranch(transaction)?.reply ?? null);
}

function inviteOf(tm: TmApi, context: ScriptContext): ScriptContext | null {
  const transaction = tm.findCanceled(context);
  return transaction === null ? null : asReceived(tm.requestOf(transaction));
}

/** As Kamailio: without the Request-URI and the next hop that the script has set. */
function asReceived(request: ScriptContext): ScriptContext {
  request.newUri = null;
  request.dstUri = null;
  return request;
}

export function tmxVariables(tm: TmApi) {
  return {
    T_branch_idx: reads((context) => branchIndex(tm, context)),
    T_reply_ruid: reads((context) => branchOf(tm, context)?.ruid ?? ""),
    T_reply_code: reads((context) => tm.statusOf(context)),
    T_reply_reason: reads((context) => replyReason(tm, context)),
    T_reply_last: reads((context) => replyLast(tm, context)),
    T_req: inOther((context) => requestOf(tm, context)),
    T_rpl: inOther((context) => replyOf(tm, context)),
    T_inv: inOther((context) => inviteOf(tm, context)),
    T: (reference: VariableReference) => attribute(tm, reference),
    T_branch: (reference: VariableReference) => branchAttribute(tm, reference),
  };
}
