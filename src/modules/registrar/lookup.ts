/** `lookup` and its relatives: from an address of record to its contacts. */
import { BranchTarget, type ScriptContext } from "../../runtime/context.ts";
import { parseNameAddr } from "../../sip/name-addr.ts";
import { listItemEnd } from "../../sip/params.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";
import type { Contact, Table } from "../usrloc/spec.ts";
import { aorOfUri } from "./aor.ts";
import { contactOfTemporary, hasInstance } from "./gruu.ts";
import { methodBit } from "./methods.ts";
import { addRecord, restoreAttributes } from "./record-xavp.ts";
import { messageSettings, numberSetting, type Surroundings } from "./settings.ts";

/** Codes of `lookup`. */
const Code = { found: 1, none: -1, noMethod: -2, failed: -3 } as const;

/** What a contact must fulfil. */
interface Filter {
  readonly now: number;
  /** Bit of the method, 0: any. */
  readonly method: number;
  /** Branch flags of which it must have one, 0: any. */
  readonly branchFlags: number;
  /** Instance named by a public GRUU. */
  readonly instance: string | undefined;
  readonly usesExpired: boolean;
}

/** Where a contact is reached: its next hop and route set. */
interface Way {
  readonly dstUri: string | null;
  readonly path: string | null;
}

/** Contacts that may be used, best first, never empty; or the code. */
type Found = Contact[] | number;

const DIRECT: Way = { dstUri: null, path: null };

/** The functions. */
export class Finder {
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Request-URI and branches become the contacts of a user. */
  lookup(context: ScriptContext, table: Table, uri: string | undefined): number | Promise<number> {
    const found = this.#find(context, table, uri === undefined || uri === "" ? context.uri : uri);
    if (found instanceof Promise) return found.then((later) => this.#takeAll(context, later));
    return this.#takeAll(context, found);
  }

  /** Branches become the contacts of a user; the Request-URI stays. */
  lookupToBranches(
    context: ScriptContext,
    table: Table,
    uri: string | undefined,
  ): number | Promise<number> {
    const found = this.#find(context, table, uri === undefined || uri === "" ? context.uri : uri);
    if (found instanceof Promise) return found.then((later) => this.#appendAll(context, later));
    return this.#appendAll(context, found);
  }

  /** `lookup` for the Request-URI and for plain branches. */
  lookupBranches(context: ScriptContext, table: Table): number | Promise<number> {
    const plain = context.branches.filter(isPlain);
    const first = this.lookup(context, table, undefined);
    const all = plain.map((branch) => this.#find(context, table, branch.uri));
    if (first instanceof Promise || all.some((found) => found instanceof Promise)) {
      return this.#fillLater(context, first, plain, all);
    }
    return this.#fillAll(context, first, plain, all as Found[]);
  }

  // The parts of `lookupBranches`.
  // oxlint-disable-next-line max-params
  async #fillLater(
    context: ScriptContext,
    first: number | Promise<number>,
    plain: readonly BranchTarget[],
    all: readonly (Found | Promise<Found>)[],
  ): Promise<number> {
    const code = await first;
    const found: Found[] = [];
    // All have been asked already.
    // oxlint-disable-next-line no-await-in-loop
    for (const one of all) found.push(await one);
    return this.#fillAll(context, code, plain, found);
  }

  #takeAll(context: ScriptContext, found: Found): number {
    if (typeof found === "number") return found;
    this.#takeFirst(context, found[0] as Contact);
    if (this.#around.params.append_branches !== 0) {
      for (let i = 1; i < found.length; i++) this.#append(context, found[i] as Contact);
    }
    return Code.found;
  }

  #appendAll(context: ScriptContext, found: Found): number {
    if (typeof found === "number") return found;
    const all = this.#around.params.append_branches !== 0;
    const count = all ? found.length : 1;
    for (let i = 0; i < count; i++) this.#append(context, found[i] as Contact);
    return Code.found;
  }

  // The parts of `lookupBranches`.
  // oxlint-disable-next-line max-params
  #fillAll(
    context: ScriptContext,
    first: number,
    plain: readonly BranchTarget[],
    all: readonly Found[],
  ): number {
    let code = first;
    plain.forEach((branch, n) => {
      const found = all[n];
      if (found === undefined || typeof found === "number") return;
      this.#fill(branch, found[0] as Contact);
      if (this.#around.params.append_branches !== 0) {
        for (let i = 1; i < found.length; i++) this.#append(context, found[i] as Contact);
      }
      code = Code.found;
    });
    return code;
  }

  /** The contacts that may be used; a promise when another worker has to be asked. */
  #find(context: ScriptContext, table: Table, text: string): Found | Promise<Found> {
    const uri = parseUri(text);
    if (uri === undefined) return Code.failed;
    const gr = uri.gr;
    if (gr === "") return this.#findTemporary(context, table, uri);
    const aor = aorOfUri(uri, this.#around.aorRules);
    if (aor === null) return Code.failed;
    const found = this.#around.location.find(table, aor);
    if (found instanceof Promise) {
      return found.then((first) => this.#usable(context, first, gr), isNotThere);
    }
    return this.#usable(context, found, gr);
  }

  #usable(context: ScriptContext, first: Contact | undefined, gr: string | undefined): Found {
    return first === undefined ? Code.none : this.#select(first, this.#filter(context, gr));
  }

  #findTemporary(context: ScriptContext, table: Table, uri: SipUri): Found | Promise<Found> {
    const found = contactOfTemporary(this.#around.location, table, uri);
    if (found instanceof Promise) {
      return found.then((contact) => this.#usableTemporary(context, contact), isNotThere);
    }
    return this.#usableTemporary(context, found);
  }

  #usableTemporary(context: ScriptContext, contact: Contact | undefined): Found {
    if (contact === undefined) return Code.none;
    const filter = this.#filter(context, undefined);
    if (!isUsable(contact, filter)) return Code.none;
    return supports(contact, filter) ? [contact] : Code.noMethod;
  }

  #filter(context: ScriptContext, instance: string | undefined): Filter {
    const { params, location } = this.#around;
    const isInitial = params.method_filtering && context.msg.toTag === "";
    let branchFlags = 0;
    if ((params.lookup_filter_mode & 1) !== 0) {
      branchFlags = numberSetting(messageSettings(context, params), "rlf_bflags") ?? 0;
    }
    return {
      now: location.now(),
      method: isInitial ? methodBit(context.msg.method) : 0,
      branchFlags,
      instance,
      usesExpired: params.use_expired_contacts,
    };
  }

  #select(first: Contact, filter: Filter): Contact[] | number {
    const found: Contact[] = [];
    let isSorted = true;
    let code: number = Code.none;
    for (let contact: Contact | null = first; contact !== null; contact = contact.next) {
      if (!isUsable(contact, filter)) continue;
      if (!supports(contact, filter)) {
        code = Code.noMethod;
        continue;
      }
      const previous = found.at(-1);
      if (previous !== undefined && previous.q < contact.q) isSorted = false;
      found.push(contact);
    }
    if (found.length === 0) return code;
    // Preferences that changed after the registration leave the list out of order (RFC 3261, 16.6).
    if (!isSorted && !this.#around.location.newestFirst) found.sort((a, b) => b.q - a.q);
    return found;
  }

  #takeFirst(context: ScriptContext, contact: Contact): void {
    const { params, location } = this.#around;
    const way = this.#way(contact);
    context.newUri = contact.uri;
    context.dstUri = way.dstUri;
    context.path = way.path;
    context.q = contact.q;
    context.branchFlags = contact.branchFlags;
    context.instance = contact.instance;
    context.regId = contact.regId;
    context.ruid = contact.ruid;
    context.locationUa = contact.userAgent;
    if (contact.socket !== null) context.forcedSocket = contact.socket;
    if (params.xavp_rcd !== undefined) addRecord(context, params, contact, location.now());
    restoreAttributes(context, location.xavpContact, contact);
  }

  #append(context: ScriptContext, contact: Contact): void {
    const branch = new BranchTarget(contact.uri);
    this.#fill(branch, contact);
    context.branches.push(branch);
  }

  #fill(branch: BranchTarget, contact: Contact): void {
    const way = this.#way(contact);
    branch.uri = contact.uri;
    branch.dstUri = way.dstUri;
    branch.path = way.path;
    branch.q = contact.q;
    branch.flags = contact.branchFlags;
    branch.socket = contact.socket;
    branch.instance = contact.instance;
    branch.regId = contact.regId;
    branch.ruid = contact.ruid;
    branch.locationUa = contact.userAgent;
  }

  /** RFC 3327, 5.3: the Path is the route set, and its first URI the next hop. */
  #way(contact: Contact): Way {
    const { received } = contact;
    if (contact.path === null) return received === null ? DIRECT : { dstUri: received, path: null };
    let path = contact.path;
    let hop = firstHop(path);
    if (hop !== null && this.#around.params.path_check_local && this.#isLocal(hop)) {
      path = afterFirst(path);
      hop = path === "" ? null : firstHop(path);
    }
    return hop === null ? { dstUri: received, path: null } : { dstUri: hop, path };
  }

  #isLocal(hop: string): boolean {
    const uri = parseUri(hop);
    if (uri === undefined) return false;
    // As Kamailio: the address alone tells, whatever the port.
    return this.#around.services.isMyself(uri.host, 0, undefined);
  }
}

/** The worker that has the contacts is being started again. */
function isNotThere(): number {
  return Code.failed;
}

function isPlain(branch: BranchTarget): boolean {
  return branch.dstUri === null && branch.path === null && branch.ruid === null;
}

function isUsable(contact: Contact, filter: Filter): boolean {
  if (!filter.usesExpired && !contact.isValid(filter.now)) return false;
  if (filter.instance !== undefined && !hasInstance(contact, filter.instance)) return false;
  return filter.branchFlags === 0 || (contact.branchFlags & filter.branchFlags) !== 0;
}

function supports(contact: Contact, filter: Filter): boolean {
  return filter.method === 0 || (contact.methods & filter.method) !== 0;
}

function firstHop(path: string): string | null {
  return parseNameAddr(path, 0, listItemEnd(path, 0, path.length))?.uriText ?? null;
}

function afterFirst(path: string): string {
  return path.slice(listItemEnd(path, 0, path.length) + 1).trim();
}
