/** The module pua. */
import { ownsResource } from "../../runtime/notifier/owner.ts";
import { implementModule, type ModuleEnvironment, RpcStruct } from "../../runtime/module.ts";
import { openDatabase, prepareTables } from "../../runtime/storage/databases.ts";
import type { Database } from "../../runtime/storage/storage.ts";
import { WriteQueue } from "../../runtime/storage/write-queue.ts";
import type { PublisherOptions } from "./api.ts";
import { answerChallenge } from "./digest.ts";
import { puaLayout } from "./layout.ts";
import { Pace } from "./pace.ts";
import { EventPublisher } from "./publisher.ts";
import { pua } from "./spec.ts";
import { puaKey, PuaStore } from "./store.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { PuaSurroundings } from "./surroundings.ts";

type Environment = ModuleEnvironment<typeof pua>;

export default implementModule(pua, (env) => {
  const { params, services } = env;
  const { statistics, clock } = services;
  const database =
    params.db_url === undefined ? undefined : openDatabase(env, "db_url", params.db_url);
  const rows = database === undefined ? undefined : rowsOf(env, database);
  const store = rows === undefined ? undefined : new PuaStore(rows);
  const publishAccepted = statistics.counter("pua", "publish_accepted", "PUBLISH accepted");
  const publishFailed = statistics.counter("pua", "publish_failed", "PUBLISH not accepted");
  const subscribeAccepted = statistics.counter("pua", "subscribe_accepted", "SUBSCRIBE accepted");
  const subscribeFailed = statistics.counter("pua", "subscribe_failed", "SUBSCRIBE not accepted");
  const { auth_user: user, auth_password: password, auth_realm: realm } = params;
  const random = (): number => services.random32() / 0x1_0000_0000;
  const pace = new Pace(clock, params.resume_rate, random);
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
    store,
    random,
    now: () => Math.floor(clock.wallTime() / 1000),
    isAddressOf: (host, address) => {
      const targets = services.resolver.resolve(host, undefined, undefined);
      return targets instanceof Promise || targets.some((one) => one.address === address);
    },
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
    new RpcStruct()
      .add("publications", publications())
      .add("subscriptions", subscriptions.size)
      .add("rows_waiting", rows?.waiting ?? 0);
  return {
    api: {
      publisher: (options: PublisherOptions) => {
        const publisher = new EventPublisher(options, around);
        publishers.push(publisher);
        return publisher;
      },
      subscribe: (request) => subscriptions.subscribe(request),
      resume: (request) => {
        const restored = subscriptions.restore(request);
        pace.add(restored.map((one) => () => one.resume()));
      },
      pace: (jobs) => pace.add(jobs),
      find: (resource, event) => subscriptions.find(resource, event),
      notified: ({ msg, sourceAddress: address }, event, isChecked) =>
        subscriptions.notified(msg, event, { address, isChecked }),
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
    start: async () => {
      if (database === undefined || store === undefined) {
        services.log.info("pua: without db_url, publications and subscriptions are in memory only");
        return;
      }
      await prepareTables(env, "db_url", database, [puaLayout(params.db_table)]);
      const rows = await database.query(`select * from ${params.db_table}`);
      const own = rows.filter((row) => ownsResource(services, String(row["pres_uri"])));
      store.load(own, around.now());
    },
    stop: async () => {
      pace.stop();
      const isTeardown = params.teardown === 1 || (params.teardown !== 0 && store === undefined);
      const answered = Promise.all(
        isTeardown
          ? [subscriptions.endAll(), ...publishers.map((one) => one.removeAll())]
          : [subscriptions.suspendAll(), ...publishers.map((one) => one.suspendAll())],
      );
      const late = new Promise<void>((resolve) => {
        clock.after(params.teardown_timeout * 1000, resolve);
      });
      await Promise.race([answered, late]);
      await rows?.stop();
    },
  };
});

/** The writer of the table. */
function rowsOf(env: Environment, database: Database): WriteQueue {
  const { params, services } = env;
  if (!/^\w+$/.test(params.db_table)) env.fail("db_table", "this cannot be the name of a table");
  const { clock, log, statistics } = services;
  const table = params.db_table;
  return new WriteQueue({ database, table, key: puaKey, clock, log, statistics, group: "pua" });
}
