/** Ways to contacts that only their registrar can reach: behind NAT, and without a Path of their own (RFC 3327). */
import type { ListenSocket } from "../runtime/transport.ts";
import { unescapeText } from "../sip/chars.ts";
import { listParams } from "../sip/params.ts";
import { parseUri } from "../sip/uri.ts";
import type { RrApi } from "./rr/spec.ts";
import type { Contact } from "./usrloc/spec.ts";

/** What the value of a URI parameter cannot hold as it is (RFC 3261, 25.1). */
const NO_PARAM_VALUE = /[^A-Za-z0-9\-_.!~*'()[\]/:&+$]/g;

/**
 * The route set by which another server sends requests to a contact of this one: through the socket that it registered at, with
 * the address of its NAT. Undefined for contacts that others can reach by themselves, or by their Path.
 */
export function sourceRoute(
  contact: Contact,
  sockets: readonly ListenSocket[],
): string | undefined {
  if (contact.received === null || contact.path !== null || contact.owner !== null)
    return undefined;
  const socket = contact.socket ?? sockets[0];
  if (socket === undefined) return undefined;
  const received = contact.received.replace(
    NO_PARAM_VALUE,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  const transport = socket.proto === "udp" ? "" : `;transport=${socket.proto}`;
  return `<sip:${socket.viaHost}:${socket.viaPort}${transport};lr;received=${received}>`;
}

/** Sends requests that come by such a route to the address in it; works wherever the script calls loose_route(). */
export function followSourceRoutes(rr: RrApi | undefined): void {
  rr?.onLocalRoute((context, params) => {
    for (const { name, value } of listParams(params, 0, params.length)) {
      if (name !== "received") continue;
      const uri = unescapeText(value);
      if (uri !== null && parseUri(uri) !== undefined) context.dstUri = uri;
      return;
    }
  });
}
