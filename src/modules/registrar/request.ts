/** What a REGISTER asks for, checked before anything is changed. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { Contact as ContactValue } from "../../sip/contact.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { NameAddr } from "../../sip/name-addr.ts";
import { unescapeText } from "../../sip/chars.ts";
import type { Table } from "../usrloc/spec.ts";
import { aorOfText, aorOfUri } from "./aor.ts";
import { type ContactMemo, lineReadBefore } from "./contact-memo.ts";
import { hasOptionTag } from "./option-tags.ts";
import { type Outcome, Outcomes } from "./outcome.ts";
import type { Surroundings } from "./settings.ts";

/** Longest Call-ID that is stored. */
const MAX_CALL_ID = 255;
/** Longest received URI. */
export const MAX_RECEIVED = 255;

/** Whose contacts a request changes. */
export interface RegisterTarget {
  readonly table: Table;
  /** Instead of the To header's URI. */
  readonly uri: string | undefined;
}

/** The parts of a request that hold for all its contacts. */
export class RegisterRequest {
  readonly message: SipMessage;
  aor = "";
  /** In the order in which they are applied. */
  contacts: readonly ContactValue[] = [];
  isStar = false;
  /** Value for Path headers; null without. */
  path: string | null = null;
  /** `received` of the first Path URI. */
  pathReceived: string | null = null;
  supportsPath = false;
  supportsGruu = false;
  usesOutbound = false;
  /** The only Contact, when it was read before. */
  known: ContactMemo | null = null;

  constructor(message: SipMessage) {
    this.message = message;
  }

  /** Reads the request; the outcome that it must end with, or null to go on. */
  read(
    context: ScriptContext,
    around: Surroundings,
    { table, uri }: RegisterTarget,
  ): Outcome | null {
    const { message } = this;
    if (message.callId === "" || message.callId.length > MAX_CALL_ID) return Outcomes.badCallId;
    if (message.cseqNumber < 0) return Outcomes.noCseq;
    const aor = this.#aor(around, uri);
    if (aor !== null) this.known = lineReadBefore(table, aor, message);
    const fault = this.#readContacts(around) ?? this.#checkOutbound(around);
    if (fault !== null) return fault;
    if (aor === null) return Outcomes.badAor;
    this.aor = aor;
    this.supportsGruu =
      around.params.gruu_enabled && hasOptionTag(message, Header.Supported, "gruu");
    // As Kamailio: Path counts with contacts only.
    const usesPath = around.params.use_path && this.contacts.length > 0;
    return usesPath ? this.#readPath(around, context) : null;
  }

  #aor(around: Surroundings, uri: string | undefined): string | null {
    if (uri !== undefined && uri !== "") return aorOfText(uri, around.aorRules);
    const to = this.message.to?.uri;
    return to === null || to === undefined ? null : aorOfUri(to, around.aorRules);
  }

  #readContacts(around: Surroundings): Outcome | null {
    const { message, known } = this;
    if (known !== null) {
      this.contacts = known.list;
      return null;
    }
    const contacts = message.contacts;
    if (contacts === undefined) return null;
    if (contacts === null) {
      return hasStarLine(message) ? Outcomes.starNotAlone : Outcomes.badContact;
    }
    if (contacts.star) {
      this.isStar = true;
      return message.expires === 0 ? null : Outcomes.starNotZero;
    }
    const longest = around.params.contact_max_size;
    for (const contact of contacts.list) {
      const length = contact.uriEnd - contact.uriStart;
      if (length === 0) return Outcomes.badContact;
      if (length > longest) return Outcomes.contactTooLong;
    }
    this.contacts = inOrderOfUse(message, contacts.list);
    return null;
  }

  /** RFC 5626, 6. */
  #checkOutbound(around: Surroundings): Outcome | null {
    const { message } = this;
    const mode = around.params.outbound_mode;
    const required = hasOptionTag(message, Header.Require, "outbound");
    if (mode === 0) return required ? Outcomes.outboundNotSupported : null;
    const supported = hasOptionTag(message, Header.Supported, "outbound");
    // As Kamailio: a client without any Supported header is let through.
    if (mode === 2 && !supported && message.find(Header.Supported) >= 0) {
      return Outcomes.outboundRequired;
    }
    this.usesOutbound = required || supported;
    if (!this.usesOutbound || !this.contacts.some(hasRegId)) return null;
    const behindProxy = message.secondVia !== undefined;
    return behindProxy && !edgeSupportsOutbound(message) ? Outcomes.edgeLacksOutbound : null;
  }

  /** RFC 3327, 5.3. */
  #readPath(around: Surroundings, context: ScriptContext): Outcome | null {
    const { message } = this;
    if (message.find(Header.Path) < 0 || context.scope === "reply") return null;
    const paths = message.paths;
    const first = paths?.[0];
    if (paths === null || first === undefined || paths.some(isUnreadable)) return Outcomes.badPath;
    this.path = message.values(Header.Path).join(",");
    this.supportsPath = hasOptionTag(message, Header.Supported, "path");
    if (around.params.path_use_received) {
      const received = first.uri?.param("received");
      this.pathReceived = received === undefined ? null : unescapeText(received);
    }
    if (around.params.path_mode === 2 && !this.supportsPath) return Outcomes.pathNotSupported;
    return null;
  }
}

function isUnreadable(address: NameAddr): boolean {
  return address.uri === null;
}

function hasRegId(contact: ContactValue): boolean {
  return contact.param("reg-id") !== undefined;
}

/** The proxy next to the client is the last one that the Path lists. */
function edgeSupportsOutbound(message: SipMessage): boolean {
  const last = message.paths?.at(-1)?.uri;
  return last !== null && last !== undefined && last.ob;
}

function hasStarLine(message: SipMessage): boolean {
  for (let i = message.find(Header.Contact); i >= 0; i = message.findNext(Header.Contact, i)) {
    if (message.headerValue(i).trim() === "*") return true;
  }
  return false;
}

/** As Kamailio: header by header, and within a header the last contact first. */
function inOrderOfUse(message: SipMessage, list: readonly ContactValue[]): readonly ContactValue[] {
  if (list.length < 2) return list;
  const ordered: ContactValue[] = [];
  let from = 0;
  for (let i = message.find(Header.Contact); i >= 0; i = message.findNext(Header.Contact, i)) {
    const end = message.valueEnd(i);
    let to = from;
    while (to < list.length && (list[to] as ContactValue).start < end) to++;
    for (let j = to - 1; j >= from; j--) ordered.push(list[j] as ContactValue);
    from = to;
  }
  return ordered;
}
