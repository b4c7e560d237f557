/** Questions to the name service. */
import { Resolver as NodeResolver, lookup } from "node:dns/promises";

/** An answer with the time it may be kept, in seconds. */
export interface DnsAnswer<T> {
  readonly records: readonly T[];
  readonly ttl: number;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
}

/** Asks the name service. A name that does not exist gives no records; what goes wrong otherwise rejects. */
export interface DnsClient {
  addresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>>;
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  naptr(name: string): Promise<DnsAnswer<NaptrRecord>>;
  /** Names of an address. */
  reverse(address: string): Promise<readonly string[]>;
}

export interface DnsClientOptions {
  /** Time for one try, milliseconds. */
  readonly timeoutMs: number;
  readonly tries: number;
}

/** Time to keep answers that come without one (SRV, NAPTR, the hosts file), seconds. */
const defaultTtl = 60;

const notFoundCodes = new Set(["ENOTFOUND", "ENODATA", "EBADNAME", "ENONAME"]);

/** The name service of the machine: its DNS servers and its hosts file. */
export class SystemDns implements DnsClient {
  readonly #resolver: NodeResolver;

  constructor(options: DnsClientOptions) {
    this.#resolver = new NodeResolver({ timeout: options.timeoutMs, tries: options.tries });
  }

  async addresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    // Names without a dot live in the hosts file, or need the machine's search list.
    if (name.includes(".")) {
      const found = await this.#ask(() => this.#queryAddresses(name, family));
      if (found.records.length > 0) return found;
    }
    return this.#ask(async () => {
      const found = await lookup(name, { all: true, family });
      return { records: found.map((entry) => entry.address), ttl: defaultTtl };
    });
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#ask(async () => ({
      records: await this.#resolver.resolveSrv(name),
      ttl: defaultTtl,
    }));
  }

  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.#ask(async () => ({
      records: await this.#resolver.resolveNaptr(name),
      ttl: defaultTtl,
    }));
  }

  async reverse(address: string): Promise<readonly string[]> {
    const answer = await this.#ask(async () => ({
      records: await this.#resolver.reverse(address),
      ttl: defaultTtl,
    }));
    return answer.records;
  }

  async #queryAddresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    const found =
      family === 4
        ? await this.#resolver.resolve4(name, { ttl: true })
        : await this.#resolver.resolve6(name, { ttl: true });
    const ttl = found.reduce((least, entry) => Math.min(least, entry.ttl), 86_400);
    return { records: found.map((entry) => entry.address), ttl };
  }

  async #ask<T>(question: () => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
    try {
      return await question();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "";
      if (notFoundCodes.has(code)) return { records: [], ttl: defaultTtl };
      throw error;
    }
  }
}

/** A name service from tables, for tests. */
export class TableDns implements DnsClient {
  readonly a = new Map<string, string[]>();
  readonly aaaa = new Map<string, string[]>();
  readonly srvs = new Map<string, SrvRecord[]>();
  readonly naptrs = new Map<string, NaptrRecord[]>();
  readonly names = new Map<string, string[]>();
  /** All questions, as `A example.com`. */
  readonly asked: string[] = [];
  /** Names for which the service fails. */
  readonly failing = new Set<string>();
  ttl = 60;

  addresses(name: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    return this.#answer(family === 4 ? "A" : "AAAA", name, family === 4 ? this.a : this.aaaa);
  }
  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#answer("SRV", name, this.srvs);
  }
  naptr(name: string): Promise<DnsAnswer<NaptrRecord>> {
    return this.#answer("NAPTR", name, this.naptrs);
  }
  async reverse(address: string): Promise<readonly string[]> {
    return (await this.#answer("PTR", address, this.names)).records;
  }

  #answer<T>(type: string, name: string, table: Map<string, T[]>): Promise<DnsAnswer<T>> {
    this.asked.push(`${type} ${name}`);
    if (this.failing.has(name)) return Promise.reject(new Error(`no answer for ${name}`));
    return Promise.resolve({ records: table.get(name) ?? [], ttl: this.ttl });
  }
}
