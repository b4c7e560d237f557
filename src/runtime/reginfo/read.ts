/** Reads documents of the package reg (RFC 3680, 5). */
import { unpackBody } from "../body-coding.ts";
import { parseUint, unquote } from "../../sip/chars.ts";
import { parseQ } from "../../sip/contact.ts";
import {
  type ContactState,
  EXTENSION,
  GRUUINFO,
  REGINFO,
  type ReginfoDocument,
  type RegistrationState,
  type UnknownParam,
} from "./document.ts";
import type { ReginfoLimits } from "./limits.ts";
import type { XmlProblem } from "./xml-survey.ts";
import { type XmlElement, XmlReader } from "./xml.ts";

export type ReginfoProblem = XmlProblem | "not-reginfo" | "too-many-contacts";

export type ReginfoResult =
  | { readonly ok: true; readonly document: ReginfoDocument }
  | { readonly ok: false; readonly problem: ReginfoProblem };

/** Reads documents within limits; elements and attributes that it does not know are passed over. */
export class ReginfoReader {
  readonly #xml: XmlReader;
  readonly #limits: ReginfoLimits;

  constructor(limits: ReginfoLimits) {
    this.#limits = limits;
    this.#xml = new XmlReader({
      bytes: limits.bytes,
      depth: limits.depth,
      parts: limits.parts,
      attributes: limits.attributes,
      name: limits.nameLength,
      value: limits.valueLength,
    });
  }

  /** A document that came in gzip; the limits are those of what comes out. */
  readPacked(bytes: string): ReginfoResult {
    const unpacked = unpackBody(bytes, this.#limits.bytes);
    return unpacked.ok ? this.read(unpacked.body) : unpacked;
  }

  read(bytes: string): ReginfoResult {
    const xml = this.#xml.read(bytes);
    if (!xml.ok) return xml;
    const { root } = xml;
    if (root.name !== "reginfo" || root.namespace !== REGINFO) {
      return { ok: false, problem: "not-reginfo" };
    }
    const registrations: RegistrationState[] = [];
    let contacts = 0;
    for (const element of root.children) {
      if (!isReginfo(element, "registration")) continue;
      const registration = this.#registration(element);
      if (registration === null) continue;
      contacts += registration.contacts.length;
      if (contacts > this.#limits.contacts) return { ok: false, problem: "too-many-contacts" };
      registrations.push(registration);
    }
    const version = attribute(root, "version") ?? "";
    return {
      ok: true,
      document: {
        version: parseUint(version, 0, version.length),
        isFull: attribute(root, "state") !== "partial",
        ...(extension(root, "more") === "1" ? { hasMore: true } : {}),
        registrations,
      },
    };
  }

  #registration(element: XmlElement): RegistrationState | null {
    const aor = (attribute(element, "aor") ?? "").trim();
    const state = attribute(element, "state");
    if (!this.#isUri(aor)) return null;
    if (state !== "active" && state !== "terminated" && state !== "init") return null;
    const contacts: ContactState[] = [];
    for (const child of element.children) {
      if (!isReginfo(child, "contact")) continue;
      const contact = this.#contact(child);
      if (contact !== null) contacts.push(contact);
    }
    return { aor, id: attribute(element, "id") ?? aor, state, contacts };
  }

  /** Whether a text may stand where a URI does: what is read ends up in headers of requests, where these characters divide. */
  #isUri(text: string): boolean {
    return (
      text.length <= this.#limits.uriLength &&
      /^[a-zA-Z][a-zA-Z0-9+.-]*:[^\0-\x20\x7f<>"]+$/.test(text)
    );
  }

  /** Null for a contact that says nothing usable: the rest of the document counts all the same. */
  #contact(element: XmlElement): ContactState | null {
    const draft = new ContactDraft();
    for (const child of element.children) draft.child(child, this.#limits.valueLength);
    if (!this.#isUri(draft.uri)) return null;
    for (const one of element.attributes) {
      if (one.namespace === "") draft.attribute(one.name, one.value);
      else if (one.namespace === EXTENSION) draft.extension(one.name, one.value);
    }
    draft.complete();
    return draft;
  }
}

/** A contact while it is read. */
class ContactDraft implements ContactState {
  id = "";
  uri = "";
  isActive = true;
  event = "";
  expires = -1;
  retryAfter = -1;
  durationRegistered = -1;
  q = -1;
  callId: string | undefined = undefined;
  cseq = -1;
  displayName: string | undefined = undefined;
  unknownParams: readonly UnknownParam[] = NO_PARAMS;
  publicGruu: string | undefined = undefined;
  temporaryGruu: string | undefined = undefined;
  firstCseq = -1;
  received: string | undefined = undefined;
  path: string | undefined = undefined;
  route: string | undefined = undefined;
  userAgent: string | undefined = undefined;
  socket: string | undefined = undefined;
  instance: string | undefined = undefined;
  regId = 0;
  methods = -1;
  branchFlags = 0;
  /** What has been there, empty or not: it counts before what else might say the same. */
  #seen = 0;
  /** `unknownParams`, when there are any. */
  #params: UnknownParam[] | null = null;

  child(element: XmlElement, longest: number): void {
    const { namespace, name, text } = element;
    if (namespace === REGINFO) {
      if (name === "uri") {
        if (this.#isFirst(Seen.uri)) this.uri = text.trim();
      } else if (name === "unknown-param") this.#unknownParam(element, longest);
      else if (name === "display-name" && this.#isFirst(Seen.displayName)) {
        if (text.length <= longest) this.displayName = filled(text);
      }
    } else if (namespace === GRUUINFO) {
      if (name === "pub-gruu" && this.#isFirst(Seen.publicGruu)) {
        this.publicGruu = filled(attribute(element, "uri"));
      } else if (name === "temp-gruu" && this.#isFirst(Seen.temporaryGruu)) {
        this.temporaryGruu = filled(attribute(element, "uri"));
        this.firstCseq = number(attribute(element, "first-cseq"));
      }
    }
  }

  #isFirst(what: number): boolean {
    const isFirst = (this.#seen & what) === 0;
    this.#seen |= what;
    return isFirst;
  }

  #unknownParam(element: XmlElement, longest: number): void {
    const value = element.text;
    if (value.length > longest) return;
    const name = attribute(element, "name");
    if (name === undefined || !/^[\w+.!%*`'~-]+$/.test(name) || /[\r\n\0]/.test(value)) return;
    if (this.#params === null) this.unknownParams = this.#params = [];
    this.#params.push({ name, value });
  }

  // One case for each attribute.
  // oxlint-disable-next-line complexity
  attribute(name: string, value: string): void {
    switch (name) {
      case "id":
        this.#seen |= Seen.id;
        this.id = value;
        return;
      case "state":
        this.isActive = value !== "terminated";
        return;
      case "event":
        this.event = value;
        return;
      case "expires":
        this.expires = number(value);
        return;
      case "retry-after":
        this.retryAfter = number(value);
        return;
      case "duration-registered":
        this.durationRegistered = number(value);
        return;
      case "q":
        this.q = parseQ(value.trim());
        return;
      case "callid":
        this.callId = filled(value);
        return;
      case "cseq":
        this.cseq = number(value);
        return;
      // Kamailio writes these three without a namespace.
      case "received":
        if ((this.#seen & Seen.received) === 0) this.received = filled(value);
        return;
      case "path":
        if ((this.#seen & Seen.path) === 0) this.path = filled(value);
        return;
      case "user_agent":
        if ((this.#seen & Seen.userAgent) === 0) this.userAgent = filled(value);
    }
  }

  extension(name: string, value: string): void {
    switch (name) {
      case "received":
        this.#seen |= Seen.received;
        this.received = filled(value);
        return;
      case "path":
        this.#seen |= Seen.path;
        this.path = filled(value);
        return;
      case "user-agent":
        this.#seen |= Seen.userAgent;
        this.userAgent = filled(value);
        return;
      case "route":
        this.route = filled(value);
        return;
      case "socket":
        this.socket = filled(value);
        return;
      case "instance":
        this.#seen |= Seen.instance;
        this.instance = filled(value);
        return;
      case "reg-id":
        this.#seen |= Seen.regId;
        this.regId = Math.max(number(value), 0);
        return;
      case "methods":
        this.methods = number(value);
        return;
      case "cflags":
        this.branchFlags = Math.max(number(value), 0);
    }
  }

  /** What is not there in its own place may be in another. */
  complete(): void {
    if ((this.#seen & Seen.id) === 0) this.id = this.callId ?? this.uri;
    if (this.unknownParams.length === 0) return;
    if ((this.#seen & Seen.instance) === 0) {
      this.instance = filled(paramValue(this.unknownParams, "+sip.instance"));
    }
    if ((this.#seen & Seen.regId) === 0) {
      this.regId = Math.max(number(paramValue(this.unknownParams, "reg-id")), 0);
    }
  }
}

/** Bits for what has been read. */
const Seen = {
  uri: 1,
  displayName: 2,
  publicGruu: 4,
  temporaryGruu: 8,
  id: 16,
  received: 32,
  path: 64,
  userAgent: 128,
  instance: 256,
  regId: 512,
} as const;

const NO_PARAMS: readonly UnknownParam[] = [];

function isReginfo(element: XmlElement, name: string): boolean {
  return element.name === name && element.namespace === REGINFO;
}

/** An attribute without a namespace. */
function attribute(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((one) => one.name === name && one.namespace === "")?.value;
}

function extension(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((one) => one.name === name && one.namespace === EXTENSION)?.value;
}

/** -1 for what is not a whole number from 0 on. */
function number(text: string | undefined): number {
  const trimmed = (text ?? "").trim();
  return parseUint(trimmed, 0, trimmed.length);
}

/** Without line ends, which would make headers out of values. */
function filled(text: string | undefined): string | undefined {
  if (text === undefined || text === "" || /[\r\n\0]/.test(text)) return undefined;
  return text;
}

function paramValue(params: readonly UnknownParam[], name: string): string | undefined {
  const found = params.find((param) => param.name.toLowerCase() === name);
  return found === undefined ? undefined : unquote(found.value);
}
