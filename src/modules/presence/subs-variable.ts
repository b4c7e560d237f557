/** `$subs(...)`: the subscription at hand. */
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type { Value } from "../../dsl/value.ts";
import { parseUri } from "../../sip/uri.ts";

/** Kamailio's numbers for states of subscriptions. */
export const StatusCode = { active: 1, pending: 2, terminated: 3, waiting: 4 } as const;

type Read = (subscription: WatcherSubscription) => Value;

const user = (uri: string): string => parseUri(uri)?.user ?? "";
const host = (uri: string): string => parseUri(uri)?.host ?? "";

/** What can be asked for. */
const FIELDS: Readonly<Record<string, Read>> = {
  uri: (one) => one.resource,
  pres_uri: (one) => one.resource,
  to_user: (one) => user(one.dialog.localUri),
  to_domain: (one) => host(one.dialog.localUri),
  from_user: (one) => user(one.dialog.remoteUri),
  from_domain: (one) => host(one.dialog.remoteUri),
  watcher_username: (one) => user(one.watcher),
  watcher_domain: (one) => host(one.watcher),
  event: (one) => one.package.name,
  event_id: (one) => one.eventId,
  to_tag: (one) => one.dialog.localTag,
  from_tag: (one) => one.dialog.remoteTag,
  callid: (one) => one.dialog.callId,
  remote_cseq: (one) => one.dialog.remoteCseq,
  local_cseq: (one) => one.dialog.localCseq,
  contact: (one) => one.dialog.remoteTarget,
  local_contact: (one) => one.contact,
  record_route: (one) => one.dialog.routeSet,
  expires: (one) => one.secondsLeft,
  status: (one) => StatusCode[one.state],
  reason: (one) => one.reason,
  version: (one) => one.version,
  flags: () => 0,
  user_agent: (one) => one.userAgent,
};

export const subscriptionFields: readonly string[] = Object.keys(FIELDS);

/** The value of a field; null without a subscription. */
export function readField(name: string, subscription: WatcherSubscription | undefined): Value {
  return subscription === undefined ? null : (FIELDS[name]?.(subscription) ?? null);
}
