/** Several workers: a subscription lives where its user's contacts are, and documents about many users go to all. */
import type { Workers } from "../../runtime/workers/group.ts";
import { parseUri } from "../../sip/uri.ts";
import type { ContactState, ReginfoDocument } from "../../runtime/reginfo/document.ts";
import type { UsrlocApi } from "../usrloc/spec.ts";
import type { Mirror, Update, UpdateResult } from "./mirror.ts";
import { MirrorSource } from "./mirror-source.ts";

const Topic = {
  document: "pua_reginfo.document",
  forget: "pua_reginfo.forget",
} as const;

/** A document on its way to the other workers. */
interface DocumentNotice {
  /** Names the source within the worker that has its subscription. */
  readonly id: number;
  readonly label: string;
  readonly resource: string;
  readonly table: string;
  readonly document: ReginfoDocument;
  readonly grantedSeconds: number;
}

/** What this worker and the others do for each other. */
export class SharedMirror {
  readonly #workers: Workers;
  readonly #mirror: Mirror;
  /** Whether documents of a source may name users of other workers. */
  readonly #isAboutMany: (source: MirrorSource) => boolean;
  /** Numbers of own sources; and sources of others by worker and number. */
  readonly #ids = new WeakMap<MirrorSource, number>();
  readonly #sources = new Map<string, MirrorSource>();
  #lastId = 0;

  constructor(
    workers: Workers,
    parts: {
      readonly mirror: Mirror;
      readonly location: UsrlocApi;
      readonly isAboutMany: (source: MirrorSource) => boolean;
    },
  ) {
    this.#workers = workers;
    this.#mirror = parts.mirror;
    this.#isAboutMany = parts.isAboutMany;
    workers.handle(Topic.document, (payload, from) => {
      const { id, label, resource, table, ...rest } = payload as DocumentNotice;
      const key = `${from}:${id}`;
      let source = this.#sources.get(key);
      const isNew = source === undefined;
      if (source === undefined) {
        source = new MirrorSource(label, resource, key);
        this.#sources.set(key, source);
      }
      const result = parts.mirror.apply({ source, table: parts.location.table(table), ...rest });
      // A worker that was started again has missed what came before.
      return isNew && !rest.document.isFull ? { ...result, hasGap: true } : result;
    });
    workers.handle(Topic.forget, (id, from) => {
      const key = `${from}:${String(id)}`;
      const source = this.#sources.get(key);
      this.#sources.delete(key);
      if (source !== undefined) parts.mirror.forget(source);
    });
  }

  /** Applies a document here and, if it may concern others, everywhere. */
  apply(update: Update): UpdateResult | Promise<UpdateResult> {
    const own = this.#mirror.apply(update);
    const { source, table, document, grantedSeconds } = update;
    if (!this.#isAboutMany(source)) return own;
    // What the others have is not known here: the full state is asked for each time.
    source.isWhole = false;
    let id = this.#ids.get(source);
    if (id === undefined) this.#ids.set(source, (id = ++this.#lastId));
    const { label, resource } = source;
    const notice: DocumentNotice = {
      id,
      label,
      resource,
      table: table.name,
      document: plain(document),
      grantedSeconds,
    };
    return this.#workers
      .callOthers(Topic.document, notice)
      .then((results) => [own, ...(results as UpdateResult[])].reduce(together));
  }

  /** A source is over: the others take out what it has brought. */
  forget(source: MirrorSource): void {
    const id = this.#ids.get(source);
    if (id !== undefined) this.#workers.tellOthers(Topic.forget, id);
  }
}

/** All there is to know of a contact. */
const contactFields: Readonly<Record<keyof ContactState, true>> = {
  id: true,
  uri: true,
  isActive: true,
  event: true,
  expires: true,
  retryAfter: true,
  durationRegistered: true,
  q: true,
  callId: true,
  cseq: true,
  displayName: true,
  unknownParams: true,
  publicGruu: true,
  temporaryGruu: true,
  firstCseq: true,
  received: true,
  path: true,
  route: true,
  userAgent: true,
  socket: true,
  instance: true,
  regId: true,
  methods: true,
  branchFlags: true,
};

/** A document as plain data: what is read lazily is read now. */
function plain(document: ReginfoDocument): ReginfoDocument {
  const registrations = document.registrations.map(({ aor, id, state, contacts }) => ({
    aor,
    id,
    state,
    contacts: contacts.map(plainContact),
  }));
  const { version, isFull, hasMore = false } = document;
  return { version, isFull, hasMore, registrations };
}

function plainContact(contact: ContactState): ContactState {
  const names = Object.keys(contactFields) as (keyof ContactState)[];
  return Object.fromEntries(names.map((name) => [name, contact[name]])) as never;
}

/** Null where there is one worker. */
export function shareMirror(
  workers: Workers | null,
  mirror: Mirror,
  location: UsrlocApi,
  params: { readonly domain_resource: string; readonly accept_any_aor: boolean },
): SharedMirror | null {
  if (workers === null) return null;
  const isAboutMany = ({ resource }: MirrorSource): boolean => {
    const user = parseUri(resource)?.user ?? "";
    return user === "" || user === params.domain_resource || params.accept_any_aor;
  };
  return new SharedMirror(workers, { mirror, location, isAboutMany });
}

function together(a: UpdateResult, b: UpdateResult): UpdateResult {
  return {
    isOnline: a.isOnline || b.isOnline,
    hasGap: a.hasGap || b.hasGap,
    isOverLimit: a.isOverLimit || b.isOverLimit,
  };
}
