/** The remote commands of presence. */
import { RpcError, type RpcReply, RpcStruct } from "../../runtime/module.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import { RpcCode } from "../../runtime/rpc.ts";
import { hash32 } from "../../sip/ids.ts";
import type { PresenceApi } from "./api.ts";
import type { Presentity, PresenceStore, StoredPublication } from "./presentity.ts";

type Params = readonly (string | number)[];

/** What the commands work with. */
export interface RpcParts {
  readonly api: PresenceApi;
  readonly store: PresenceStore;
  watchers(): Iterable<WatcherSubscription>;
}

function describe(presentity: Presentity, one: StoredPublication, isFull: boolean): RpcStruct {
  const struct = new RpcStruct()
    .add("user", presentity.user)
    .add("domain", presentity.domain)
    .add("event", presentity.event.name)
    .add("etag", one.etag)
    .add("sender", one.sender)
    .add("expires", one.expiresAt);
  if (!isFull) return struct;
  return struct
    .add("received_time", one.receivedAt)
    .add("priority", one.priority)
    .add("ruid", one.ruid)
    .add("body", one.body)
    .add("hashid", hash32(presentity.key));
}

function list(parts: RpcParts, isFull: boolean): RpcReply {
  const values: RpcStruct[] = [];
  for (const presentity of parts.store.all()) {
    for (const one of presentity.sorted(false)) values.push(describe(presentity, one, isFull));
  }
  return { values };
}

function listWatchers(parts: RpcParts): RpcReply {
  const values = [...parts.watchers()].map((one) =>
    new RpcStruct()
      .add("presentity", one.resource)
      .add("watcher", one.watcher)
      .add("event", one.package.name)
      .add("status", one.state)
      .add("expires", one.secondsLeft)
      .add("version", one.version)
      .add("contact", one.dialog.remoteTarget)
      .add("callid", one.dialog.callId)
      .add("user_agent", one.userAgent),
  );
  return { values };
}

function pair(params: Params): [string, string] {
  const [uri, event] = params;
  if (uri === undefined || event === undefined) {
    throw new RpcError(RpcCode.internal, "Too few parameters");
  }
  return [String(uri), String(event)];
}

/** All commands, ready to be registered. */
export function rpcCommands(parts: RpcParts) {
  const { api } = parts;
  return {
    // Everything ends by itself at its time; there is nothing left to clean.
    "presence.cleanup": (): RpcReply => ({ values: ["Reload OK"] }),
    "presence.refreshWatchers": (params: Params): RpcReply => {
      const [uri, event] = pair(params);
      const isKnown =
        Number(params[2] ?? 0) === 0
          ? api.updateWatchers(uri, event) || api.refreshWatchers(uri, event)
          : api.refreshWatchers(uri, event);
      if (!isKnown) throw new RpcError(RpcCode.internal, "No such event");
      return { values: [] };
    },
    "presence.updateWatchers": (params: Params): RpcReply => {
      if (!api.updateWatchers(...pair(params))) {
        throw new RpcError(RpcCode.internal, "Nobody decides over watchers of this event");
      }
      return { values: [] };
    },
    "presence.presentity_list": (params: Params) => list(parts, params[0] === "full"),
    "presence.watcher_list": () => listWatchers(parts),
  };
}
