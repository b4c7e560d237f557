/** The event package reg, as presence asks for it. */
import { MEDIA_TYPE } from "../../runtime/reginfo/document.ts";
import type { ReginfoReader } from "../../runtime/reginfo/read.ts";
import { writeReginfo } from "../../runtime/reginfo/write.ts";
import { lowerAscii } from "../../sip/chars.ts";
import { parseUri } from "../../sip/uri.ts";
import { unescape } from "../../sip/uri-compare.ts";
import type {
  EndedPublication,
  PresenceEvent,
  PresentityView,
  Publication,
  ReadResult,
} from "../presence/spec.ts";
import { mergeRegistrations, PublishedRegistrations } from "./merge.ts";

/** Reads, merges and writes documents. */
export class RegEvent implements PresenceEvent {
  readonly name = "reg";
  readonly contentType = MEDIA_TYPE;
  readonly defaultExpires: number;
  readonly #reader: ReginfoReader;
  readonly #merges: boolean;

  readonly #maxContacts: number;

  constructor(
    defaultExpires: number,
    reader: ReginfoReader,
    merging: { readonly merges: boolean; readonly maxContacts: number },
  ) {
    this.defaultExpires = defaultExpires;
    this.#reader = reader;
    this.#merges = merging.merges;
    this.#maxContacts = merging.maxContacts;
  }

  read(body: string, resource: string): ReadResult {
    const read = this.#reader.read(body);
    if (!read.ok) {
      const status = read.problem === "too-large" ? 413 : 400;
      return { ok: false, status, reason: "Bad Registration Document" };
    }
    const { isFull, registrations } = read.document;
    // A publication is the whole of what its sender knows (RFC 3903, 4.3).
    if (!isFull) return { ok: false, status: 400, reason: "Partial State" };
    const own = userOf(resource);
    if (registrations.some(({ aor }) => userOf(aor) !== own)) {
      return { ok: false, status: 403, reason: "Not That User" };
    }
    return { ok: true, state: new PublishedRegistrations(registrations) };
  }

  aggregate(view: PresentityView, version: number): string {
    const published = this.#merges ? view.published : view.published.slice(0, 1);
    const aor = bareUri(view.resource);
    const registration = mergeRegistrations({ ...view, published }, aor, this.#maxContacts);
    return writeReginfo({ version, isFull: true, registrations: [registration] });
  }

  /** From terminated to init is no news (RFC 3680, 4.7.1). */
  isNews({ publication }: EndedPublication, left: readonly Publication[]): boolean {
    const { state } = publication;
    const wasActive = state instanceof PublishedRegistrations && state.isActive;
    return wasActive || (left.length > 0 && !this.#merges);
  }
}

/** Without parameters and port: the name of an address of record. */
function bareUri(uri: string): string {
  const parsed = parseUri(uri);
  if (parsed === undefined) return uri;
  return parsed.hasUser
    ? `${parsed.scheme}:${parsed.user}@${parsed.hostPort}`
    : `${parsed.scheme}:${parsed.hostPort}`;
}

/** User and domain, comparable; "" for what is no such URI. */
function userOf(uri: string): string {
  const parsed = parseUri(uri);
  return parsed === undefined ? "" : `${unescape(parsed.user)}@${lowerAscii(parsed.host)}`;
}
