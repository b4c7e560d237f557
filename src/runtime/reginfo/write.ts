/** Writes documents of the package reg (RFC 3680, 5; RFC 5628). */
import { formatQ } from "../../sip/contact.ts";
import {
  type ContactState,
  EXTENSION,
  GRUUINFO,
  REGINFO,
  type ReginfoDocument,
  type RegistrationState,
} from "./document.ts";

/** Text for an element or an attribute: escaped, UTF-8, and nothing that XML 1.0 does not know. */
export function escapeXml(text: string): string {
  if (!/[&<>"'\0-\x1f\x80-\xff]/.test(text)) return text;
  const isPlain = !/[\x80-\xff]/.test(text) || isUtf8(text);
  const utf8 = isPlain ? text : Buffer.from(text, "utf8").toString("latin1");
  let out = "";
  let from = 0;
  for (let i = 0; i < utf8.length; i++) {
    const escape = ESCAPES[utf8.charCodeAt(i)];
    if (escape === undefined) continue;
    out += utf8.slice(from, i) + escape;
    from = i + 1;
  }
  return out + utf8.slice(from);
}

/** What stands for a character, by its code. */
const ESCAPES: readonly (string | undefined)[] = escapeTable();

function escapeTable(): (string | undefined)[] {
  const table: (string | undefined)[] = Array.from({ length: 256 }, () => undefined);
  table.fill("?", 0, 32);
  const names = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };
  for (const [character, name] of Object.entries(names)) {
    table[character.charCodeAt(0)] = `&${name};`;
  }
  for (const code of [9, 10, 13]) table[code] = `&#${code};`;
  return table;
}

/** Whether bytes read as latin1 are UTF-8 that XML allows. Texts of headers mostly are; old clients send latin1. */
function isUtf8(text: string): boolean {
  const bytes = Buffer.from(text, "latin1");
  const decoded = bytes.toString("utf8");
  return !decoded.includes("\ufffd") && !/[\ufffe\uffff]/.test(decoded);
}

function attribute(name: string, value: string | number | undefined): string {
  if (value === undefined) return "";
  return ` ${name}="${typeof value === "number" ? value : escapeXml(value)}"`;
}

/** An attribute whose value is a number from 0 on. */
function count(name: string, value: number): string {
  return value < 0 ? "" : attribute(name, value);
}

function contactText(contact: ContactState): string {
  let text =
    "<contact" +
    attribute("id", contact.id) +
    attribute("state", contact.isActive ? "active" : "terminated") +
    attribute("event", contact.event) +
    count("expires", contact.expires) +
    count("retry-after", contact.retryAfter) +
    count("duration-registered", contact.durationRegistered) +
    (contact.q < 0 ? "" : attribute("q", formatQ(contact.q))) +
    attribute("callid", contact.callId) +
    count("cseq", contact.cseq) +
    attribute("x:received", contact.received) +
    attribute("x:path", contact.path) +
    attribute("x:route", contact.route) +
    attribute("x:user-agent", contact.userAgent) +
    attribute("x:socket", contact.socket) +
    attribute("x:instance", contact.instance) +
    (contact.regId > 0 ? attribute("x:reg-id", contact.regId) : "") +
    count("x:methods", contact.methods) +
    (contact.branchFlags > 0 ? attribute("x:cflags", contact.branchFlags) : "");
  text += `><uri>${escapeXml(contact.uri)}</uri>`;
  if (contact.displayName !== undefined) {
    text += `<display-name>${escapeXml(contact.displayName)}</display-name>`;
  }
  for (const param of contact.unknownParams) {
    text += `<unknown-param${attribute("name", param.name)}>${escapeXml(param.value)}</unknown-param>`;
  }
  if (contact.publicGruu !== undefined)
    text += `<gr:pub-gruu${attribute("uri", contact.publicGruu)}/>`;
  if (contact.temporaryGruu !== undefined) {
    const first = attribute("first-cseq", firstCseq(contact));
    text += `<gr:temp-gruu${attribute("uri", contact.temporaryGruu)}${first}/>`;
  }
  return `${text}</contact>`;
}

/** The attribute must be there: that of the last REGISTER is never too low. */
function firstCseq(contact: ContactState): number {
  return contact.firstCseq >= 0 ? contact.firstCseq : Math.max(contact.cseq, 0);
}

/** A registration as it stands in a document. */
export function registrationText(registration: RegistrationState): string {
  const { aor, id, state, contacts } = registration;
  const head = `<registration${attribute("aor", aor)}${attribute("id", id)}${attribute("state", state)}`;
  if (contacts.length === 0) return `${head}/>`;
  let text = "";
  for (const contact of contacts) text += contactText(contact);
  return `${head}>${text}</registration>`;
}

function usesExtension(contact: ContactState): boolean {
  return (
    contact.received !== undefined ||
    contact.path !== undefined ||
    contact.userAgent !== undefined ||
    contact.socket !== undefined ||
    contact.instance !== undefined ||
    contact.regId > 0 ||
    contact.methods >= 0 ||
    contact.branchFlags > 0
  );
}

/** The document, without white space between elements: some readers stumble over it. */
export function writeReginfo(document: ReginfoDocument): string {
  const hasMore = document.hasMore === true;
  let hasGruu = false;
  let hasExtension = hasMore;
  let registrations = "";
  for (const registration of document.registrations) {
    for (const contact of registration.contacts) {
      hasGruu ||= (contact.publicGruu ?? contact.temporaryGruu) !== undefined;
      hasExtension ||= usesExtension(contact);
    }
    registrations += registrationText(registration);
  }
  const kind = document.isFull ? "full" : "partial";
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<reginfo xmlns="${REGINFO}"` +
    (hasGruu ? ` xmlns:gr="${GRUUINFO}"` : "") +
    (hasExtension ? ` xmlns:x="${EXTENSION}"` : "") +
    ` version="${document.version}" state="${kind}"${hasMore ? ' x:more="1"' : ""}>` +
    `${registrations}</reginfo>`
  );
}
