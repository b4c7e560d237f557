/** The module presence. */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { atOwner } from "../../runtime/workers/at-owner.ts";
import { implementModule, type VariableImplementation } from "../../runtime/module.ts";
import {
  Notifier,
  type NotifierSettings,
  type SubscribeOutcome,
} from "../../runtime/notifier/notifier.ts";
import type { WatcherSubscription } from "../../runtime/notifier/subscription.ts";
import type { PresenceApi, PresenceEvent, WatcherStatus } from "./api.ts";
import { NotifyReplyRoute } from "./notify-reply.ts";
import { PresenceStore } from "./presentity.ts";
import { Publications } from "./publish.ts";
import { rpcCommands } from "./rpc.ts";
import { presence } from "./spec.ts";
import { PresenceStorage } from "./storage.ts";
import { readField, StatusCode } from "./subs-variable.ts";
import { WatchedEvent } from "./watched-event.ts";

/** Parameters that the notifier needs; a live object. */
interface NotifierParams {
  readonly min_expires: number;
  readonly min_expires_action: number;
  readonly max_expires: number;
  readonly timeout_rm_subs: boolean;
  readonly subs_respond_200: boolean;
  readonly cseq_offset: number;
  readonly max_subscriptions: number;
}

function notifierSettings(params: NotifierParams): NotifierSettings {
  return {
    get minExpires() {
      return params.min_expires;
    },
    get raisesExpires() {
      return params.min_expires_action === 2;
    },
    get maxExpires() {
      return params.max_expires;
    },
    get removesOnTimeout() {
      return params.timeout_rm_subs;
    },
    get acceptedStatus() {
      return params.subs_respond_200 ? 200 : 202;
    },
    get cseqOffset() {
      return params.cseq_offset;
    },
    get maxSubscriptions() {
      return params.max_subscriptions;
    },
  };
}

/** The API over events, resources and watchers. */
function makeApi(
  events: Map<string, PresenceEvent>,
  watched: Map<string, WatchedEvent>,
  store: PresenceStore,
  add: (event: PresenceEvent) => void,
): PresenceApi {
  const watchersOf = (resource: string, event: string): WatcherSubscription[] => [
    ...(store.find(event, resource)?.watchers ?? []),
  ];
  return {
    addEvent: add,
    hasEvent: (name) => events.has(name),
    hasSubscribers: (resource, event) => watchersOf(resource, event).length > 0,
    refreshWatchers: (resource, event) => {
      if (!events.has(event)) return false;
      for (const watcher of watchersOf(resource, event)) watcher.changed();
      return true;
    },
    updateWatchers: (resource, event) => {
      const one = watched.get(event);
      if (one?.event.authorise === undefined) return false;
      for (const watcher of watchersOf(resource, event)) {
        const status = one.statusOf(watcher.watcher, resource);
        one.decided(watcher, status);
        if (status === "terminated") watcher.end("rejected");
        else watcher.decide(status === "active" ? "active" : "pending");
      }
      return true;
    },
  };
}

/** What a script function says of a reply's status. */
function codeOf(status: number): number {
  return status < 300 ? 1 : -1;
}

export default implementModule(presence, (env) => {
  const { params, services, use } = env;
  const storage = params.db_url === undefined ? undefined : new PresenceStorage(env, params.db_url);
  const { clock, statistics } = services;
  const events = new Map<string, PresenceEvent>();
  const watched = new Map<string, WatchedEvent>();
  const store = new PresenceStore(() => params.sip_uri_match === 1);
  const replyRoute = new NotifyReplyRoute(services, () => params.xavp_cfg);
  const notifier = new Notifier(notifierSettings(params), {
    clock,
    sender: use.tm,
    replies: use.sl,
    contact: (socket) =>
      params.server_address ?? `sip:presence@${socket.viaHost}:${socket.viaPort}`,
    answered: (subscription, answer) => replyRoute.run(subscription, answer),
    journal: storage?.subscriptions,
  });
  const publications = new Publications({
    clock,
    store,
    notifier,
    events,
    settings: params,
    journal: storage?.publications,
    log: services.log,
    random32: () => services.random32(),
  });
  const parts = {
    store,
    clock,
    byPriority: () => params.retrieve_order === 1,
    dropsSame: () => params.delete_same_subs,
    decided: (one: WatcherSubscription, status: WatcherStatus) =>
      storage?.decisions?.note(one, status),
  };
  const api = makeApi(events, watched, store, (event) => {
    const one = new WatchedEvent(event, parts);
    events.set(event.name, event);
    watched.set(event.name, one);
    notifier.add(one);
  });
  statistics.gauge("presence", "subscriptions", () => notifier.size, "Subscriptions");
  statistics.gauge("presence", "presentities", () => store.size, "Resources");
  statistics.gauge("presence", "publications", () => publications.size, "Publications in force");

  const handled = new ContextSlot<WatcherSubscription>();
  const subscriptionOf = (context: ScriptContext): WatcherSubscription | undefined =>
    context.state(handled) ??
    replyRoute.current(context)?.subscription ??
    (context.msg.method === "NOTIFY" ? notifier.ofNotify(context.msg) : undefined);
  const subs: VariableImplementation = ({ inner = "" }) => ({
    get: (context) => (params.pres_subs_mode ? readField(inner, subscriptionOf(context)) : null),
  });
  const notifyReply: VariableImplementation = (reference) => {
    const variable = reference.innerVariable();
    return {
      get: (context) => {
        const answer = replyRoute.current(context);
        return answer === undefined ? null : variable.get(answer.reply);
      },
    };
  };
  const { workers } = services;
  const hasSubscribers = atOwner(workers, "presence.has", (uri, event: string) =>
    api.hasSubscribers(uri, event) ? 1 : -1,
  );
  const update = atOwner(workers, "presence.update", (uri, event: string) =>
    api.updateWatchers(uri, event) ? 1 : -1,
  );
  const refresh = atOwner(workers, "presence.refresh", (uri, event: string, type: number) => {
    if (type === 0) api.updateWatchers(uri, event);
    return api.refreshWatchers(uri, event) ? 1 : -1;
  });
  return {
    api,
    functions: {
      handle_publish: (context, sender) => {
        if (context.msg.method !== "PUBLISH") return -1;
        const status = publications.handle(context, sender ?? "");
        return status instanceof Promise ? status.then(codeOf) : codeOf(status);
      },
      handle_subscribe: (context, watcher) => {
        if (context.msg.method !== "SUBSCRIBE") return -1;
        const done = ({ subscription }: SubscribeOutcome): number => {
          if (subscription === undefined) return -1;
          context.setState(handled, subscription);
          return 1;
        };
        const outcome = notifier.handle(context, watcher === "" ? undefined : watcher);
        return outcome instanceof Promise ? outcome.then(done) : done(outcome);
      },
      pres_auth_status: (_context, watcher, resource) => {
        const one = watched.get("presence");
        return one === undefined ? -1 : StatusCode[one.statusOf(watcher, resource)];
      },
      pres_has_subscribers: (_context, uri, event) => hasSubscribers(uri, event),
      pres_refresh_watchers: {
        plain: (_context, uri, event, type) => (type === 2 ? -1 : refresh(uri, event, type)),
        withFile: (_context, uri, event, type) => {
          if (type === 2) {
            services.log.error("pres_refresh_watchers: there is no storage for XCAP documents yet");
            return -1;
          }
          return refresh(uri, event, 1);
        },
      },
      pres_update_watchers: (_context, uri, event) => update(uri, event),
    },
    variables: { subs, notify_reply: notifyReply },
    rpc: rpcCommands({ api, store, watchers: () => notifier.subscriptions() }),
    start: () => storage?.start(publications, notifier),
    stop: () => {
      if (storage?.subscriptions === undefined) {
        notifier.endAll("probation", params.stop_retry_after);
      }
      return storage?.stop(notifier);
    },
  };
});
