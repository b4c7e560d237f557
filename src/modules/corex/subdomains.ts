/** Domains that are ours together with all their subdomains. */
import { lowerAscii } from "../../sip/chars.ts";
import type { Proto } from "../../runtime/transport.ts";
import { parseSocket } from "./sockets.ts";

/** A test for `proto:domain:port`, protocol and port optional; undefined when the text is none. */
export function subdomainCheck(
  text: string,
): ((host: string, port: number, proto: Proto | undefined) => boolean) | undefined {
  const alias = parseSocket(text);
  if (alias === undefined) return undefined;
  const domain = lowerAscii(alias.host);
  const suffix = `.${domain}`;
  return (host, port, proto) => {
    if (alias.port !== 0 && port !== 0 && port !== alias.port) return false;
    if (alias.proto !== "" && proto !== undefined && proto !== alias.proto) return false;
    const name = lowerAscii(host);
    return name === domain || name.endsWith(suffix);
  };
}
