/** The module reginfo. */
import { atOwner } from "../../runtime/workers/at-owner.ts";
import { implementModule } from "../../runtime/module.ts";
import { Notifier, type SubscribeOutcome } from "../../runtime/notifier/notifier.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { parseUri } from "../../sip/uri.ts";
import { followSourceRoutes } from "../source-route.ts";
import { Administration } from "./administration.ts";
import type { ReginfoApi } from "./api.ts";
import { DocumentComposer } from "./documents.ts";
import { ContactHistory } from "./history.ts";
import { RegPackage } from "./package.ts";
import { rpcCommands } from "./rpc.ts";
import { reginfo } from "./spec.ts";
import { ReginfoStorage } from "./storage.ts";
import { Watchers } from "./watchers.ts";

export default implementModule(reginfo, (env) => {
  const { params, services, use } = env;
  const { statistics } = services;
  const location = use.usrloc;
  const history = new ContactHistory(location.matchingMode, use.registrar);
  const composer = new DocumentComposer(location, history, params, services.sockets);
  const watchers = new Watchers(location, history, composer, () => params.admin_event);
  const administration = new Administration(location, watchers);
  const aorOf = (uri: string): string | null => {
    if (use.registrar !== undefined) return use.registrar.aorOf(uri);
    const parsed = parseUri(uri);
    if (parsed === undefined) return null;
    return lowerAscii(location.useDomain ? `${parsed.user}@${parsed.host}` : parsed.user);
  };
  const storage = params.db_url === undefined ? undefined : new ReginfoStorage(env, params.db_url);
  const watched = new RegPackage({
    services,
    location,
    composer,
    watchers,
    settings: params,
    isIncomplete: () => storage?.isIncomplete === true,
    aorOf,
  });
  const answered = statistics.counter("reginfo", "notifies_answered", "NOTIFYs accepted");
  const failed = statistics.counter("reginfo", "notifies_failed", "NOTIFYs not accepted");
  const notifier = new Notifier(
    {
      get minExpires() {
        return params.min_expires;
      },
      get maxExpires() {
        return params.max_expires;
      },
      get removesOnTimeout() {
        return params.timeout_removes;
      },
      get maxSubscriptions() {
        return params.max_subscriptions;
      },
      raisesExpires: false,
      acceptedStatus: 200,
      cseqOffset: 0,
    },
    {
      clock: services.clock,
      sender: use.tm,
      replies: use.sl,
      journal: storage?.journal,
      contact: (socket) =>
        params.server_address ?? `sip:reginfo@${socket.viaHost}:${socket.viaPort}`,
      answered: (_subscription, { code }) => {
        (code < 300 ? answered : failed).value++;
        return false;
      },
    },
  );
  if (services.workers !== null && params.domain_resource !== undefined) {
    const why = "a watcher of a whole domain would see the users of one worker only";
    env.fail("domain_resource", `domain_resource needs workers=1: ${why}`);
  }
  notifier.add(watched);
  location.listen(watchers);
  followSourceRoutes(use.rr);
  statistics.gauge("reginfo", "subscriptions", () => notifier.size, "Subscriptions");
  const accepted = statistics.counter("reginfo", "accepted", "SUBSCRIBE accepted");
  const refused = statistics.counter("reginfo", "refused", "SUBSCRIBE refused");
  const count = ({ subscription }: SubscribeOutcome): number => {
    (subscription === undefined ? refused : accepted).value++;
    return subscription === undefined ? -1 : 1;
  };
  const api: ReginfoApi = {
    get subscriptions() {
      return notifier.size;
    },
    remove: (choice, event, retryAfter = 0) => administration.remove(choice, event, retryAfter),
    shorten: (choice, seconds) => administration.shorten(choice, seconds),
    endSubscriptions: (uri, reason) => {
      const meant = [...notifier.subscriptions()].filter((one) => one.resource === uri);
      for (const subscription of meant) subscription.end(reason);
      return meant.length;
    },
  };
  const hasWatchers = atOwner(services.workers, "reginfo.has", (uri, name: string) => {
    const table = location.findTable(name);
    const aor = aorOf(uri);
    return table !== undefined && aor !== null && watchers.has(table, aor) ? 1 : -1;
  });
  return {
    api,
    functions: {
      reginfo_handle_subscribe: (context, table, watcher) => {
        if (context.msg.method !== "SUBSCRIBE") return -1;
        watched.choose(context, location.table(table));
        const outcome = notifier.handle(context, watcher === "" ? undefined : watcher);
        return outcome instanceof Promise ? outcome.then(count) : count(outcome);
      },
      reginfo_allow_watcher: (context) => {
        watched.allow(context);
        return 1;
      },
      reginfo_has_watchers: (_context, name, uri) => hasWatchers(uri, name),
    },
    rpc: rpcCommands(api, () => notifier.subscriptions()),
    start: () => {
      watchers.isListening = true;
      return storage?.start(notifier);
    },
    stop: () => {
      if (storage === undefined) notifier.endAll("probation", params.stop_retry_after);
      return storage?.stop(notifier);
    },
  };
});
