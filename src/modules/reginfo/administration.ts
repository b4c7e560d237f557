/** What the operator does to registrations, told to watchers as RFC 3680, 4.7.2 has it. */
import { type Contact, ContactInfo, type UsrlocApi } from "../usrloc/spec.ts";
import type { ContactChoice, RemovalEvent } from "./api.ts";
import type { NamedEvent, Watchers } from "./watchers.ts";

/** Takes contacts away, and shortens their lives. */
export class Administration {
  readonly #location: UsrlocApi;
  readonly #watchers: Watchers;

  constructor(location: UsrlocApi, watchers: Watchers) {
    this.#location = location;
    this.#watchers = watchers;
  }

  remove(choice: ContactChoice, event: RemovalEvent, retryAfter: number): number {
    const seconds = event === "probation" ? Math.max(retryAfter, 0) : -1;
    return this.#each(choice, { event, retryAfter: seconds }, (contact) => {
      contact.table.remove(contact, "removed");
      return true;
    });
  }

  shorten(choice: ContactChoice, seconds: number): number {
    const until = this.#location.now() + Math.max(seconds, 1);
    return this.#each(choice, { event: "shortened", retryAfter: -1 }, (contact) => {
      if (contact.expires !== 0 && contact.expires <= until) return false;
      const info = infoOf(contact);
      info.expires = until;
      contact.table.update(contact, info);
      return true;
    });
  }

  #each(choice: ContactChoice, event: NamedEvent, work: (contact: Contact) => boolean): number {
    const table = this.#location.findTable(choice.table);
    if (table === undefined) return 0;
    const contacts: Contact[] = [];
    let contact: Contact | null = table.first(choice.aor) ?? null;
    for (; contact !== null; contact = contact.next) {
      if (choice.contact === undefined || choice.contact === contact.uri) contacts.push(contact);
    }
    let count = 0;
    this.#location.together(() => {
      this.#watchers.named = event;
      try {
        for (const one of contacts) if (work(one)) count++;
      } finally {
        this.#watchers.named = null;
      }
    });
    return count;
  }
}

/** All that is known of a contact, to change one thing. */
function infoOf(contact: Contact): ContactInfo {
  const info = new ContactInfo();
  info.uri = contact.uri;
  info.expires = contact.expires;
  info.q = contact.q;
  info.callId = contact.callId;
  info.cseq = contact.cseq;
  info.flags = contact.flags;
  info.branchFlags = contact.branchFlags;
  info.userAgent = contact.userAgent;
  info.methods = contact.methods;
  info.received = contact.received;
  info.path = contact.path;
  info.socket = contact.socket;
  info.instance = contact.instance;
  info.regId = contact.regId;
  info.serverId = contact.serverId;
  info.displayName = contact.displayName;
  info.features = contact.features;
  info.owner = contact.owner;
  info.attributes = contact.attributes;
  info.gruu = contact.gruu;
  return info;
}
