/** Global parameters about the DNS and about destinations that do not answer. */
import type { GlobalTable } from "./globals.ts";

const CACHE = "the cache manages its memory itself";
const RESOLVER = "this is a matter of the system's resolver";
const BLOCK = "the list of failing destinations is not built";

export const dnsGlobals: GlobalTable = {
  dns: {
    type: "bool",
    default: 0,
    doc: "Looks up the host of the topmost Via to decide about `received`.",
    ignored: "`received` is decided by the address alone (RFC 3261, 18.2.1)",
  },
  rev_dns: {
    type: "bool",
    default: 0,
    doc: "Looks up the source address to decide about `received`.",
    ignored: "`received` is decided by the address alone (RFC 3261, 18.2.1)",
  },
  use_dns_cache: { type: "bool", default: 1, doc: "Keeps DNS answers." },
  use_dns_failover: {
    type: "bool",
    default: 0,
    doc: "Tries a name's next address when one does not answer (RFC 3263, 4.3).",
  },
  dns_try_ipv6: { type: "bool", default: 0, doc: "Asks for IPv6 addresses, too." },
  dns_try_naptr: { type: "bool", default: 0, doc: "Asks for NAPTR records (RFC 3263, 4.1)." },
  dns_naptr_ignore_rfc: {
    type: "bool",
    default: 1,
    doc: "Own preferences go before the order in NAPTR records.",
  },
  dns_srv_lb: {
    aliases: ["dns_srv_loadbalancing"],
    type: "bool",
    default: 0,
    doc: "Honours the weights of SRV records (RFC 2782).",
  },
  dns_udp_pref: {
    aliases: ["dns_udp_preference"],
    type: "int",
    default: 30,
    doc: "Preference of UDP among NAPTR records; negative: never.",
  },
  dns_tcp_pref: {
    aliases: ["dns_tcp_preference"],
    type: "int",
    default: 20,
    doc: "Preference of TCP among NAPTR records; negative: never.",
  },
  dns_tls_pref: {
    aliases: ["dns_tls_preference"],
    type: "int",
    default: 10,
    doc: "Preference of TLS among NAPTR records; negative: never.",
  },
  dns_sctp_pref: {
    aliases: ["dns_sctp_preference"],
    type: "int",
    default: 20,
    doc: "Preference of SCTP among NAPTR records; negative: never.",
  },
  dns_retr_time: { type: "int", min: 0, doc: "Seconds before a question is repeated." },
  dns_retr_no: { type: "int", min: 0, doc: "How often a question is repeated." },
  dns_servers_no: {
    type: "int",
    min: 0,
    doc: "How many of the system's name servers are used.",
    ignored: RESOLVER,
  },
  dns_slow_query_ms: {
    type: "int",
    min: 0,
    doc: "Milliseconds after which a question is reported as slow.",
  },
  dns_use_search_list: {
    type: "bool",
    default: 1,
    doc: "Tries the system's search domains.",
    ignored: RESOLVER,
  },
  dns_search_full_match: {
    type: "bool",
    default: 1,
    doc: "Checks answers found through search domains.",
    ignored: RESOLVER,
  },
  dns_cache_init: { type: "bool", default: 1, doc: "Whether there can be a cache." },
  dns_cache_flags: {
    type: "int",
    default: 0,
    values: [0, 1, 2, 3, 4, 5, 6, 7],
    doc: "1 IPv4 only, 2 IPv6 only, 4 IPv6 first.",
  },
  dns_cache_negative_ttl: {
    type: "int",
    default: 60,
    min: 0,
    doc: "Seconds that a negative answer is kept.",
  },
  dns_cache_min_ttl: {
    type: "int",
    default: 0,
    min: 0,
    doc: "Least time that an answer is kept, in seconds.",
  },
  dns_cache_max_ttl: {
    type: "int",
    min: 0,
    doc: "Longest time that an answer is kept, in seconds.",
  },
  dns_cache_mem: {
    type: "int",
    default: 500,
    min: 0,
    doc: "Memory of the cache, in kilobytes.",
    ignored: CACHE,
  },
  dns_cache_gc_interval: {
    type: "int",
    default: 120,
    min: 0,
    doc: "Seconds between two cleanings of the cache.",
    ignored: CACHE,
  },
  dns_cache_del_nonexp: {
    aliases: ["dns_cache_delete_nonexpired"],
    type: "bool",
    default: 0,
    doc: "Whether valid entries may be dropped when the cache is full.",
    ignored: CACHE,
  },
  dns_cache_rec_pref: {
    type: "int",
    default: 0,
    values: [0, 1, 2, 3],
    doc: "Which of two records stays in the cache.",
    ignored: CACHE,
  },
  use_dst_blocklist: {
    type: "bool",
    default: 0,
    doc: "Remembers destinations that failed.",
    ignored: BLOCK,
  },
  dst_blocklist_expire: {
    aliases: ["dst_blocklist_ttl"],
    type: "int",
    default: 60,
    min: 0,
    doc: "Seconds that a failed destination is avoided.",
    ignored: BLOCK,
  },
  dst_blocklist_gc_interval: {
    type: "int",
    default: 60,
    min: 0,
    doc: "Seconds between two cleanings of that list.",
    ignored: BLOCK,
  },
  dst_blocklist_init: {
    type: "bool",
    default: 1,
    doc: "Whether there can be such a list.",
    ignored: BLOCK,
  },
  dst_blocklist_mem: {
    type: "int",
    default: 250,
    min: 0,
    doc: "Memory of that list, in kilobytes.",
    ignored: BLOCK,
  },
};
