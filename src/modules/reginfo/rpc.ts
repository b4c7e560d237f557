/** The remote commands of reginfo. */
import { RpcError, type RpcReply, RpcStruct } from "../../runtime/module.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import { RpcCode } from "../../runtime/rpc.ts";
import type { ContactChoice, ReginfoApi } from "./api.ts";

type Params = readonly (string | number)[];

/** Reasons of RFC 6665, 4.1.3. */
const REASONS: ReadonlySet<string> = new Set([
  "deactivated",
  "probation",
  "rejected",
  "timeout",
  "giveup",
  "noresource",
  "invariant",
]);

function text(params: Params, at: number): string {
  const value = params[at];
  if (value === undefined || value === "") {
    throw new RpcError(RpcCode.badRequest, "Too few parameters");
  }
  return String(value);
}

function seconds(params: Params, at: number): number {
  const value = Number(text(params, at));
  if (!Number.isInteger(value) || value < 0) {
    throw new RpcError(RpcCode.badRequest, "The seconds are no whole number");
  }
  return value;
}

function choice(params: Params, contactAt: number): ContactChoice {
  const contact = params[contactAt];
  return {
    table: text(params, 0),
    aor: text(params, 1),
    contact: contact === undefined || contact === "" ? undefined : String(contact),
  };
}

/** Nothing found is an error, so that scripts notice. */
function found(count: number, what: string): RpcReply {
  if (count === 0) throw new RpcError(RpcCode.notFound, `No such ${what}`);
  return { values: [count] };
}

function describe(subscription: WatcherSubscription): RpcStruct {
  const { dialog } = subscription;
  return new RpcStruct()
    .add("resource", subscription.resource)
    .add("watcher", subscription.watcher)
    .add("state", subscription.state)
    .add("expires", subscription.secondsLeft)
    .add("version", subscription.version)
    .add("target", dialog.remoteTarget)
    .add("callid", dialog.callId)
    .add("user_agent", subscription.userAgent);
}

/** All commands, ready to be registered. */
export function rpcCommands(api: ReginfoApi, all: () => Iterable<WatcherSubscription>) {
  return {
    "reginfo.list": (): RpcReply => ({ values: [...all()].map(describe) }),
    "reginfo.deactivate": (params: Params) =>
      found(api.remove(choice(params, 2), "deactivated"), "contact"),
    "reginfo.reject": (params: Params) =>
      found(api.remove(choice(params, 2), "rejected"), "contact"),
    "reginfo.probation": (params: Params) =>
      found(api.remove(choice(params, 3), "probation", seconds(params, 2)), "contact"),
    "reginfo.shorten": (params: Params) =>
      found(api.shorten(choice(params, 3), seconds(params, 2)), "contact with a longer life"),
    "reginfo.end": (params: Params) => {
      const reason = params[1] === undefined ? "deactivated" : String(params[1]);
      if (!REASONS.has(reason)) throw new RpcError(RpcCode.badRequest, "No such reason");
      return found(api.endSubscriptions(text(params, 0), reason), "subscription");
    },
  };
}
