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
    const uri = childText(element, "uri").trim();
    if (!this.#isUri(uri)) return null;
    const longest = this.#limits.valueLength;
    const unknownParams = readUnknownParams(element, longest);
    const displayName = filled(childText(element, "display-name"));
    const gruu = (name: string, what: string): string | undefined => {
      const found = element.children.find((one) => one.namespace === GRUUINFO && one.name === name);
      return found === undefined ? undefined : attribute(found, what);
    };
    const instance = extension(element, "instance") ?? paramValue(unknownParams, "+sip.instance");
    const regId = extension(element, "reg-id") ?? paramValue(unknownParams, "reg-id") ?? "";
    const callId = filled(attribute(element, "callid"));
    return {
      id: attribute(element, "id") ?? callId ?? uri,
      uri,
      isActive: attribute(element, "state") !== "terminated",
      event: attribute(element, "event") ?? "",
      expires: number(attribute(element, "expires")),
      retryAfter: number(attribute(element, "retry-after")),
      durationRegistered: number(attribute(element, "duration-registered")),
      q: parseQ((attribute(element, "q") ?? "").trim()),
      callId,
      cseq: number(attribute(element, "cseq")),
      displayName:
        displayName !== undefined && displayName.length > longest ? undefined : displayName,
      unknownParams,
      publicGruu: filled(gruu("pub-gruu", "uri")),
      temporaryGruu: filled(gruu("temp-gruu", "uri")),
      firstCseq: number(gruu("temp-gruu", "first-cseq")),
      // Kamailio writes these three without a namespace.
      received: filled(extension(element, "received") ?? attribute(element, "received")),
      path: filled(extension(element, "path") ?? attribute(element, "path")),
      route: filled(extension(element, "route")),
      userAgent: filled(extension(element, "user-agent") ?? attribute(element, "user_agent")),
      socket: filled(extension(element, "socket")),
      instance: filled(instance),
      regId: Math.max(number(regId), 0),
      methods: number(extension(element, "methods")),
      branchFlags: Math.max(number(extension(element, "cflags")), 0),
    };
  }
}

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

function childText(element: XmlElement, name: string): string {
  return element.children.find((child) => isReginfo(child, name))?.text ?? "";
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

function readUnknownParams(element: XmlElement, longest: number): UnknownParam[] {
  const list: UnknownParam[] = [];
  for (const child of element.children) {
    if (!isReginfo(child, "unknown-param") || child.text.length > longest) continue;
    const name = attribute(child, "name");
    if (name === undefined || !/^[\w+.!%*`'~-]+$/.test(name) || /[\r\n\0]/.test(child.text))
      continue;
    list.push({ name, value: child.text });
  }
  return list;
}

function paramValue(params: readonly UnknownParam[], name: string): string | undefined {
  const found = params.find((param) => param.name.toLowerCase() === name);
  return found === undefined ? undefined : unquote(found.value);
}
