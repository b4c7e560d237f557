/** The state of one message while its script runs. */
import type { ScriptState } from "../dsl/compile/abi.ts";
import type { RouteScope } from "../dsl/catalog/spec.ts";
import type { Value } from "../dsl/value.ts";
import { MessageEdits } from "../sip/edits.ts";
import type { SipMessage } from "../sip/message.ts";
import { parseUri, type SipUri } from "../sip/uri.ts";
import { AttributeLists } from "./lists.ts";
import type { Services } from "./services.ts";
import type { Destination, ListenSocket } from "./transport.ts";

/** A further place to send the request to (`append_branch`, `lookup` with several contacts, a redirect's contacts). */
export class BranchTarget {
  uri: string;
  dstUri: string | null = null;
  path: string | null = null;
  /** q value times 1000; -1: not given. */
  q = -1;
  /** Branch flags. */
  flags = 0;
  socket: ListenSocket | null = null;
  instance: string | null = null;
  regId = 0;
  ruid: string | null = null;
  locationUa: string | null = null;
  constructor(uri: string) {
    this.uri = uri;
  }
}

/** What is known about a message when it is sent; texts of edits that depend on it get this. */
export interface SendContext extends Destination {
  /** Number of the branch, 0 without a transaction. */
  readonly branch: number;
}

/** A place for a module's own state on a message; made once per module with `new ContextSlot()`. */
export class ContextSlot<T> {
  /** Phantom: the type of what is kept. */
  declare readonly type?: T;
}

/**
 * What belongs to one message in one run of a script. A failure or branch route gets a context of its own that shares the
 * transaction's lists and flags.
 */
export class ScriptContext implements ScriptState {
  /** See `ScriptState`. */
  rc = 1;
  stop = 0;
  /** Kind of the top route that runs. */
  scope: RouteScope;
  readonly services: Services;
  msg: SipMessage;
  /** Where the message came from and which socket received it. */
  sourceAddress: string;
  sourcePort: number;
  socket: ListenSocket;

  #newUri: string | null = null;
  #dstUri: string | null = null;
  /**
   * Whether the Request-URI is itself a target for the next relaying. Not so after it was relayed, and in failure routes, until
   * the Request-URI or the next hop is set, as in Kamailio.
   */
  uriIsTarget = true;
  /** Path of the first branch (route set put on when relaying). */
  path: string | null = null;
  /** `force_send_socket`, `$fs`. */
  forcedSocket: ListenSocket | null = null;
  /** Message flags (`setflag`), 32 bits. */
  flags = 0;
  /** Script flags (`setsflag`), 32 bits: of this run only. */
  scriptFlags = 0;
  /** Flags of the first branch (`setbflag`). */
  branchFlags = 0;
  /** q value of the first branch times 1000; -1: none. */
  q = -1;
  instance: string | null = null;
  regId = 0;
  ruid: string | null = null;
  locationUa: string | null = null;
  /** Further branches; the first one is the Request-URI itself. */
  branches: BranchTarget[] = [];
  /** Set by `force_rport()` / `add_local_rport()`. */
  forceRport = false;
  addLocalRport = false;
  /** `set_advertised_address`, `set_advertised_port`: written into the Via of this message instead of the socket's. */
  advertisedHost: string | null = null;
  advertisedPort = 0;
  /** In onsend_route: where the message goes and its text, for `$snd(...)`, `$sndto(...)`, `snd_ip`, `msg:len`. */
  sending: { readonly send: SendContext; readonly text: string } | null = null;
  /** Index of the branch in branch_route, onreply_route and failure_route; -1 when none applies. */
  branchIndex = -1;

  /** Header lines (each with CRLF) and body put into local replies: `append_to_reply`, Contact of `save`. */
  replyHeaders: string[] = [];
  replyBody: string | null = null;

  /** `$var` slots; numbered by the pv module. */
  vars: Value[] = [];
  /** `$avp`, `$xavp`, `$xavu`, `$xavi`; the transaction's own once there is one. */
  lists: AttributeLists;
  /** The transaction, once there is one; tm knows its type. */
  transaction: object | null = null;
  /** `drop` was used in a route that decides over the message. */
  dropped = false;
  /** What went wrong last when sending or relaying (a `SendError` code, negative); 0: nothing. `sl_reply_error` tells it to the sender. */
  sendError = 0;

  #uriText = "";
  #uriParts: SipUri | null = null;
  #edits: MessageEdits<SendContext> | null = null;
  #editsShared = false;
  #slots: Map<object, unknown> | null = null;

  // Made for each message: an object for the parameters would be made and thrown away each time.
  // oxlint-disable-next-line max-params
  constructor(
    services: Services,
    scope: RouteScope,
    msg: SipMessage,
    from: {
      readonly sourceAddress: string;
      readonly sourcePort: number;
      readonly socket: ListenSocket;
    },
    lists: AttributeLists = new AttributeLists(),
  ) {
    this.services = services;
    this.scope = scope;
    this.msg = msg;
    this.sourceAddress = from.sourceAddress;
    this.sourcePort = from.sourcePort;
    this.socket = from.socket;
    this.lists = lists;
  }

  /** Current Request-URI. */
  get uri(): string {
    return this.#newUri ?? this.msg.requestUri;
  }

  /** The Request-URI as rewritten by the script; null: as received. */
  get newUri(): string | null {
    return this.#newUri;
  }

  set newUri(uri: string | null) {
    this.#newUri = uri;
    this.uriIsTarget = true;
  }

  /** Next hop (`$du`); null: the Request-URI decides. */
  get dstUri(): string | null {
    return this.#dstUri;
  }

  set dstUri(uri: string | null) {
    this.#dstUri = uri;
    if (uri !== null) this.uriIsTarget = true;
  }

  /** The current Request-URI in its parts; null when it cannot be read, or in a reply. */
  get uriParts(): SipUri | null {
    const text = this.newUri;
    if (text === null) return this.msg.uri;
    if (text !== this.#uriText) {
      this.#uriText = text;
      this.#uriParts = parseUri(text) ?? null;
    }
    return this.#uriParts;
  }

  /** Changes to the message; made when first asked for. */
  get edits(): MessageEdits<SendContext> {
    if (this.#editsShared) {
      this.#editsShared = false;
      if (this.#edits !== null) this.#edits = this.#edits.clone();
    }
    return (this.#edits ??= new MessageEdits());
  }

  set edits(edits: MessageEdits<SendContext> | null) {
    this.#edits = edits;
    this.#editsShared = false;
  }

  /**
   * The edits so far, to be kept by someone else (a transaction, while a branch is built): whoever changes the message next works
   * on a copy.
   */
  shareEdits(): MessageEdits<SendContext> | null {
    this.#editsShared = true;
    return this.#edits;
  }

  /** Puts shared edits back or in: the next change works on a copy. */
  borrowEdits(edits: MessageEdits<SendContext> | null): void {
    this.#edits = edits;
    this.#editsShared = true;
  }

  /** The edits, or null when nothing was changed (saves making a list). */
  get editsIfAny(): MessageEdits<SendContext> | null {
    return this.#edits;
  }

  clearEdits(): void {
    this.#edits = null;
    this.#editsShared = false;
  }

  /** A module's own state on this message. */
  state<T>(slot: ContextSlot<T>): T | undefined {
    return this.#slots?.get(slot) as T | undefined;
  }

  setState<T>(slot: ContextSlot<T>, value: T): void {
    (this.#slots ??= new Map()).set(slot, value);
  }
}
