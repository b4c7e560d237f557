/** A request that the engine itself sends, and that nobody has looked at: what most of them stay. */
import type { ScriptContext } from "../../runtime/context.ts";
import { InvariantError } from "../../runtime/errors.ts";
import { AttributeLists } from "../../runtime/lists.ts";
import { nextHop } from "../../runtime/next-hop.ts";
import { parseMessage } from "../../sip/message.ts";
import type { LocalRequest } from "./api.ts";
import { putOnWire } from "./forward.ts";
import type { TransactionLayer } from "./layer.ts";
import { applyParams } from "./settings.ts";
import { Branch, type Transaction, TransactionFlag } from "./transaction.ts";

/** Its text as it was sent; read when somebody asks for it. */
export class OwnRequest {
  readonly method: string;
  readonly lists = new AttributeLists();
  text = "";
  readonly #layer: TransactionLayer;
  readonly #nextHop: string;

  constructor(layer: TransactionLayer, method: string, hop: string) {
    this.#layer = layer;
    this.method = method;
    this.#nextHop = hop;
  }

  read(transaction: Transaction): ScriptContext {
    const read = parseMessage(this.text);
    if (!read.ok) throw new InvariantError(`a request of our own cannot be read: ${read.problem}`);
    const context = this.#layer.services.localContext(read.message);
    context.lists = this.lists;
    context.dstUri = this.#nextHop;
    context.transaction = transaction;
    context.uriIsTarget = false;
    return context;
  }
}

/**
 * Sends a request without a message being made of it: one that no route wants to see, to an address that is known. Null: it takes
 * the long way.
 */
export function sendUnread(
  layer: TransactionLayer,
  request: LocalRequest,
  textOf: (via: string) => string,
): Transaction | null {
  if (!isPlain(layer, request)) return null;
  const { services } = layer;
  const hopText = request.nextHop ?? request.uri;
  const hop = nextHop(hopText);
  if (hop === undefined) return null;
  const targets = services.resolver.resolve(hop.host, hop.port, hop.proto);
  if (targets instanceof Promise) return null;
  const [target] = targets;
  if (target === undefined) return null;
  const chooser = layer.idleContext();
  chooser.forcedSocket = request.socket ?? null;
  const socket = services.sender.socketFor(chooser, target.proto, target.address);
  if (socket === undefined) return null;
  const own = new OwnRequest(layer, request.method, hopText);
  const transaction = layer.table.add(own, "", layer.now());
  applyParams(layer, transaction);
  const branch = new Branch(transaction, 0, request.uri);
  branch.dstUri = hopText;
  const { address, port, proto } = target;
  branch.destination = { address, port, proto, socket };
  if (targets.length > 1) branch.alternatives = targets.slice(1);
  own.text = textOf(services.sender.via(socket, `${transaction.branchBase}0`, false));
  branch.text = own.text;
  transaction.editsSaved = true;
  transaction.branches.push(branch);
  transaction.set(TransactionFlag.used, true);
  return transaction;
}

/** Sends what `sendUnread` has prepared. */
export function sendPrepared(layer: TransactionLayer, transaction: Transaction): void {
  for (const branch of transaction.branches) {
    if (branch.destination !== null) putOnWire(layer, branch, branch.destination);
  }
}

/** Header lines that the text has from elsewhere, or that say where it goes. */
const DECIDING = /^(?:Max-Forwards|Route)[ \t]*:/im;

/** Whether nothing has to be found out from the text, and nobody but its sender cares about it. */
function isPlain({ services, timeouts }: TransactionLayer, request: LocalRequest): boolean {
  const { method, uri, headers } = request;
  const { routes } = services;
  if (method === "INVITE" || uri === "" || /[\0-\x20]/.test(uri)) return false;
  if (headers !== undefined && DECIDING.test(headers)) return false;
  if (timeouts.fr !== null || timeouts.frInv !== null) return false;
  return !routes.has("event", "tm:local-request") && !routes.has("onsend", "0");
}
