/** Remote commands of tm. */
import {
  RpcError,
  type RpcImplementation,
  type RpcReply,
  type RpcValue,
} from "../../runtime/module.ts";
import { Header } from "../../sip/headers.ts";
import { cleanTransactions } from "./functions-state.ts";
import type { TransactionLayer } from "./layer.ts";
import { replyLocally } from "./local-reply.ts";
import { cancelLocal, readRawRequest, sendLocalRequest } from "./local-request.ts";
import { finalReply, Remains, type Waiting } from "./remains.ts";
import type { Transaction } from "./transaction.ts";

type Params = readonly (string | number)[];

/** Longest wait for the reply that tm.t_uac_wait_block gives back, milliseconds. */
const blockMs = 80_000;

function words(params: Params, count: number, usage: string): string[] {
  if (params.length < count) throw new RpcError(400, `parameters: ${usage}`);
  return params.map(String);
}

function one(value: RpcValue): RpcReply {
  return { values: [value] };
}

function stats(layer: TransactionLayer): RpcReply {
  const { counters, table } = layer;
  const [, , c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0] = counters.completed.map((c) => c.value);
  const created = counters.server.value + counters.client.value;
  return one({
    current: table.size,
    waiting: counters.waiting,
    total: created,
    total_local: counters.client.value,
    rpl_received: counters.received.value,
    rpl_generated: counters.generated.value,
    rpl_sent: counters.sent.value,
    "6xx": c6,
    "5xx": c5,
    "4xx": c4,
    "3xx": c3,
    "2xx": c2,
    created,
    freed: counters.freed,
    delayed_free: 0,
  });
}

function* list(layer: TransactionLayer): Iterable<RpcValue> {
  for (const transaction of layer.table.everything()) yield describe(layer, transaction);
}

function describe(layer: TransactionLayer, transaction: Waiting): RpcValue {
  const isReduced = transaction instanceof Remains;
  const message = isReduced ? finalReply(transaction) : transaction.request.msg;
  return {
    tindex: isReduced ? layer.table.indexOf(transaction.slot) : transaction.index,
    tlabel: transaction.label,
    method: transaction.method,
    from: message?.value(Header.From) ?? "",
    to: message?.value(Header.To) ?? "",
    callid: message?.callId ?? "",
    cseq: message?.cseqNumber ?? 0,
    uas_request: transaction.key === "" ? "no" : "yes",
    tflags: transaction.flags,
    outgoings: isReduced ? transaction.branchCount : transaction.branches.length,
    ref_count: 1,
    lifetime: Math.max(0, Math.round(transaction.lifetimeEnd - layer.now())),
  };
}

function find(layer: TransactionLayer, id: string): Transaction {
  const [index = "", label = ""] = id.split(":");
  const transaction = layer.table.find(Number(index), Number(label));
  if (transaction === null) throw new RpcError(404, "there is no such transaction");
  return transaction;
}

interface ReplyWords {
  readonly code: string;
  readonly reason: string;
  readonly toTag: string;
  readonly headers: string;
  readonly body: string;
}

function reply(layer: TransactionLayer, transaction: Transaction, words_: ReplyWords): RpcReply {
  const status = Number(words_.code);
  if (!(status >= 100 && status <= 699)) throw new RpcError(400, "the code is no status");
  const headers = words_.headers === "." ? "" : lines(words_.headers);
  const code = replyLocally(layer, transaction, {
    status,
    reason: words_.reason,
    headers,
    body: words_.body === "" ? null : words_.body,
    ...(words_.toTag === "" || words_.toTag === "." ? {} : { toTag: words_.toTag }),
  });
  if (code < 0) throw new RpcError(500, "a final reply was sent already");
  return { values: [] };
}

/** Header lines with proper ends. */
function lines(text: string): string {
  const clean = text.replace(/\r?\n/g, "\r\n");
  return clean === "" || clean.endsWith("\r\n") ? clean : `${clean}\r\n`;
}

function dot(text: string): string {
  return text === "." ? "" : text;
}

/** Sends a request; resolves with its final reply. */
function startRequest(
  layer: TransactionLayer,
  params: Params,
  timeoutMs?: number,
): Promise<RpcReply> {
  const usage = "method ruri nexthop socket headers [body]";
  const [method = "", uri = "", hop = "", socket = "", headers = "", body = ""] = words(
    params,
    5,
    usage,
  );
  const raw = { method, uri, nextHop: dot(hop), socket: dot(socket), headers, body };
  const request = readRawRequest(layer, raw);
  if (typeof request === "string") throw new RpcError(400, request);
  return new Promise((resolve) => {
    sendLocalRequest(layer, {
      ...request,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onFinal: (code, message) => {
        const first = `${code} ${message?.reason ?? "no reply"}`;
        resolve(message === undefined ? { values: [first] } : { values: [first, message.text] });
      },
    });
  });
}

async function blockForReply(layer: TransactionLayer, params: Params): Promise<RpcReply> {
  const { values } = await startRequest(layer, params, blockMs);
  const first = String(values[0] ?? "");
  if (values.length < 2) throw new RpcError(500, "no reply");
  const space = first.indexOf(" ");
  return { values: [Number(first.slice(0, space)), first.slice(space + 1)] };
}

export function tmRpc(layer: TransactionLayer) {
  const byCall = (
    callId: string,
    cseq: string,
    isWanted: (t: Transaction) => boolean,
  ): Transaction => {
    const found = layer.table.findCall(callId, Number(cseq), isWanted);
    if (found === null) throw new RpcError(404, "there is no such transaction");
    return found;
  };
  const commands = {
    "tm.list": () => list(layer),
    "tm.stats": () => stats(layer),
    "tm.hash_stats": () =>
      one({
        hash_size: layer.table.capacity,
        crt_transactions: layer.table.size,
        crt_target: layer.table.capacity === 0 ? 0 : layer.table.size / layer.table.capacity,
      }),
    "tm.cancel": (params) => {
      const [callId = "", cseq = ""] = words(params, 2, "callid cseq");
      cancelLocal(
        layer,
        byCall(callId, cseq, (t) => t.isLocal && t.isInvite),
      );
      return { values: [] };
    },
    "tm.reply": (params) => {
      const usage = "code reason trans_id to_tag new_headers [body]";
      const [code = "", reason = "", id = "", toTag = "", headers = "", body = ""] = words(
        params,
        5,
        usage,
      );
      return reply(layer, find(layer, id), { code, reason, toTag, headers, body });
    },
    "tm.reply_callid": (params) => {
      const usage = "code reason callid cseq to_tag new_headers [body]";
      const [code = "", reason = "", callId = "", cseq = "", toTag = "", headers = "", body = ""] =
        words(params, 6, usage);
      const transaction = byCall(callId, cseq, (t) => !t.isLocal && t.method !== "CANCEL");
      return reply(layer, transaction, { code, reason, toTag, headers, body });
    },
    "tm.clean": () => {
      cleanTransactions(layer);
      return { values: [] };
    },
    "tm.t_uac_start": (params) => {
      void startRequest(layer, params);
      return { values: [] };
    },
    "tm.t_uac_wait": (params) => startRequest(layer, params),
    "tm.t_uac_wait_block": (params) => blockForReply(layer, params),
  } satisfies Record<string, RpcImplementation>;
  return commands;
}
