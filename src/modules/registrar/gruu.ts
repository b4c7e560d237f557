/** Globally routable user agent URIs (RFC 5627): making them, and reading them back. */
import { digits32 } from "../../sip/ids.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import { aorHash, type Contact, type Table, type UsrlocApi } from "../usrloc/spec.ts";

/** Instance id without its angle brackets, as it stands in `gr`. */
export function bareInstance(instance: string): string {
  return instance.startsWith("<") && instance.endsWith(">") ? instance.slice(1, -1) : instance;
}

/** Public GRUU: the address of record with the instance id (RFC 5627, 5.1). */
export function publicGruu(aor: string, contact: Contact): string {
  return contact.gruu?.publicUri ?? `${aor};gr=${bareInstance(contact.instance ?? "")}`;
}

/** Temporary GRUU: does not show the user (RFC 5627, 5.2). */
export function temporaryGruu(host: string, contact: Contact): string {
  const own = contact.gruu?.temporaryUri;
  return own ?? `sip:${contact.ruid}-${digits32(aorHash(contact.aor), 16)}@${host};gr`;
}

/** Both GRUUs of a contact that has an instance; null for others. */
export function gruusOf(
  contact: Contact,
  aor: string,
): { readonly publicUri: string; readonly temporaryUri: string } | null {
  if (contact.instance === null) return null;
  const host = parseUri(aor)?.host ?? "";
  return { publicUri: publicGruu(aor, contact), temporaryUri: temporaryGruu(host, contact) };
}

/** The contact that a temporary GRUU means; a promise when other workers have to be asked. */
export function contactOfTemporary(
  location: UsrlocApi,
  table: Table,
  uri: SipUri,
): Contact | undefined | Promise<Contact | undefined> {
  const dash = uri.user.lastIndexOf("-");
  if (dash < 0) return undefined;
  const hash = uri.user.slice(dash + 1);
  const found = location.findTemporary(table, uri.user.slice(0, dash));
  if (found instanceof Promise) return found.then((contact) => withHash(contact, hash));
  return withHash(found, hash);
}

function withHash(contact: Contact | undefined, hash: string): Contact | undefined {
  if (contact === undefined) return undefined;
  return digits32(aorHash(contact.aor), 16) === hash ? contact : undefined;
}

/** Whether a contact belongs to the instance named by a public GRUU. */
export function hasInstance(contact: Contact, gr: string): boolean {
  const { instance } = contact;
  if (instance === null) return false;
  if (instance === gr) return true;
  return (
    instance.length === gr.length + 2 && instance.startsWith("<") && instance.startsWith(gr, 1)
  );
}
