/** Script functions that relay, reply, and cancel. */
import type { ScriptContext } from "../../runtime/context.ts";
import { type NextHop, nextHop } from "../../runtime/next-hop.ts";
import type { Proto } from "../../runtime/transport.ts";
import { forward, saveEdits } from "./forward.ts";
import type { TransactionLayer } from "./layer.ts";
import { replyFromScript } from "./local-reply.ts";
import { sendLocalRequest, readRawRequest } from "./local-request.ts";
import { Made, newTransaction, releaseTransaction } from "./new-transaction.ts";
import { type RelayOptions, plainRelay, relay, takeCancel } from "./relay.ts";
import { sendReplyText } from "./server.ts";

/** An address given to a function; a port of 0 is not given. */
function addressOf(host: string, port: number, proto: Proto | undefined): NextHop {
  return {
    host,
    ...(port > 0 ? { port } : {}),
    ...(proto === undefined ? {} : { proto }),
  };
}

function relayTo(
  layer: TransactionLayer,
  context: ScriptContext,
  address: NextHop | null,
): number | Promise<number> {
  return relay(layer, context, { ...plainRelay, address });
}

/** UDP whatever the URI's transport says. */
function overUdp(context: ScriptContext): NextHop | null {
  const hop = nextHop(context.dstUri ?? context.uri);
  return hop === undefined ? null : { ...hop, proto: "udp" };
}

function replicateTo(
  layer: TransactionLayer,
  context: ScriptContext,
  address: NextHop | null,
): number | Promise<number> {
  return relay(layer, context, { ...plainRelay, address, replicate: true });
}

/** `proto:host:port`; proto and port may be left out. */
export function parseProxy(text: string): NextHop | undefined {
  const match = /^(?:(udp|tcp|tls|sctp):)?(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/i.exec(text.trim());
  const host = match?.[2];
  if (match === null || host === undefined) return undefined;
  const proto = match[1]?.toLowerCase() as Proto | undefined;
  return addressOf(host, Number(match[3] ?? 0), proto);
}

/** Flags of t_relay_to(). */
const RelayToFlag = { noTrying: 1, noErrorReply: 2, noFailover: 4 } as const;

function relayWithFlags(
  layer: TransactionLayer,
  context: ScriptContext,
  address: NextHop | null,
  flags: number,
): number | Promise<number> {
  const options: RelayOptions = {
    address,
    noTrying: (flags & RelayToFlag.noTrying) !== 0,
    noErrorReply: (flags & RelayToFlag.noErrorReply) !== 0,
    noFailover: (flags & RelayToFlag.noFailover) !== 0,
    replicate: false,
  };
  return relay(layer, context, options);
}

function relayToProxyOrFlags(
  layer: TransactionLayer,
  context: ScriptContext,
  target: string,
): number | Promise<number> {
  const flags = /^(0x[0-9a-f]+|\d+)$/i.test(target) ? Number(target) : undefined;
  if (flags !== undefined) return relayWithFlags(layer, context, null, flags);
  const address = parseProxy(target);
  return address === undefined ? -1 : relayWithFlags(layer, context, address, 0);
}

function forwardNonAck(
  layer: TransactionLayer,
  context: ScriptContext,
  address: NextHop | null,
): number | Promise<number> {
  const transaction = layer.current(context);
  return transaction === null ? -1 : forward(layer, transaction, context, address);
}

function replyWith(
  layer: TransactionLayer,
  context: ScriptContext,
  code: number,
  reason: string,
): number {
  const transaction = layer.current(context);
  if (transaction === null) return -1;
  const { default_code: defaultCode, default_reason: defaultReason } = layer.params;
  const isStatus = code >= 100 && code <= 699;
  return replyFromScript(layer, transaction, context, {
    status: isStatus ? code : defaultCode,
    reason: reason === "" ? defaultReason : reason,
  });
}

function makeAndReply(
  layer: TransactionLayer,
  context: ScriptContext,
  code: number,
  reason: string,
): number {
  if (layer.current(context) === null) {
    const made = newTransaction(layer, context);
    if (made <= 0) return made;
  }
  return replyWith(layer, context, code, reason);
}

function releaseCurrent(layer: TransactionLayer, context: ScriptContext): number {
  const transaction = layer.current(context);
  if (transaction !== null) releaseTransaction(layer, transaction);
  return 1;
}

function relayCancelOnly(layer: TransactionLayer, context: ScriptContext): number {
  if (context.msg.method !== "CANCEL") return 1;
  const invite = layer.table.findCanceled(context.msg);
  if (invite === undefined) return 1;
  return takeCancel(layer, context, invite) > 0 ? 0 : -1;
}

function saveLumps(layer: TransactionLayer, context: ScriptContext): number {
  const transaction = layer.current(context);
  if (transaction === null) return -1;
  saveEdits(transaction, context);
  return 1;
}

function newTransactionCode(layer: TransactionLayer, context: ScriptContext): number {
  const made = newTransaction(layer, context);
  return made === Made.already ? -1 : made;
}

function uacSend(layer: TransactionLayer, args: readonly string[]): number {
  const [method = "", uri = "", hop = "", socket = "", headers = "", body = ""] = args;
  const raw = { method, uri, nextHop: hop, socket, headers, body };
  const request = readRawRequest(layer, raw);
  if (typeof request === "string") {
    layer.services.log.error(`t_uac_send: ${request}`);
    return -1;
  }
  sendLocalRequest(layer, request);
  return 1;
}

export function relayFunctions(layer: TransactionLayer) {
  type C = ScriptContext;
  return {
    t_relay: {
      plain: (context: C) => relay(layer, context, plainRelay),
      to: (context: C, host: string, port: number) =>
        relayTo(layer, context, addressOf(host, port, undefined)),
    },
    t_relay_to_udp: {
      plain: (context: C) => relayTo(layer, context, overUdp(context)),
      to: (context: C, host: string, port: number) =>
        relayTo(layer, context, addressOf(host, port, "udp")),
    },
    t_relay_to: {
      plain: (context: C) => relay(layer, context, plainRelay),
      proxyOrFlags: (context: C, target: string) => relayToProxyOrFlags(layer, context, target),
      both: (context: C, proxy: string, flags: number) => {
        const address = parseProxy(proxy);
        return address === undefined ? -1 : relayWithFlags(layer, context, address, flags);
      },
    },
    t_forward_nonack: {
      plain: (context: C) => forwardNonAck(layer, context, null),
      to: (context: C, host: string, port: number) =>
        forwardNonAck(layer, context, addressOf(host, port, undefined)),
    },
    t_forward_nonack_uri: (context: C) => forwardNonAck(layer, context, null),
    t_forward_nonack_udp: (context: C, host: string, port: number) =>
      forwardNonAck(layer, context, addressOf(host, port, "udp")),
    t_replicate: {
      plain: (context: C) => replicateTo(layer, context, null),
      uri: (context: C, uri: string) => {
        const hop = nextHop(uri);
        return hop === undefined ? -1 : replicateTo(layer, context, hop);
      },
      to: (context: C, host: string, port: number) =>
        replicateTo(layer, context, addressOf(host, port, undefined)),
    },
    t_replicate_udp: (context: C, host: string, port: number) =>
      replicateTo(layer, context, addressOf(host, port, "udp")),
    t_replicate_to: (context: C, proto: string, hostPort: string) => {
      const address = parseProxy(`${proto}:${hostPort}`);
      return address === undefined ? -1 : replicateTo(layer, context, address);
    },
  };
}

export function transactionFunctions(layer: TransactionLayer) {
  type C = ScriptContext;
  return {
    t_newtran: (context: C) => newTransactionCode(layer, context),
    t_reply: (context: C, code: number, reason: string) => replyWith(layer, context, code, reason),
    t_send_reply: (context: C, code: number, reason: string) =>
      makeAndReply(layer, context, code, reason),
    t_retransmit_reply: (context: C) => {
      const transaction = layer.current(context);
      return transaction !== null && sendReplyText(transaction) ? 1 : -1;
    },
    t_release: (context: C) => releaseCurrent(layer, context),
    t_relay_cancel: (context: C) => relayCancelOnly(layer, context),
    t_save_lumps: (context: C) => saveLumps(layer, context),
    // oxlint-disable-next-line max-params -- the script function has that many
    t_uac_send: (
      _context: C,
      method: string,
      uri: string,
      hop: string,
      socket: string,
      headers: string,
      body: string,
    ) => uacSend(layer, [method, uri, hop, socket, headers, body]),
  };
}
