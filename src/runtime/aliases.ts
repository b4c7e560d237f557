/** Reads `alias` lines: names that count as this server's. */
import type { Config } from "../dsl/syntax/ast.ts";
import { splitPort } from "./listen.ts";
import type { Alias } from "./myself.ts";
import type { Proto } from "./transport.ts";

/** Reads `[proto:]host[:port]`. */
export function parseAlias(text: string): Alias | undefined {
  const match = /^(?:(udp|tcp|tls|sctp|ws|wss|any):)?(.+)$/i.exec(text.trim());
  const rest = match?.[2] === undefined ? undefined : splitPort(match[2]);
  if (rest === undefined) return undefined;
  const proto = match?.[1]?.toLowerCase();
  return {
    host: rest.host,
    port: rest.port ?? 0,
    proto: proto === undefined || proto === "any" ? undefined : (proto as Proto),
  };
}

/** All aliases of a configuration. */
export function aliasesOf(config: Config): Alias[] {
  const found: Alias[] = [];
  for (const item of config.items) {
    if (item.kind !== "global" || item.name.text !== "alias") continue;
    for (const value of item.values) {
      if (value.kind === "socket") {
        const proto = value.proto as Proto | undefined;
        for (const host of value.hosts) found.push({ host, port: value.port ?? 0, proto });
      } else {
        const alias = parseAlias(String(value.value));
        if (alias !== undefined) found.push(alias);
      }
    }
  }
  return found;
}

/** Names that name services give to addresses but that name no server. */
export function isUsableAlias(host: string): boolean {
  return host !== "" && !host.endsWith(".in-addr.arpa");
}
