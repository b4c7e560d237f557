/** What the registrar keeps with a contact that is among those used last, to save work when its phone comes back. */
import { ownText } from "../../sip/chars.ts";
import { type Contact as ContactValue, parseContacts } from "../../sip/contact.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { Contact, Table } from "../usrloc/spec.ts";
import type { ContactText } from "./contact-list.ts";
import { ContactParams } from "./contact-params.ts";

/** Lies in `Contact.memo`. Nothing in it has to be right: it is compared before it is used. */
export class ContactMemo {
  /** The Contact line that it was refreshed with last; null: none is kept. Most requests are refreshes, which repeat it. */
  line: string | null = null;
  /** The only value of the line, which does not hold on to a packet, and what that says. */
  list: readonly ContactValue[] = [];
  params: ContactParams | null = null;
  /** How the contact was shown last. */
  shown: ContactText | null = null;
}

/** The memo of a contact, if it has one. */
function memoOf(contact: Contact): ContactMemo | null {
  return contact.memo instanceof ContactMemo ? contact.memo : null;
}

/** The memo of a contact, a new one if it has none. */
export function memoFor(contact: Contact): ContactMemo {
  let memo = memoOf(contact);
  if (memo === null) {
    memo = new ContactMemo();
    contact.memo = memo;
  }
  return memo;
}

/** The value of the only Contact line of a request; undefined when there are none or several. */
function onlyLine(message: SipMessage): string | undefined {
  const index = message.find(Header.Contact);
  if (index < 0 || message.findNext(Header.Contact, index) >= 0) return undefined;
  return message.headerValue(index);
}

/** Contacts of one user whose lines are compared: those of further ones are read. */
const MAX_COMPARED = 4;

/** What the only Contact line of a request says, if one of its user's contacts came with the same line before. */
export function lineReadBefore(table: Table, aor: string, message: SipMessage): ContactMemo | null {
  let contact: Contact | null = table.first(aor) ?? null;
  if (contact === null) return null;
  const text = onlyLine(message);
  for (let count = 0; contact !== null && count < MAX_COMPARED; count++) {
    const memo = memoOf(contact);
    if (memo !== null && memo.line === text) return memo;
    contact = contact.next;
  }
  return null;
}

/**
 * Keeps the Contact line that a contact was refreshed with. Not at the first time, as many contacts are used again long after they
 * have left those used last; and of a phone that writes another line each time, not every one.
 */
export function rememberLine(contact: Contact, message: SipMessage): void {
  const memo = memoOf(contact);
  if (memo === null) return;
  if (memo.line !== null) {
    memo.line = null;
    memo.list = [];
    memo.params = null;
    return;
  }
  const line = onlyLine(message);
  if (line === undefined) return;
  const text = ownText(line);
  const list = parseContacts(text)?.list ?? [];
  const [value] = list;
  if (value === undefined) return;
  const params = new ContactParams();
  params.read(value);
  shareTexts(params, contact);
  memo.line = text;
  memo.list = list;
  memo.params = params;
}

/** Lets what was read have the very texts of its contact, which are others when it was stored anew: comparing them costs nothing then. */
export function shareTexts(params: ContactParams, contact: Contact): void {
  if (params.uri === contact.uri) params.uri = contact.uri;
  if (params.instance === contact.instance) params.instance = contact.instance;
}
