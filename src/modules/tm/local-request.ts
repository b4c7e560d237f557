/** Requests that the engine itself sends, with a transaction (RFC 3261, 8.1). */
import type { ScriptContext } from "../../runtime/context.ts";
import { SendError, sendErrorReply } from "../../runtime/send-errors.ts";
import { parseMessage, type SipMessage } from "../../sip/message.ts";
import type { NameAddr } from "../../sip/name-addr.ts";
import { ownText } from "../../sip/chars.ts";
import type { ClientRequest, LocalRequest } from "./api.ts";
import { cancelAll } from "./cancel.ts";
import { forward } from "./forward.ts";
import type { TransactionLayer } from "./layer.ts";
import { sendPrepared, sendUnread } from "./own-request.ts";
import { applySettings } from "./settings.ts";
import { type Transaction, TransactionFlag } from "./transaction.ts";

/** Placeholder Via: the message is read before it is known which socket it leaves from. */
const UNSENT_VIA = "SIP/2.0/UDP unsent.invalid;branch=z9hG4bK0";

/** Code for requests that event_route[tm:local-request] dropped. */
const droppedCode = 403;

/** Sends a request; what cannot be sent is told to `onFinal`, later. */
export function sendLocalRequest(layer: TransactionLayer, request: LocalRequest): ClientRequest {
  const handle = new LocalHandle(layer);
  const prepared = sendUnread(layer, request, (via) => localText(layer, request, via));
  if (prepared !== null) {
    handle.transaction = prepared;
    listen(layer, prepared, request);
    sendPrepared(layer, prepared);
    return handle;
  }
  const read = parseMessage(localText(layer, request, UNSENT_VIA));
  if (!read.ok) {
    later(layer, () => request.onFinal?.(400, undefined, undefined));
    return handle;
  }
  const context = layer.services.localContext(read.message);
  context.scope = "local";
  context.dstUri = firstHop(request, read.message);
  context.forcedSocket = request.socket ?? null;
  const transaction = layer.table.add(context, "", layer.now());
  handle.transaction = transaction;
  context.transaction = transaction;
  applySettings(layer, transaction, context);
  listen(layer, transaction, request);
  const done = start(layer, transaction, context);
  if (done instanceof Promise) void layer.holdWhile(transaction, done);
  return handle;
}

/** Times and listeners that a request brings along. */
function listen(layer: TransactionLayer, transaction: Transaction, request: LocalRequest): void {
  if (request.timeoutMs !== undefined) setTimeoutOf(transaction, request.timeoutMs);
  if (request.repeatMs !== undefined) {
    transaction.retransmitT1 = Math.min(transaction.retransmitT1, request.repeatMs);
  }
  transaction.onFinal = request.onFinal ?? null;
  transaction.onProvisional = request.onProvisional ?? null;
  layer.counters.client.value++;
}

function setTimeoutOf(transaction: Transaction, timeoutMs: number): void {
  transaction.frTimeout = timeoutMs;
  transaction.lifetimeEnd = Math.max(transaction.lifetimeEnd, transaction.createdAt + timeoutMs);
}

/** Headers in the order in which Kamailio writes them. */
function localText(layer: TransactionLayer, request: LocalRequest, via: string): string {
  const { userAgentHeader } = layer.services;
  const headers = request.headers ?? "";
  const body = request.body ?? "";
  const hops = /^Max-Forwards[ \t]*:/im.test(headers) ? "" : "Max-Forwards: 70\r\n";
  return (
    `${request.method} ${request.uri} SIP/2.0\r\nVia: ${via}\r\n` +
    `To: ${request.to}\r\nFrom: ${request.from}\r\nCSeq: ${request.cseq} ${request.method}\r\n` +
    `Call-ID: ${request.callId}\r\n${hops}Content-Length: ${body.length}\r\n` +
    `${userAgentHeader === "" ? "" : `${userAgentHeader}\r\n`}${headers}\r\n${body}`
  );
}

/** Runs event_route[tm:local-request], then sends. */
function start(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void | Promise<void> {
  const { routes } = layer.services;
  if (!routes.has("event", "tm:local-request")) return send(layer, transaction, context);
  const code = routes.run("event", "tm:local-request", context);
  if (code instanceof Promise) return code.then(() => afterRoute(layer, transaction, context));
  return afterRoute(layer, transaction, context);
}

function afterRoute(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void | Promise<void> {
  if (context.dropped) {
    giveUp(layer, transaction, droppedCode);
    return;
  }
  return send(layer, transaction, context);
}

function send(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
): void | Promise<void> {
  removeUnsentVia(context);
  context.uriIsTarget = true;
  transaction.newUri = context.newUri;
  const code = forward(layer, transaction, context, null);
  if (code instanceof Promise) return code.then((value) => sent(layer, transaction, value));
  sent(layer, transaction, code);
}

/** Where to: an explicit next hop, the first Route, or the Request-URI (RFC 3261, 8.1.2). */
function firstHop(request: LocalRequest, message: SipMessage): string {
  return request.nextHop ?? message.routes?.[0]?.uriText ?? message.requestUri;
}

function removeUnsentVia(context: ScriptContext): void {
  const message = context.msg;
  for (let i = 0; i < message.headerCount; i++) {
    if (message.headerStart(i) === message.firstLineEnd) context.edits.removeHeader(message, i);
  }
}

function sent(layer: TransactionLayer, transaction: Transaction, code: number): void {
  if (code > 0 || transaction.isDestroyed) return;
  giveUp(layer, transaction, code === SendError.general ? 477 : sendErrorReply(code).status);
}

function giveUp(layer: TransactionLayer, transaction: Transaction, code: number): void {
  const { onFinal } = transaction;
  transaction.onFinal = null;
  transaction.status = code;
  later(layer, () => {
    layer.destroy(transaction);
    onFinal?.(code, undefined, undefined);
  });
}

/** Not before `request` has returned: callers have not stored the handle yet. */
function later(layer: TransactionLayer, call: () => void): void {
  layer.services.clock.after(0, call);
}

class LocalHandle implements ClientRequest {
  transaction: Transaction | null = null;
  readonly #layer: TransactionLayer;

  constructor(layer: TransactionLayer) {
    this.#layer = layer;
  }

  cancel(): void {
    if (this.transaction !== null) cancelLocal(this.#layer, this.transaction);
  }

  abandon(): void {
    const { transaction } = this;
    if (transaction === null || transaction.isFinal) return;
    transaction.onFinal = null;
    transaction.onProvisional = null;
    this.#layer.destroy(transaction);
  }
}

/** Cancels an INVITE of our own. */
export function cancelLocal(layer: TransactionLayer, transaction: Transaction): void {
  if (transaction.isDestroyed || transaction.isFinal || !transaction.isInvite) return;
  transaction.set(TransactionFlag.canceled, true);
  cancelAll(layer, transaction, 0);
}

/** What t_uac_send() and tm.t_uac_* give: header lines of which some are ours to read. */
export interface RawRequest {
  readonly method: string;
  readonly uri: string;
  readonly nextHop: string;
  readonly socket: string;
  readonly headers: string;
  readonly body: string;
}

/** Reads header lines into a request; a sentence says what is wrong with them. */
export function readRawRequest(layer: TransactionLayer, raw: RawRequest): LocalRequest | string {
  if (!/^[A-Za-z0-9.!%*_+`'~-]+$/.test(raw.method)) return "the method is no token";
  const block = raw.headers.replace(/\r?\n/g, "\r\n").replace(/(\r\n)+$/, "");
  const read = parseMessage(
    `${raw.method} ${raw.uri} SIP/2.0\r\nVia: ${UNSENT_VIA}\r\n${block}\r\n\r\n`,
  );
  if (!read.ok || read.message.uri === null) return "the Request-URI or a header cannot be read";
  const message = read.message;
  const { from, to } = message;
  if (!from || !to) return "From and To are needed";
  if (raw.body !== "" && message.contentType === "") return "a body needs Content-Type";
  const socket = raw.socket === "" ? undefined : findSocket(layer, raw.socket);
  if (raw.socket !== "" && socket === undefined) return "there is no such socket";
  return {
    method: raw.method,
    uri: ownText(raw.uri),
    from: from.hasTag ? valueOf(from) : `${valueOf(from)};tag=${layer.ids.tag()}`,
    to: valueOf(to),
    callId: message.callId === "" ? newCallId(layer, socket) : message.callId,
    cseq: message.cseqNumber >= 0 ? message.cseqNumber : firstCseq,
    headers: furtherHeaders(message),
    body: raw.body,
    nextHop: raw.nextHop === "" ? undefined : raw.nextHop,
    socket,
  };
}

/** CSeq of requests that do not say theirs, as Kamailio's. */
const firstCseq = 10;

/** The whole value of an address header. */
function valueOf(address: NameAddr): string {
  return ownText(address.text.slice(address.start, address.end));
}

function newCallId(layer: TransactionLayer, socket: LocalRequest["socket"]): string {
  return layer.ids.callId((socket ?? layer.services.sockets[0])?.viaHost ?? "localhost");
}

const ownHeaders = new Set([
  "via",
  "v",
  "from",
  "f",
  "to",
  "t",
  "call-id",
  "i",
  "cseq",
  "content-length",
  "l",
]);

function furtherHeaders(message: SipMessage): string {
  let lines = "";
  for (let i = 0; i < message.headerCount; i++) {
    if (!ownHeaders.has(message.headerName(i).toLowerCase())) lines += message.headerText(i);
  }
  return lines;
}

function findSocket(layer: TransactionLayer, text: string): LocalRequest["socket"] {
  return layer.services.sockets.find((socket) => socket.text === text || socket.name === text);
}
