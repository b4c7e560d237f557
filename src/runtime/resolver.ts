/** Names to addresses (RFC 3263): literal addresses and cached names at once, others through the name service. */
import type { Clock } from "./clock.ts";
import type { DnsClient, SrvRecord } from "./dns-client.ts";
import type { Globals, ResolvedTarget, ResolvedTargets, Resolver } from "./services.ts";
import type { Proto } from "./transport.ts";

/** What a resolver needs from the engine. */
export interface ResolverOptions {
  readonly dns: DnsClient;
  readonly clock: Clock;
  readonly globals: Globals;
  /** Cheap random numbers, for the weights of SRV records. */
  readonly random32: () => number;
  /** Whether there is a socket for that: addresses that cannot be sent to are left out. */
  readonly canSend: (proto: Proto, family: 4 | 6) => boolean;
  /** Told of answers that took longer than `dns_slow_query_ms`. */
  readonly onSlow?: (name: string, tookMs: number) => void;
  /** Told of questions that failed. */
  readonly onFault?: () => void;
}

/** An address with what orders it among others. */
interface Candidate extends ResolvedTarget {
  readonly priority: number;
  readonly weight: number;
}

interface CacheEntry {
  readonly candidates: readonly Candidate[];
  readonly targets: ResolvedTargets;
  /** On the engine's clock. */
  readonly expiresAt: number;
}

/** Names kept at most; the oldest goes first. */
const cacheLimit = 10_000;

/** After a fault of the name service, it is not asked again for that long, seconds. */
const faultTtl = 5;

const none: ResolvedTargets = [];

/** Answer and time to keep it in seconds. */
interface Found {
  readonly candidates: readonly Candidate[];
  readonly ttl: number;
}

export class CachingResolver implements Resolver {
  readonly #options: ResolverOptions;
  readonly #cache = new Map<string, CacheEntry>();
  readonly #asking = new Map<string, Promise<ResolvedTargets>>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  resolve(
    host: string,
    port: number | undefined,
    proto: Proto | undefined,
  ): ResolvedTargets | Promise<ResolvedTargets> {
    const literal = literalAddress(host);
    if (literal !== undefined) {
      const chosen = proto ?? "udp";
      return [{ address: literal, port: port ?? defaultPort(chosen), proto: chosen }];
    }
    if (!isHostName(host)) return none;
    const name = host.toLowerCase();
    const key = `${name}|${port ?? 0}|${proto ?? ""}`;
    const entry = this.#cache.get(key);
    if (entry !== undefined) {
      if (entry.expiresAt > this.#options.clock.now()) return this.#order(entry);
      this.#cache.delete(key);
    }
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const answer = this.#ask(key, { name, port, proto });
    this.#asking.set(key, answer);
    return answer;
  }

  /** Forgets all names. */
  clear(): void {
    this.#cache.clear();
  }

  /** Number of names kept. */
  get size(): number {
    return this.#cache.size;
  }

  /** How many names are kept at most. */
  get limit(): number {
    return cacheLimit;
  }

  /** What is kept, for `dns.view` and its like. */
  *entries(): Iterable<{ key: string; targets: ResolvedTargets; expiresInSeconds: number }> {
    const now = this.#options.clock.now();
    for (const [key, entry] of this.#cache) {
      const expiresInSeconds = Math.max(0, Math.ceil((entry.expiresAt - now) / 1000));
      yield { key, targets: entry.targets, expiresInSeconds };
    }
  }

  /** Forgets a name with all its ports and protocols; whether there was one. */
  forget(name: string): boolean {
    let found = false;
    for (const key of this.#cache.keys()) {
      if (key.startsWith(`${name.toLowerCase()}|`)) found = this.#cache.delete(key) || found;
    }
    return found;
  }

  async #ask(key: string, question: Question): Promise<ResolvedTargets> {
    const { clock, globals, onSlow, onFault } = this.#options;
    const startedAt = clock.now();
    let found: Found;
    try {
      found = await this.#find(question);
    } catch {
      onFault?.();
      found = { candidates: [], ttl: faultTtl };
    }
    const limitMs = globals.int("dns_slow_query_ms");
    const tookMs = clock.now() - startedAt;
    if (limitMs > 0 && tookMs > limitMs) onSlow?.(question.name, tookMs);
    this.#asking.delete(key);
    return this.#keep(key, found);
  }

  #keep(key: string, found: Found): ResolvedTargets {
    const { globals, clock } = this.#options;
    const entry: CacheEntry = {
      candidates: found.candidates,
      targets: found.candidates,
      expiresAt: clock.now() + 1000 * this.#keepSeconds(found),
    };
    if (globals.int("use_dns_cache") !== 0 && globals.int("dns_cache_init") !== 0) {
      this.#cache.set(key, entry);
      if (this.#cache.size > cacheLimit) {
        for (const oldest of this.#cache.keys()) {
          this.#cache.delete(oldest);
          break;
        }
      }
    }
    return this.#order(entry);
  }

  #keepSeconds(found: Found): number {
    const { globals } = this.#options;
    if (found.candidates.length === 0) {
      return Math.min(found.ttl, globals.int("dns_cache_negative_ttl"));
    }
    const longest = globals.int("dns_cache_max_ttl");
    const ttl = Math.max(found.ttl, globals.int("dns_cache_min_ttl"));
    return longest > 0 ? Math.min(ttl, longest) : ttl;
  }

  /** RFC 3263, 4.1 and 4.2. As Kamailio: without NAPTR records UDP is tried first. */
  async #find(question: Question): Promise<Found> {
    const { name, port, proto } = question;
    if (port !== undefined) return this.#addresses(name, port, { proto: proto ?? "udp" });
    const { globals } = this.#options;
    if (proto === undefined && globals.int("dns_try_naptr") !== 0) {
      const byNaptr = await this.#byNaptr(name);
      if (byNaptr.candidates.length > 0) return byNaptr;
    }
    const chosen = proto ?? "udp";
    const bySrv = await this.#bySrv(srvName(name, chosen), chosen);
    if (bySrv.candidates.length > 0) return bySrv;
    return this.#addresses(name, defaultPort(chosen), { proto: chosen });
  }

  async #byNaptr(name: string): Promise<Found> {
    const answer = await this.#options.dns.naptr(name);
    const usable = answer.records
      .map((record) => ({ record, proto: naptrProtos[record.service.toUpperCase()] }))
      .filter(({ record, proto }) => {
        if (proto === undefined || record.flags.toLowerCase() !== "s") return false;
        return this.#options.canSend(proto, 4) || this.#options.canSend(proto, 6);
      })
      .sort((a, b) => a.record.order - b.record.order || a.record.preference - b.record.preference);
    const { globals } = this.#options;
    if (globals.int("dns_naptr_ignore_rfc") !== 0) {
      // Stable: records of one protocol stay in the order of the answer.
      usable.sort((a, b) => this.#preference(b.proto) - this.#preference(a.proto));
    }
    for (const { record, proto } of usable.filter((one) => this.#preference(one.proto) >= 0)) {
      const found = await this.#bySrv(record.replacement, proto ?? "udp");
      if (found.candidates.length > 0) return { ...found, ttl: Math.min(found.ttl, answer.ttl) };
    }
    return { candidates: [], ttl: answer.ttl };
  }

  /** How much this server likes a protocol, from the global parameters; negative: not at all. */
  #preference(proto: Proto | undefined): number {
    return this.#options.globals.int(`dns_${proto ?? "udp"}_pref`);
  }

  async #bySrv(name: string, proto: Proto): Promise<Found> {
    const answer = await this.#options.dns.srv(name);
    const records = [...answer.records].sort(
      (a, b) => a.priority - b.priority || b.weight - a.weight,
    );
    const candidates: Candidate[] = [];
    let { ttl } = answer;
    for (const record of records) {
      const found = await this.#addresses(record.name, record.port, { proto, record });
      candidates.push(...found.candidates);
      ttl = Math.min(ttl, found.ttl);
    }
    return { candidates, ttl };
  }

  async #addresses(
    name: string,
    port: number,
    how: { readonly proto: Proto; readonly record?: SrvRecord },
  ): Promise<Found> {
    const { dns, globals } = this.#options;
    const { proto, record } = how;
    const candidates: Candidate[] = [];
    let ttl = Infinity;
    for (const family of this.#families(proto)) {
      const answer = await dns.addresses(name, family);
      if (answer.records.length === 0) continue;
      ttl = Math.min(ttl, answer.ttl);
      for (const address of answer.records) {
        const { priority = 0, weight = 0 } = record ?? {};
        candidates.push({ address, port, proto, priority, weight });
      }
    }
    return { candidates, ttl: Number.isFinite(ttl) ? ttl : globals.int("dns_cache_negative_ttl") };
  }

  /** Which addresses are asked for, in this order. */
  #families(proto: Proto): (4 | 6)[] {
    const { canSend, globals } = this.#options;
    const flags = globals.int("dns_cache_flags");
    const families: (4 | 6)[] = [];
    // Without any socket for it the addresses are of use all the same: the caller says what is missing.
    if ((flags & 2) === 0 && (canSend(proto, 4) || !canSend(proto, 6))) families.push(4);
    const triesIpv6 = globals.int("dns_try_ipv6") !== 0 || (flags & 6) !== 0;
    if ((flags & 1) === 0 && canSend(proto, 6) && triesIpv6) families.push(6);
    if ((flags & 4) !== 0) families.reverse();
    return families;
  }

  /** With load balancing, draws an order by weight within each priority (RFC 2782). */
  #order(entry: CacheEntry): ResolvedTargets {
    const { candidates } = entry;
    if (candidates.length < 2 || this.#options.globals.int("dns_srv_lb") === 0)
      return entry.targets;
    const left = [...candidates];
    const out: ResolvedTarget[] = [];
    while (left.length > 0) {
      const priority = left[0]?.priority ?? 0;
      const group = left.filter((one) => one.priority === priority);
      const total = group.reduce((sum, one) => sum + one.weight + 1, 0);
      let draw = this.#options.random32() % total;
      const chosen = group.find((one) => (draw -= one.weight + 1) < 0) ?? group[0];
      if (chosen === undefined) break;
      out.push(chosen);
      left.splice(left.indexOf(chosen), 1);
    }
    return out;
  }
}

interface Question {
  readonly name: string;
  readonly port: number | undefined;
  readonly proto: Proto | undefined;
}

const naptrProtos: Readonly<Record<string, Proto>> = {
  "SIP+D2U": "udp",
  "SIP+D2T": "tcp",
  "SIPS+D2T": "tls",
  "SIP+D2S": "sctp",
};

function srvName(name: string, proto: Proto): string {
  return proto === "tls" ? `_sips._tcp.${name}` : `_sip._${proto}.${name}`;
}

export function defaultPort(proto: Proto): number {
  return proto === "tls" || proto === "wss" ? 5061 : 5060;
}

/** The address itself when `host` is one (IPv6 with or without brackets), in the form that sockets take. */
export function literalAddress(host: string): string | undefined {
  const first = host.charCodeAt(0);
  if (first === 91) return host.endsWith("]") ? ipv6(host.slice(1, -1)) : undefined;
  if (isIpv4(host)) return host;
  return host.includes(":") ? ipv6(host) : undefined;
}

function ipv6(text: string): string | undefined {
  return /^[0-9a-fA-F:.]+$/.test(text) && URL.canParse(`http://[${text}]/`) ? text : undefined;
}

/** Four numbers from 0 to 255 with points between them; done by hand as it is asked for each message. */
export function isIpv4(text: string): boolean {
  const length = text.length;
  if (length < 7 || length > 15) return false;
  let value = -1;
  let points = 0;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (value < 0 || ++points > 3) return false;
      value = -1;
    } else if (c >= 48 && c <= 57) {
      value = value < 0 ? c - 48 : value * 10 + c - 48;
      if (value > 255) return false;
    } else return false;
  }
  return points === 3 && value >= 0;
}

/** Letters, digits, points, dashes and underscores, at most 253. */
function isHostName(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*)$/.test(text);
}
