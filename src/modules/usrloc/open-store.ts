/** From the parameters of usrloc to its store, when contacts are to be kept in a database. */
import type { ModuleEnvironment } from "../../runtime/module.ts";
import { openDatabase, prepareTables } from "../../runtime/storage/databases.ts";
import { isSqlName, type RowRules } from "./layout.ts";
import type { Location } from "./location.ts";
import type { usrloc } from "./spec.ts";
import { DbMode, LocationStore } from "./store.ts";

type Environment = ModuleEnvironment<typeof usrloc>;

/** The store and how it is started: a database that cannot be used refuses the start. */
export interface OpenStore {
  readonly store: LocationStore;
  start(): Promise<void>;
}

/** Null with db_mode 0. Opens no file yet. */
export function openStore(env: Environment, location: Location): OpenStore | null {
  const { params, services } = env;
  const mode = params.db_mode;
  if (mode === DbMode.memory) return null;
  if (params.db_url === undefined) {
    env.fail("db_mode", `db_mode ${mode} needs a database: set db_url, or use db_mode 0`);
  }
  if (mode === DbMode.databaseOnly) {
    env.warn(
      "db_mode",
      "contacts are always kept in memory here: db_mode 3 is taken as 1, so several servers do not see each other's contacts through one database",
    );
  }
  checkNames(env);
  const database = openDatabase(env, "db_url", params.db_url);
  const store = new LocationStore(database, location, services, {
    mode: mode === DbMode.databaseOnly ? DbMode.writeThrough : mode,
    loads: params.db_load || mode === DbMode.load,
    rules: rulesOf(env),
    checksVersion: params.version_table,
    keepsAttributes: params.xavp_contact !== undefined,
    skipsRemoteSockets: params.skip_remote_socket,
    serverId: params.server_id_filter ? services.globals.int("server_id") : null,
    pageSize: params.fetch_rows,
    intervalMs: 1000 * params.timer_interval,
    replyWaitMs: () => params.db_reply_wait,
  });
  return {
    store,
    start: () => store.start((tables) => prepareTables(env, "db_url", database, tables)),
  };
}

/** Names stand in statements as they are written. */
function checkNames(env: Environment): void {
  for (const [param, value] of Object.entries(env.params)) {
    if (param.endsWith("_column") && !isSqlName(String(value))) {
      env.fail(param, `"${String(value)}" is no name of a column`);
    }
  }
  for (const name of env.params.preload) {
    if (!isSqlName(name)) env.fail("preload", `"${name}" is no name of a table in a database`);
  }
}

function rulesOf({ params }: Environment): RowRules {
  return {
    names: {
      user: params.user_column,
      domain: params.domain_column,
      contact: params.contact_column,
      expires: params.expires_column,
      q: params.q_column,
      callId: params.callid_column,
      cseq: params.cseq_column,
      methods: params.methods_column,
      flags: params.flags_column,
      branchFlags: params.cflags_column,
      userAgent: params.user_agent_column,
      received: params.received_column,
      socket: params.socket_column,
      path: params.path_column,
      ruid: params.ruid_column,
      instance: params.instance_column,
      regId: params.reg_id_column,
      serverId: params.server_id_column,
      connectionId: params.connection_id_column,
      keepalive: params.keepalive_column,
      partition: params.partition_column,
    },
    useDomain: params.use_domain,
    natFlags: params.nat_bflag < 0 ? 0 : (1 << params.nat_bflag) >>> 0,
    hasNumericTimes: params.expires_type === 1,
  };
}
