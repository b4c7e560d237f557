/** The module pua_reginfo. */
import { implementModule } from "../../runtime/module.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { parseUri } from "../../sip/uri.ts";
import type { Subscription } from "../pua/spec.ts";
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import { Mirror, MirrorSource } from "./mirror.ts";
import { NotifyHandler } from "./notify.ts";
import { RegistrationPublisher } from "./publish.ts";
import { ReginfoReader } from "../../runtime/reginfo/read.ts";
import { puaReginfo } from "./spec.ts";

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
  const watcher = (): string => {
    if (params.server_address !== undefined) return params.server_address;
    const socket = services.sockets[0];
    return socket === undefined
      ? "sip:reginfo@localhost"
      : `sip:reginfo@${socket.viaHost}:${socket.viaPort}`;
  };
  const publisher = publishes
    ? new RegistrationPublisher(location, use.pua, {
        defaultDomain: params.default_domain ?? "",
        nextHop: params.outbound_proxy,
        graceSeconds: params.publish_grace,
        adminEvent: params.admin_event,
        withUnknownParams: params.unknown_params,
        withExtension: params.extension,
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
  });
  const reader = new ReginfoReader({
    bytes: params.max_body,
    depth: params.max_depth,
    contacts: params.max_contacts,
    uriLength: params.max_uri,
  });
  const notifies = new NotifyHandler(use.pua, reader, mirror, {
    trustsAny: params.trust_any_notify,
    keepsContacts: params.keep_contacts,
    defaultSeconds: DEFAULT_EXPIRES,
  });
  location.listen({
    changed: (contact, change) => {
      if (change === "removed") notifies.contactRemoved(contact.owner);
    },
  });
  const ended = (subscription: Subscription): void => {
    if (subscription.data instanceof MirrorSource && !params.keep_contacts) {
      mirror.forget(subscription.data);
    }
  };

  function subscribe(uri: string, expires: number): number {
    if (parseUri(uri) === undefined || /[\r\n<>\s]/.test(uri)) return -1;
    if (expires === 0) {
      use.pua.find(uri, "reg")?.end();
      return 1;
    }
    const seconds = expires > 0 ? expires : use.pua.defaultExpires;
    const endsByItself = expires > 0 && !params.keep_subscriptions;
    const subscription = use.pua.subscribe({
      resource: uri,
      event: "reg",
      accept: MEDIA_TYPE,
      watcher: watcher(),
      expires: seconds,
      until: endsByItself ? location.now() + seconds : 0,
      nextHop: params.outbound_proxy,
      listener: { ended: () => ended(subscription) },
    });
    return 1;
  }

  return {
    functions: {
      reginfo_subscribe: (_context, uri, expires) => subscribe(uri, expires ?? DEFAULT_EXPIRES),
      reginfo_handle_notify: (context, table) => notifies.handle(context, location.table(table)),
      reginfo_disable_publish: (context) => {
        publisher?.silence(context);
        return 1;
      },
    },
    variables: {
      reginfo: (reference) => ({
        get: (context) => {
          const outcome = notifies.outcome(context);
          if (outcome === undefined) return null;
          switch (reference.inner) {
            case "status":
              return outcome.status;
            case "reason":
              return outcome.reason;
            case "problem":
              return outcome.problem;
            default:
              return outcome.resource;
          }
        },
      }),
    },
  };
});
