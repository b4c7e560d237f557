/** Sending a request to its targets: one branch for each (RFC 3261, 16.6). */
import { BranchTarget, type ScriptContext, type SendContext } from "../../runtime/context.ts";
import { type NextHop, nextHop, nextHopOf } from "../../runtime/next-hop.ts";
import { SendError } from "../../runtime/send-errors.ts";
import type { ResolvedTargets } from "../../runtime/services.ts";
import type { Destination } from "../../runtime/transport.ts";
import { buildRequest, type ViaStamp } from "../../sip/build.ts";
import { runBranchRoute } from "./branch-route.ts";
import type { TransactionLayer } from "./layer.ts";
import { startBranch } from "./timers.ts";
import { Branch, type RequestEdits, type Transaction, TransactionFlag } from "./transaction.ts";

/** One call of t_relay(): what all its branches share, and what became of them so far. */
export interface Relaying {
  readonly layer: TransactionLayer;
  readonly transaction: Transaction;
  readonly context: ScriptContext;
  /** Address that all branches go to instead of their own. */
  readonly address: NextHop | null;
  /** For the sender's Via; none in requests of the engine itself. */
  readonly stamp: ViaStamp | undefined;
  readonly added: Branch[];
  /** The worst code of those that could not be made. */
  worst: number;
}

/** Sends the request to all targets of the context. 1, or a code of `SendError` when none was sent. */
export function forward(
  layer: TransactionLayer,
  transaction: Transaction,
  context: ScriptContext,
  address: NextHop | null,
): number | Promise<number> {
  if (transaction.isCanceled) return SendError.canceled;
  const relaying: Relaying = {
    layer,
    transaction,
    context,
    address,
    stamp: transaction.isLocal ? undefined : layer.services.sender.stamp(context),
    added: [],
    worst: SendError.general,
  };
  const targets = takeTargets(context);
  if (targets.length === 0) return SendError.noBranch;
  saveEdits(transaction, context);
  const prepared = prepareAll(relaying, targets, 0);
  if (prepared instanceof Promise) return prepared.then(() => sendAll(relaying));
  return sendAll(relaying);
}

/** The Request-URI, if it is a target itself, and all branches; the context is left without targets. */
function takeTargets(context: ScriptContext): BranchTarget[] {
  const more = context.branches;
  if (more.length > 0) context.branches = [];
  if (!context.uriIsTarget) return more;
  context.uriIsTarget = false;
  const first = new BranchTarget(context.uri);
  first.dstUri = context.dstUri;
  first.path = context.path;
  first.flags = context.branchFlags;
  first.socket = context.forcedSocket;
  first.instance = context.instance;
  first.regId = context.regId;
  first.ruid = context.ruid;
  first.locationUa = context.locationUa;
  if (more.length === 0) return [first];
  more.unshift(first);
  return more;
}

/** failure_routes start from the message as it was when it was relayed first. */
export function saveEdits(transaction: Transaction, context: ScriptContext): void {
  if (transaction.editsSaved || context.scope === "failure") return;
  transaction.editsSaved = true;
  transaction.edits = context.shareEdits();
  transaction.messageFlags = context.flags;
}

/** Makes the branches one after the other; goes on later where a branch_route or the name service takes its time. */
function prepareAll(
  relaying: Relaying,
  targets: readonly BranchTarget[],
  from: number,
): void | Promise<void> {
  for (let i = from; i < targets.length; i++) {
    const code = addBranch(relaying, targets[i] as BranchTarget);
    if (code instanceof Promise) {
      return code.then((value) => {
        note(relaying, value);
        return prepareAll(relaying, targets, i + 1);
      });
    }
    note(relaying, code);
  }
}

function note(relaying: Relaying, code: number): void {
  if (code < 0) relaying.worst = Math.min(relaying.worst, code);
}

function addBranch(relaying: Relaying, target: BranchTarget): number | Promise<number> {
  const { layer, transaction, context } = relaying;
  if (transaction.branches.length >= maxBranches(layer)) return SendError.general;
  const branch = new Branch(transaction, transaction.branches.length, target.uri);
  branch.dstUri = target.dstUri;
  branch.path = target.path;
  branch.flags = target.flags;
  branch.socket = target.socket;
  branch.instance = target.instance;
  branch.regId = target.regId;
  branch.ruid = target.ruid;
  branch.locationUa = target.locationUa;
  branch.onBranchFailure = transaction.onBranchFailure;
  transaction.branches.push(branch);
  const route = transaction.onBranch;
  if (route === null || !layer.services.routes.has("branch", route)) {
    return resolveBranch(relaying, branch, context.editsIfAny);
  }
  const edits = runBranchRoute(layer, branch, context, route);
  if (edits instanceof Promise) return edits.then((value) => afterRoute(relaying, branch, value));
  return afterRoute(relaying, branch, edits);
}

function maxBranches(layer: TransactionLayer): number {
  const set = layer.services.globals.int("max_branches");
  return set > 0 ? set : 12;
}

/** `undefined`: the branch_route dropped it. */
function afterRoute(
  relaying: Relaying,
  branch: Branch,
  edits: RequestEdits | null | undefined,
): number | Promise<number> {
  if (edits === undefined) {
    takeBack(branch);
    return SendError.noBranch;
  }
  return resolveBranch(relaying, branch, edits);
}

function resolveBranch(
  relaying: Relaying,
  branch: Branch,
  edits: RequestEdits | null,
): number | Promise<number> {
  const hop = relaying.address ?? hopOf(relaying.context, branch.dstUri ?? branch.uri);
  if (hop === undefined) {
    takeBack(branch);
    return SendError.notResolved;
  }
  const found = relaying.layer.services.resolver.resolve(hop.host, hop.port, hop.proto);
  if (found instanceof Promise)
    return found.then((all) => buildBranch(relaying, branch, edits, all));
  return buildBranch(relaying, branch, edits, found);
}

/** Mostly it is the Request-URI, which has been read already. */
function hopOf(context: ScriptContext, uri: string): NextHop | undefined {
  const known = context.uriParts;
  return known !== null && known.text === uri ? nextHopOf(known) : nextHop(uri);
}

function buildBranch(
  relaying: Relaying,
  branch: Branch,
  edits: RequestEdits | null,
  targets: ResolvedTargets,
): number {
  const { layer, context } = relaying;
  const target = targets[0];
  if (target === undefined) {
    takeBack(branch);
    return SendError.notResolved;
  }
  const { sender } = layer.services;
  const forced = context.forcedSocket;
  context.forcedSocket = branch.socket;
  const socket = sender.socketFor(context, target.proto, target.address);
  context.forcedSocket = forced;
  if (socket === undefined) {
    takeBack(branch);
    return SendError.noSocket;
  }
  const send: SendContext = {
    address: target.address,
    port: target.port,
    proto: target.proto,
    socket,
    branch: branch.index,
  };
  branch.destination = send;
  branch.alternatives = targets.length > 1 ? targets.slice(1) : null;
  branch.text = requestText(relaying, branch, edits, send);
  relaying.added.push(branch);
  return branch.index;
}

function requestText(
  relaying: Relaying,
  branch: Branch,
  edits: RequestEdits | null,
  send: SendContext,
): string {
  const { layer, transaction, context } = relaying;
  const number = branch.index.toString(16);
  const via = layer.services.sender.via(
    send.socket,
    transaction.branchBase + number,
    context.addLocalRport,
    context,
  );
  const hasPath = branch.path !== null && branch.path !== "";
  const route = hasPath ? `\r\nRoute: ${branch.path}` : "";
  return buildRequest(
    context.msg,
    {
      via: `Via: ${via}${route}`,
      uri: branch.uri,
      stamp: relaying.stamp,
      edits: edits ?? undefined,
    },
    send,
  );
}

/** Takes back a branch that could not be made. */
function takeBack(branch: Branch): void {
  const { branches } = branch.transaction;
  if (branches.at(-1) === branch) branches.pop();
  else branch.isDropped = true;
}

function sendAll(relaying: Relaying): number {
  const { layer, transaction, context } = relaying;
  // A branch_route is for this step only.
  transaction.onBranch = null;
  if (transaction.isCanceled || transaction.isDestroyed) {
    for (const branch of relaying.added.toReversed()) takeBack(branch);
    return SendError.canceled;
  }
  transaction.messageFlags = context.flags;
  let sent = 0;
  for (const branch of relaying.added) if (sendBranch(layer, branch, context)) sent++;
  if (sent > 0) {
    transaction.set(TransactionFlag.used, true);
    return 1;
  }
  for (const branch of relaying.added.toReversed()) takeBack(branch);
  return relaying.added.length > 0 ? SendError.notSent : relaying.worst;
}

/** Sends a branch and starts its timers; false when onsend_route kept it back. */
export function sendBranch(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext,
): boolean {
  const to = branch.destination;
  if (to === null) return false;
  if (layer.services.routes.has("onsend", "0") && !passesOnSend(branch, context)) {
    branch.isDropped = true;
    return false;
  }
  putOnWire(layer, branch, to);
  return true;
}

/** Sends a branch and starts its timers, with no route asked. */
export function putOnWire(layer: TransactionLayer, branch: Branch, to: Destination): void {
  const transaction = branch.transaction;
  transaction.sentBranches++;
  to.socket.send(branch.text, to.port, to.address);
  startBranch(layer, branch);
  for (const listener of layer.listeners) listener.requestOut?.(transaction, branch);
}

/** onsend_route: `drop` in it keeps the request back. It must not wait for anything. */
function passesOnSend(branch: Branch, context: ScriptContext): boolean {
  const { scope, dropped } = context;
  context.scope = "onsend";
  context.dropped = false;
  if (branch.destination !== null) {
    const { address, port, proto, socket } = branch.destination;
    context.sending = {
      send: { address, port, proto, socket, branch: branch.index },
      text: branch.text,
    };
  }
  const code = context.services.routes.run("onsend", "0", context);
  const passes = !context.dropped && code !== 0;
  context.sending = null;
  context.scope = scope;
  context.dropped = dropped;
  return passes;
}
