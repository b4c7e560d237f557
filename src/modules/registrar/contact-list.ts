/** The Contact header of a reply to REGISTER (RFC 3261, 10.3, step 8). */
import type { ScriptContext } from "../../runtime/context.ts";
import { formatQ } from "../../sip/contact.ts";
import type { Contact } from "../usrloc/spec.ts";
import { publicGruu, temporaryGruu } from "./gruu.ts";
import { addRecord } from "./record-xavp.ts";
import type { RegistrarParams } from "./settings.ts";

/** How contacts are shown. */
export interface ListOptions {
  readonly params: RegistrarParams;
  readonly now: number;
  /** Whether the client supports GRUUs. */
  readonly withGruu: boolean;
  /** Whether addresses of record contain the domain. */
  readonly useDomain: boolean;
}

function gruuParams(contact: Contact, context: ScriptContext, useDomain: boolean): string {
  const host = context.msg.to?.uri?.host ?? "";
  const aor = useDomain ? `sip:${contact.aor}` : `sip:${contact.aor}@${host}`;
  const pub = publicGruu(aor, contact);
  return `;pub-gruu="${pub}";temp-gruu="${temporaryGruu(host, contact)}"`;
}

/** One value. Parameters in Kamailio's order. */
function contactValue(contact: Contact, context: ScriptContext, options: ListOptions): string {
  const { params, now } = options;
  let text = `<${contact.uri}>`;
  if (contact.q >= 0) text += `;q=${formatQ(contact.q)}`;
  text += `;expires=${contact.expires === 0 ? 0 : contact.expires - now}`;
  if (contact.received !== null && params.received_param !== "") {
    text += `;${params.received_param}="${contact.received}"`;
  }
  if (contact.instance !== null) {
    if (options.withGruu) text += gruuParams(contact, context, options.useDomain);
    text += `;+sip.instance="${contact.instance}"`;
  }
  if (contact.regId > 0) text += `;reg-id=${contact.regId}`;
  return text;
}

/** The header line with its line end for all valid contacts, "" when there is none; fills `xavp_rcd`. */
export function contactHeader(
  first: Contact | undefined,
  context: ScriptContext,
  options: ListOptions,
): string {
  let text = "";
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    if (!contact.isValid(options.now)) continue;
    const value = contactValue(contact, context, options);
    text = text === "" ? `Contact: ${value}` : `${text}, ${value}`;
    if (options.params.xavp_rcd !== undefined) {
      addRecord(context, options.params, contact, options.now);
    }
  }
  return text === "" ? "" : `${text}\r\n`;
}
