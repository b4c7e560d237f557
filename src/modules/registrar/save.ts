/** `save`: applies a REGISTER to a table (RFC 3261, 10.3). */
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { XavpNode } from "../../runtime/lists.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import type { Contact as ContactValue } from "../../sip/contact.ts";
import { Header } from "../../sip/headers.ts";
import { type Contact, ContactInfo, Order, type Table } from "../usrloc/spec.ts";
import { ContactList } from "./contact-list.ts";
import { rememberLine, shareTexts } from "./contact-memo.ts";
import { ContactParams } from "./contact-params.ts";
import { Lifetimes } from "./lifetimes.ts";
import { MethodCache } from "./method-cache.ts";
import { ALL_METHODS } from "./methods.ts";
import { type Outcome, Outcomes } from "./outcome.ts";
import { keptAttributes } from "./record-xavp.ts";
import { RegisterRequest, MAX_RECEIVED } from "./request.ts";
import { replyHeaders } from "./reply-headers.ts";
import { type SaveJob, type SaveResult, saveElsewhere } from "./save-elsewhere.ts";
import { messageSettings, numberSetting, type Surroundings, textSetting } from "./settings.ts";

/** Flags of `save`. */
export const SaveFlag = {
  memoryOnly: 1,
  noReply: 2,
  replaceOthers: 4,
  exactLifetime: 8,
  prepareReply: 16,
} as const;

/** Codes of `save`. */
const Code = { inserted: 1, updated: 2, deleted: 3, fetched: 4, refused: -1, tooMany: -2 } as const;

/** A reply that is ready but not sent. */
interface PreparedReply {
  readonly outcome: Outcome;
  readonly headers: string;
}

/** How a request ended. */
interface ResultParts {
  readonly code: number;
  readonly outcome: Outcome;
  /** Wall clock seconds. */
  readonly now: number;
}

/** The function, with what it keeps between calls. */
export class Saver {
  readonly #around: Surroundings;
  readonly #params = new ContactParams();
  readonly #info = new ContactInfo();
  readonly #lifetimes: Lifetimes;
  readonly #methods = new MethodCache();
  readonly #list = new ContactList();
  readonly #prepared = new ContextSlot<PreparedReply>();
  #serverId = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#lifetimes = new Lifetimes(around);
    around.services.globals.watch("server_id", (id) => (this.#serverId = Number(id)));
  }

  /** Waits for the database where contacts have to be in it before they are acknowledged, and for another worker. */
  save(
    context: ScriptContext,
    table: Table,
    flags: number,
    uri: string | undefined,
  ): number | Promise<number> {
    const request = new RegisterRequest(context.msg);
    const outcome = request.read(context, this.#around, { table, uri });
    const { workers } = this.#around.services;
    if (workers !== null && outcome === null) {
      const owner = this.#around.location.ownerOf(request.aor);
      const job = { context, table: table.name, flags, uri };
      if (owner >= 0) {
        return saveElsewhere(workers, owner, job, this.#around).then((result) =>
          this.#deliver(context, flags, result),
        );
      }
    }
    const result = this.#run(context, table, request, { flags, outcome });
    if (result instanceof Promise) {
      return result.then((later) => this.#deliver(context, flags, later));
    }
    return this.#deliver(context, flags, result);
  }

  /** Applies a request for another worker, which sends the reply. */
  saveFor(context: ScriptContext, job: SaveJob): SaveResult | Promise<SaveResult> {
    const request = new RegisterRequest(context.msg);
    const table = this.#around.location.table(job.table);
    const outcome = request.read(context, this.#around, { table, uri: job.uri });
    return this.#run(context, table, request, { flags: job.flags, outcome });
  }

  #run(
    context: ScriptContext,
    table: Table,
    request: RegisterRequest,
    { flags, outcome: fault }: { readonly flags: number; readonly outcome: Outcome | null },
  ): SaveResult | Promise<SaveResult> {
    const { location } = this.#around;
    let outcome = fault;
    let code: number = Code.refused;
    let now: number;
    if (outcome === null) {
      location.begin(context);
      const result = this.#apply(context, table, request, flags);
      now = location.now();
      location.end();
      if (typeof result === "number") code = result;
      else outcome = result;
    } else now = location.now();
    if (outcome === Outcomes.tooMany) code = Code.tooMany;
    const ended = outcome ?? Outcomes.ok;
    const commit = code < 0 || code === Code.fetched ? null : location.committed(table);
    if (commit !== null) {
      // As Kamailio: a database that is away does not keep users from registering.
      return commit.then(() => {
        const end = { code, outcome: ended, now: location.now() };
        return this.#result(context, table, request, end);
      });
    }
    return this.#result(context, table, request, { code, outcome: ended, now });
  }

  /** `reg_send_reply`. */
  sendReply(context: ScriptContext): number {
    const prepared = context.state(this.#prepared);
    if (prepared === undefined) return -1;
    this.#send(context, prepared);
    return 1;
  }

  #result(
    context: ScriptContext,
    table: Table,
    request: RegisterRequest,
    { code, outcome, now }: ResultParts,
  ): SaveResult {
    const { params, location, accepted, rejected } = this.#around;
    if (outcome.status < 300) accepted.value++;
    else rejected.value++;
    const showsContacts = outcome.status < 300 || outcome.showsContacts;
    const contacts = showsContacts
      ? this.#list.header(table.first(request.aor), context, {
          params,
          now,
          withGruu: request.supportsGruu,
          useDomain: location.useDomain,
        })
      : "";
    const headers = contacts + replyHeaders(outcome, request, params);
    return { code, outcome, headers };
  }

  #deliver(context: ScriptContext, flags: number, result: SaveResult): number {
    const { code, headers } = result;
    if (context.scope === "reply") return code;
    if ((flags & SaveFlag.noReply) === 0) this.#send(context, result);
    else if ((flags & SaveFlag.prepareReply) !== 0) {
      if (headers !== "") context.replyHeaders.push(headers);
    } else context.setState(this.#prepared, result);
    return code;
  }

  #send(context: ScriptContext, reply: PreparedReply): void {
    if (reply.headers !== "") context.replyHeaders.push(reply.headers);
    this.#around.reply(context, reply.outcome.status, reply.outcome.reason);
  }

  #apply(
    context: ScriptContext,
    table: Table,
    request: RegisterRequest,
    flags: number,
  ): number | Outcome {
    if (request.isStar) {
      removeRegistered(table, request.aor);
      return Code.deleted;
    }
    const { contacts } = request;
    if (contacts.length === 0) return Code.fetched;
    const settings = messageSettings(context, this.#around.params);
    const job: Job = {
      context,
      table,
      request,
      settings,
      flags,
      received: null,
      isNewUser: false,
      known: null,
    };
    this.#readCommon(job);
    const replaces = (flags & SaveFlag.replaceOthers) !== 0;
    const fault = this.#check(job, replaces);
    if (fault !== null) return fault;
    job.isNewUser = table.first(request.aor) === undefined;
    let code: number = Code.inserted;
    for (const contact of contacts) {
      // The only contact has just been read and looked for.
      if (contacts.length > 1) {
        this.#readContact(job, contact);
        job.known = table.match(request.aor, this.#info);
      }
      const done = this.#applyOne(job);
      if (done !== 0) code = done;
      // As Kamailio: all contacts of a new user stay; else the first in order of use that is stored is the only one.
      if (!replaces || job.isNewUser || (done !== Code.inserted && done !== Code.updated)) continue;
      this.#removeOthers(job);
      break;
    }
    return code;
  }

  /** Fills the fields that all contacts of a request share. */
  #readCommon(job: Job): void {
    const { context, request, settings } = job;
    const { message } = request;
    const { received, location } = this.#around;
    const info = this.#info;
    info.reset();
    info.callId = message.callId;
    info.cseq = message.cseqNumber;
    info.userAgent = message.value(Header.UserAgent) || "n/a";
    info.path = request.path;
    info.branchFlags = context.branchFlags;
    info.serverId = this.#serverId;
    info.socket = this.#socket(context, settings);
    info.attributes = keptAttributes(context, location.xavpContact);
    info.methods = ALL_METHODS;
    info.memoryOnly = (job.flags & SaveFlag.memoryOnly) !== 0;
    const address = received?.get(context);
    job.received = typeof address === "string" && address !== "" ? address : null;
    // Set only with path_use_received.
    if (request.pathReceived !== null) info.branchFlags |= location.natFlags;
  }

  /** Fills the fields of one contact; the fault in it, if there is one. */
  #readContact(job: Job, contact: ContactValue): Outcome | null {
    const { request, settings, flags } = job;
    let read = request.known?.params ?? null;
    if (read === null) {
      read = this.#params;
      read.read(contact);
    }
    const info = this.#info;
    const { params } = this.#around;
    if (read.q === -2) return Outcomes.badQ;
    if (read.regId === -2) return Outcomes.badRegId;
    info.uri = read.uri;
    const givenQ = numberSetting(settings, "q");
    info.q = givenQ ?? (read.q < 0 && params.default_q > 0 ? params.default_q : read.q);
    const exact = (flags & SaveFlag.exactLifetime) !== 0;
    info.expires = this.#lifetimes.of(read.expires, request.message.expires, settings, exact);
    info.instance = read.instance === "" ? null : read.instance;
    info.regId = read.regId;
    info.methods =
      read.methods === ALL_METHODS ? this.#methods.allowed(request.message) : read.methods;
    info.features = read.features;
    info.displayName = read.displayName;
    info.received = request.pathReceived ?? read.received ?? job.received;
    if (info.received !== null && info.received.length > MAX_RECEIVED) {
      return Outcomes.contactTooLong;
    }
    return null;
  }

  /** Everything that can be wrong, before the first change. */
  #check(job: Job, replaces: boolean): Outcome | null {
    const { table, request, settings } = job;
    const { params, location } = this.#around;
    const info = this.#info;
    const limit = numberSetting(settings, "max_contacts") ?? params.max_contacts;
    const now = location.now();
    let added = 0;
    for (const contact of request.contacts) {
      const fault = this.#readContact(job, contact);
      if (fault !== null) return fault;
      if (this.#lifetimes.isTooBrief(info.expires, now)) return Outcomes.tooBrief;
      const known = table.match(request.aor, info);
      job.known = known;
      if (known === null) {
        if (info.expires > 0) added++;
        continue;
      }
      if (table.order(known, info) === Order.older) return Outcomes.badCseq;
      if (info.expires === 0 && known.isValid(now)) added--;
    }
    if (limit === 0 || replaces || added <= 0) return null;
    return validContacts(table.first(request.aor), now) + added > limit ? Outcomes.tooMany : null;
  }

  /** Applies one contact; the code, or 0 when there was nothing to do. */
  #applyOne(job: Job): number {
    const { table, request, known } = job;
    const info = this.#info;
    if (known === null) {
      if (info.expires === 0) return 0;
      table.insert(request.aor, info);
      return Code.inserted;
    }
    // As Kamailio: of equal contacts in one request, the last one counts for a new user, the first one otherwise.
    if (job.isNewUser) {
      if (info.expires === 0) return 0;
      table.update(known, info);
      return Code.inserted;
    }
    if (table.order(known, info) !== Order.newer) return 0;
    if (info.expires === 0) {
      table.remove(known, "unregistered");
      return Code.deleted;
    }
    const isSameCall = known.callId === info.callId;
    // The same text once more: comparing it again costs nothing.
    if (isSameCall) info.callId = known.callId;
    const isRestarted = info.instance !== null && !isSameCall;
    table.update(known, info);
    const kept = request.known?.params ?? null;
    if (kept !== null) shareTexts(kept, known);
    else if (request.contacts.length === 1) rememberLine(known, request.message);
    if (isRestarted) this.#removeFlows(job, known);
    return Code.updated;
  }

  /** As Kamailio: an instance that comes with a new Call-ID has been restarted, so its other flows are gone. */
  #removeFlows(job: Job, kept: Contact): void {
    const { table, request } = job;
    let contact = table.first(request.aor) ?? null;
    while (contact !== null) {
      const following: Contact | null = contact.next;
      if (contact.id !== kept.id && contact.instance === kept.instance)
        table.remove(contact, "replaced");
      contact = following;
    }
  }

  #removeOthers(job: Job): void {
    const { table, request } = job;
    const kept = table.match(request.aor, this.#info);
    let contact = table.first(request.aor) ?? null;
    while (contact !== null) {
      const following: Contact | null = contact.next;
      if (contact.id !== kept?.id) table.remove(contact, "replaced");
      contact = following;
    }
  }

  /** The socket that requests to the contact leave from. */
  #socket(context: ScriptContext, settings: XavpNode | undefined): ListenSocket {
    const { params, services } = this.#around;
    let text = textSetting(settings, "socket");
    const name = params.sock_hdr_name;
    const flag = params.sock_flag;
    if (text === undefined && name !== undefined && flag >= 0 && (context.flags >>> flag) & 1) {
      const index = context.msg.findName(name);
      if (index >= 0) text = context.msg.headerValue(index);
    }
    if (text === undefined) return context.socket;
    return services.sockets.find((socket) => socket.text === text) ?? context.socket;
  }
}

/** One call of `save` on its way. */
interface Job {
  readonly context: ScriptContext;
  readonly table: Table;
  readonly request: RegisterRequest;
  readonly settings: XavpNode | undefined;
  readonly flags: number;
  /** The address that the request came from, as NAT handling found it. */
  received: string | null;
  /** The user had no contact before this request. */
  isNewUser: boolean;
  /** What is stored of the contact that is looked at. */
  known: Contact | null;
}

function validContacts(first: Contact | undefined, now: number): number {
  let count = 0;
  for (let contact = first ?? null; contact !== null; contact = contact.next) {
    if (contact.isValid(now)) count++;
  }
  return count;
}

/** Removes what is registered here; what was learnt from another server is for that server to take back. */
function removeRegistered(table: Table, aor: string): void {
  let contact: Contact | null = table.first(aor) ?? null;
  while (contact !== null) {
    const following: Contact | null = contact.next;
    if (contact.owner === null) table.remove(contact, "unregistered");
    contact = following;
  }
}
