/** The module usrloc: location tables in memory, and in a database when that is asked for. */
import { implementModule } from "../../runtime/module.ts";
import type { Services } from "../../runtime/services.ts";
import { Keepalive } from "./keepalive.ts";
import { Location } from "./location.ts";
import { rpcCommands } from "./rpc.ts";
import { usrloc } from "./spec.ts";
import { openStore } from "./open-store.ts";
import type { Table } from "./table.ts";
import { SharedLocation } from "./workers.ts";

export default implementModule(usrloc, (env) => {
  const { params, services } = env;
  const statistics = services.statistics;
  const onTable = (table: Table): void => {
    statistics.gauge("usrloc", `${table.name}_users`, () => table.users, "Addresses of record");
    statistics.gauge("usrloc", `${table.name}_contacts`, () => table.contacts, "Contacts");
    statistics.gauge("usrloc", `${table.name}_expires`, () => table.expired, "Contacts run out");
  };
  const location = new Location(
    services.clock,
    {
      matchingMode: params.matching_mode,
      newestFirst: params.desc_time_order,
      cseqDelay: params.cseq_delay,
      useDomain: params.use_domain,
      natFlags: params.nat_bflag < 0 ? 0 : (1 << params.nat_bflag) >>> 0,
      xavpContact: params.xavp_contact,
      timerInterval: params.timer_interval,
      seed: seedOf(services),
      hashSeed: services.random32(),
      cachedContacts: params.contact_cache,
    },
    onTable,
  );
  const registeredUsers = (): number => {
    let users = 0;
    for (const table of location.tables()) users += table.users;
    return users;
  };
  statistics.gauge(
    "usrloc",
    "registered_users",
    registeredUsers,
    "Addresses of record, all tables",
  );
  if (services.workers !== null) {
    location.shared = new SharedLocation(services.workers, location, services.sockets);
  }
  const kept = openStore(env, location);
  for (const name of params.preload) location.table(name);
  const keepalive = new Keepalive(services, location, {
    mode: params.ka_mode,
    method: params.ka_method,
    from: params.ka_from,
    domain: params.ka_domain,
    filter: params.ka_filter,
    timeoutSeconds: params.ka_timeout,
    logLevel: params.ka_loglevel,
    intervalSeconds: params.timer_interval,
    logText: params.ka_mode === 0 ? undefined : env.format(params.ka_logmsg),
  });
  return {
    api: location,
    rpc: rpcCommands({
      api: location,
      shownSize: 2 ** params.hash_size,
      socket: (text) => services.sockets.find((socket) => socket.text === text),
      keepalive: (contact) => keepalive.measured(contact),
      workers: services.workers,
      store: kept?.store ?? null,
    }),
    start: async () => {
      await kept?.start();
      location.start();
      keepalive.start();
    },
    stop: async () => {
      keepalive.stop();
      location.stop();
      await kept?.store.stop();
    },
  };
});

/** Workers that start in the same second have different ruids: their last bits are their numbers. */
function seedOf(services: Services): number {
  const seed = services.random32();
  return services.workers === null ? seed : (seed & ~63) | services.workers.index;
}
