/** Runs event_route[usrloc:contact-expired] for contacts that ran out. */
import type { Services } from "../../runtime/services.ts";
import { parseMessage } from "../../sip/message.ts";
import type { Contact, UsrlocApi } from "../usrloc/spec.ts";
import type { FetchedContacts } from "./fetched.ts";

const EVENT = "usrloc:contact-expired";

/** The message of the event route: there is none on the wire that belongs to it. */
const PLACEHOLDER =
  "OPTIONS sip:you@localhost SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n" +
  "From: <sip:you@localhost>;tag=123\r\nTo: <sip:you@localhost>\r\nCall-ID: 123\r\n" +
  "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

/** Starts to listen, when the script has such a route. */
export function runExpiredRoute(
  services: Services,
  location: UsrlocApi,
  fetched: FetchedContacts,
): void {
  location.listen({
    changed: (contact, _change, cause) => {
      if (cause === "expired" && services.routes.has("event", EVENT)) run(contact);
    },
  });

  function run(contact: Contact): void {
    const parsed = parseMessage(PLACEHOLDER);
    if (!parsed.ok) return;
    const context = services.localContext(parsed.message);
    context.scope = "event";
    fetched.put(context, "exp", [{ ...contact }]);
    void services.routes.run("event", EVENT, context);
  }
}
