/** The module pua_reginfo. */
import { GZIP } from "../../runtime/body-coding.ts";
import { atOwner } from "../../runtime/workers/at-owner.ts";
import { implementModule } from "../../runtime/module.ts";
import type { Services } from "../../runtime/services.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { parseUri } from "../../sip/uri.ts";
import type { SubscriptionListener } from "../pua/spec.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import { followSourceRoutes } from "../source-route.ts";
import { Mirror } from "./mirror.ts";
import { MirrorSource } from "./mirror-source.ts";
import { NotifyHandler, outcomeField } from "./notify.ts";
import { RegistrationPublisher } from "./publish.ts";
import { documentLimits } from "../../runtime/reginfo/limits.ts";
import { runRegisteredRoute } from "./registered-route.ts";
import { ReginfoReader } from "../../runtime/reginfo/read.ts";
import { puaReginfo } from "./spec.ts";
import { shareMirror } from "./workers.ts";

/** Seconds that a subscription asks for when the script does not say. */
const DEFAULT_EXPIRES = 3600;

export default implementModule(puaReginfo, (env) => {
  const { params, services, use } = env;
  const location = use.usrloc;
  const publishes = params.publish_reginfo === 1;
  if (publishes && params.default_domain === undefined) {
    env.fail("default_domain", "default_domain must be set when publish_reginfo is on");
  }
  if (params.server_address === undefined) {
    env.warn("server_address", "server_address is not set: it is made from the first socket");
  }
  if (params.trust_any_notify) {
    const risk = "whoever can send a packet to this engine can place contacts in its tables";
    env.warn("trust_any_notify", `trust_any_notify is on: ${risk}`);
  }
  const publisher = publishes
    ? new RegistrationPublisher(location, use.pua, use.registrar, {
        defaultDomain: params.default_domain ?? "",
        nextHop: params.outbound_proxy,
        graceSeconds: params.publish_grace,
        adminEvent: params.admin_event,
        withUnknownParams: params.unknown_params,
        withExtension: params.extension,
        sockets: services.sockets,
      })
    : undefined;
  const mirror = new Mirror({
    location,
    services,
    aorOf: (uri) => {
      if (use.registrar !== undefined) return use.registrar.aorOf(uri);
      const parsed = parseUri(uri);
      if (parsed === undefined) return null;
      return lowerAscii(location.useDomain ? `${parsed.user}@${parsed.host}` : parsed.user);
    },
    acceptsAnyAor: params.accept_any_aor,
    domainUser: params.domain_resource,
    routesViaSource: params.route_via_source,
    maxUserContacts: params.max_user_contacts,
    maxHeldContacts: params.max_held_contacts,
  });
  const shared = shareMirror(services.workers, mirror, location, params);
  const reader = new ReginfoReader(documentLimits(params, params.max_body, params.max_contacts));
  const notifies = new NotifyHandler(use.pua, reader, mirror, {
    trustsAny: params.trust_any_notify,
    checksSource: params.check_source && !params.trust_any_notify,
    keepsContacts: params.keep_contacts,
    defaultSeconds: DEFAULT_EXPIRES,
    maxStrangers: params.max_strangers,
    shared,
    overLimit: ({ label }) =>
      services.log.warn(`pua_reginfo: ${label}: there are more contacts than are kept here`),
  });
  followSourceRoutes(use.rr);
  location.listen({
    changed: (contact, change) => {
      if (change === "removed") notifies.contactRemoved(contact);
    },
  });
  const listener: SubscriptionListener = {
    ended: (subscription) => {
      if (subscription.data instanceof MirrorSource && !params.keep_contacts) {
        mirror.forget(subscription.data);
        shared?.forget(subscription.data);
      }
    },
    isUpToDate: ({ data }) => data instanceof MirrorSource && mirror.isUpToDate(data),
  };

  function subscribe(uri: string, expires: number): number {
    if (parseUri(uri) === undefined || /[\r\n<>\s]/.test(uri)) return -1;
    if (expires === 0) {
      use.pua.find(uri, "reg")?.end();
      return 1;
    }
    const seconds = expires > 0 ? expires : use.pua.defaultExpires;
    const endsByItself = expires > 0 && !params.keep_subscriptions;
    use.pua.subscribe({
      resource: uri,
      event: "reg",
      accept: MEDIA_TYPE,
      acceptEncoding: GZIP,
      watcher: params.server_address ?? watcherUri(services),
      expires: seconds,
      until: endsByItself ? location.now() + seconds : 0,
      nextHop: params.outbound_proxy,
      listener,
    });
    return 1;
  }

  // A subscription lives where the contacts of its user are.
  const subscribeThere = atOwner(services.workers, "pua_reginfo.subscribe", subscribe);
  return {
    start: () => {
      runRegisteredRoute(services, location);
      publisher?.resume(isTableRead(services.params("usrloc")));
      use.pua.resume({
        event: "reg",
        accept: MEDIA_TYPE,
        acceptEncoding: GZIP,
        expires: DEFAULT_EXPIRES,
        nextHop: params.outbound_proxy,
        listener,
      });
    },
    functions: {
      reginfo_subscribe: (_context, uri, expires = DEFAULT_EXPIRES) => subscribeThere(uri, expires),
      reginfo_handle_notify: (context, table) => notifies.handle(context, location.table(table)),
      reginfo_disable_publish: (context) => {
        publisher?.silence(context);
        return 1;
      },
    },
    variables: {
      reginfo: (reference) => ({
        get: (context) => outcomeField(notifies.outcome(context), reference.inner),
      }),
    },
  };
});

/** Whether usrloc has read its contacts from a database at the start, by its parameters. */
function isTableRead(usrloc: Readonly<Record<string, unknown>> | undefined): boolean {
  const mode = usrloc?.["db_mode"];
  return mode === 4 || (mode !== 0 && usrloc?.["db_load"] !== false);
}

/** Who watches, when the configuration does not say. */
function watcherUri({ sockets }: Services): string {
  const [socket] = sockets;
  if (socket === undefined) return "sip:reginfo@localhost";
  return `sip:reginfo@${socket.viaHost}:${socket.viaPort}`;
}
