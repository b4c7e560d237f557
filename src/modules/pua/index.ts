/** The module pua. */
import { implementModule, RpcStruct } from "../../runtime/module.ts";
import type { PublisherOptions } from "./api.ts";
import { answerChallenge } from "./digest.ts";
import { EventPublisher } from "./publisher.ts";
import { pua } from "./spec.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { PuaSurroundings } from "./surroundings.ts";

export default implementModule(pua, (env) => {
  const { params, services } = env;
  const { statistics, clock } = services;
  if (params.db_url !== undefined) {
    env.warn("db_url", "there is no storage driver yet: pua keeps its state in memory");
  }
  const publishAccepted = statistics.counter("pua", "publish_accepted", "PUBLISH accepted");
  const publishFailed = statistics.counter("pua", "publish_failed", "PUBLISH not accepted");
  const subscribeAccepted = statistics.counter("pua", "subscribe_accepted", "SUBSCRIBE accepted");
  const subscribeFailed = statistics.counter("pua", "subscribe_failed", "SUBSCRIBE not accepted");
  const { auth_user: user, auth_password: password, auth_realm: realm } = params;
  const around: PuaSurroundings = {
    tm: env.use.tm,
    clock,
    log: services.log,
    counters: {
      publishReplies: (code) => (code < 300 ? publishAccepted : publishFailed).value++,
      subscribeReplies: (code) => (code < 300 ? subscribeAccepted : subscribeFailed).value++,
    },
    outboundProxy: params.outbound_proxy,
    defaultExpires: params.default_expires,
    minExpires: params.min_expires,
    refreshesWithBody: params.refresh_with_body,
    random: () => services.random32() / 0x1_0000_0000,
    now: () => Math.floor(clock.wallTime() / 1000),
    answerChallenge: (reply, request) =>
      user === undefined || password === undefined
        ? undefined
        : answerChallenge(reply, request, { user, password, realm }),
  };
  const publishers: EventPublisher[] = [];
  const subscriptions = new Subscriptions(around);
  const publications = (): number => publishers.reduce((sum, one) => sum + one.size, 0);
  statistics.gauge("pua", "publications", publications, "Publications kept up");
  statistics.gauge("pua", "subscriptions", () => subscriptions.size, "Subscriptions kept up");
  const counts = (): RpcStruct =>
    new RpcStruct().add("publications", publications()).add("subscriptions", subscriptions.size);
  return {
    api: {
      publisher: (options: PublisherOptions) => {
        const publisher = new EventPublisher(options, around);
        publishers.push(publisher);
        return publisher;
      },
      subscribe: (request) => subscriptions.subscribe(request),
      find: (resource, event) => subscriptions.find(resource, event),
      notified: (context, event) => subscriptions.notified(context.msg, event),
      updateTarget: (message) => subscriptions.updateTarget(message),
      defaultExpires: params.default_expires,
      countsRegVersions: params.reginfo_increase_version,
    },
    functions: {
      pua_update_contact: (context) => (subscriptions.updateTarget(context.msg) ? 1 : -1),
    },
    rpc: {
      "pua.cleanup": () => ({ values: [counts()] }),
      "pua.list": () => ({
        values: [
          counts()
            .add(
              "publication",
              publishers.flatMap((one) => [...one.list()].map((each) => each.describe())),
            )
            .add(
              "subscription",
              [...subscriptions.list()].map((each) => each.describe()),
            ),
        ],
      }),
    },
    stop: async () => {
      const answered = Promise.all([
        subscriptions.endAll(),
        ...publishers.map((one) => one.removeAll()),
      ]);
      const late = new Promise<void>((resolve) => {
        clock.after(params.teardown_timeout * 1000, resolve);
      });
      await Promise.race([answered, late]);
    },
  };
});
