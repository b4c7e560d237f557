/** The settings that can change at run time, under one roof: core, modules, the config's own. */
import { coreGlobals } from "../../dsl/catalog/globals.ts";
import type { Services } from "../../runtime/services.ts";

export interface Setting {
  readonly group: string;
  readonly name: string;
  readonly type: "integer" | "string";
  readonly doc: string;
  read(): string | number | undefined;
  /** A sentence when a number is refused. */
  refuses?(value: number): string | undefined;
  /** Takes what is of its type and is not refused. */
  write(value: string | number): void;
}

/** Global parameters that may change while the engine runs, as in Kamailio's group `core`. */
const changeable = new Set(
  (
    "debug log_facility memdbg dns_try_ipv6 dns_try_naptr dns_udp_pref dns_tcp_pref dns_tls_pref dns_sctp_pref " +
    "dns_retr_time dns_retr_no dns_use_search_list dns_naptr_ignore_rfc use_dns_cache use_dns_failover dns_srv_lb " +
    "dns_cache_negative_ttl dns_cache_min_ttl dns_cache_max_ttl max_while_loops udp_mtu udp_mtu_try_proto force_rport " +
    "memlog corelog latency_cfg_log latency_log latency_limit_db latency_limit_action latency_limit_cfg sip_parser_log"
  ).split(" "),
);

/** In the order core, modules as loaded, groups of the config. */
export function listSettings(services: Services): Setting[] {
  return [...coreSettings(services), ...moduleSettings(services), ...customSettings(services)];
}

function* coreSettings(services: Services): Generator<Setting> {
  for (const [name, spec] of Object.entries(coreGlobals)) {
    if (!changeable.has(name)) continue;
    const type = typeof spec.default === "string" || spec.type === "str" ? "string" : "integer";
    yield {
      group: "core",
      name,
      type,
      doc: spec.doc,
      read: () => (type === "integer" ? services.globals.int(name) : services.globals.str(name)),
      write: (value) => services.globals.set(name, value),
    };
  }
}

function* moduleSettings(services: Services): Generator<Setting> {
  for (const module of services.loadedModules) {
    const values = services.params(module.name);
    for (const [name, spec] of Object.entries(module.params ?? {})) {
      if (spec.runtime !== true || values === undefined) continue;
      const type = spec.type === "str" ? "string" : "integer";
      yield {
        group: module.name,
        name,
        type,
        doc: spec.doc,
        read: () => {
          const value = values[name];
          return typeof value === "boolean"
            ? Number(value)
            : (value as string | number | undefined);
        },
        refuses: (value) => {
          if (value < (spec.min ?? -Infinity)) return `the least is ${String(spec.min)}`;
          return value > (spec.max ?? Infinity) ? `the most is ${String(spec.max)}` : undefined;
        },
        write: (value) => {
          values[name] = spec.type === "flag" ? value !== 0 : value;
        },
      };
    }
  }
}

function* customSettings(services: Services): Generator<Setting> {
  for (const [group, values] of services.globals.custom)
    for (const [name, value] of values)
      yield {
        group,
        name,
        type: typeof value === "number" ? "integer" : "string",
        doc: "set in the config",
        read: () => values.get(name),
        write: (changed) => void values.set(name, changed),
      };
}
