/** The ACKs that the transaction layer itself sends. */
import type { ScriptContext } from "../../runtime/context.ts";
import { nextHop } from "../../runtime/next-hop.ts";
import type { ResolvedTargets } from "../../runtime/services.ts";
import { buildAckNon2xx, buildLocalRequest } from "../../sip/build.ts";
import { Header } from "../../sip/headers.ts";
import { parseMessage, type SipMessage } from "../../sip/message.ts";
import type { TransactionLayer } from "./layer.ts";
import type { Branch } from "./transaction.ts";

/** The request of a branch as it was sent; null when it never was. */
export function sentMessage(branch: Branch): SipMessage | null {
  if (branch.sent === null && branch.text !== "") {
    const read = parseMessage(branch.text);
    if (read.ok) branch.sent = read.message;
  }
  return branch.sent;
}

/** Header lines of the sent request whose names start with ac_extra_hdrs. */
export function extraHeaders(layer: TransactionLayer, sent: SipMessage): string {
  const prefix = layer.params.ac_extra_hdrs.toLowerCase();
  if (prefix === "") return "";
  let lines = "";
  for (let i = 0; i < sent.headerCount; i++) {
    if (sent.headerType(i) !== Header.Other) continue;
    if (sent.headerName(i).toLowerCase().startsWith(prefix)) lines += sent.headerText(i);
  }
  return lines;
}

/** The ACK of a negative final reply, to where the INVITE went (RFC 3261, 17.1.1.3). */
export function acknowledge(layer: TransactionLayer, branch: Branch, reply: ScriptContext): void {
  const sent = sentMessage(branch);
  const to = branch.destination;
  if (sent === null || to === null) return;
  const text = buildAckNon2xx(sent, reply.msg, extraHeaders(layer, sent));
  to.socket.send(text, to.port, to.address);
}

/** The ACK of a 2xx to an INVITE of the engine itself (RFC 3261, 13.2.2.4); again for each retransmission of it. */
export function acknowledgeLocal(
  layer: TransactionLayer,
  branch: Branch,
  reply: ScriptContext,
): void {
  const sent = sentMessage(branch);
  const to = branch.destination;
  if (sent === null || to === null) return;
  const routes = (reply.msg.recordRoutes ?? [])
    .map((route) => route.text.slice(route.start, route.end))
    .toReversed();
  const contacts = reply.msg.contacts;
  const target = contacts?.list[0]?.uriText ?? sent.requestUri;
  const via = layer.services.sender.via(to.socket, `${branchOf(sent)}`, false);
  const headers: [string, string][] = [
    ["Via", via],
    ["From", sent.value(Header.From) ?? ""],
    ["Call-ID", sent.callId],
    ["To", reply.msg.value(Header.To) ?? ""],
    ["CSeq", `${sent.cseqNumber} ACK`],
    ...routes.map((route): [string, string] => ["Route", route]),
    ["Max-Forwards", "70"],
  ];
  const text = buildLocalRequest({ method: "ACK", uri: target, headers });
  const mode = layer.params.local_ack_mode;
  if (mode === 1) to.socket.send(text, to.port, to.address);
  else if (mode === 2) to.socket.send(text, reply.sourcePort, reply.sourceAddress);
  else sendToUri(layer, text, firstRouteUri(reply.msg) ?? target, branch);
}

/** A transaction of its own: the ACK of a 2xx has another branch than its INVITE (RFC 3261, 17.1.1.3). */
function branchOf(sent: SipMessage): string {
  return `${sent.via?.branch ?? ""}.ack`;
}

function firstRouteUri(reply: SipMessage): string | undefined {
  return reply.recordRoutes?.at(-1)?.uriText;
}

function sendToUri(layer: TransactionLayer, text: string, uri: string, branch: Branch): void {
  const hop = nextHop(uri);
  if (hop === undefined) return;
  const found = layer.services.resolver.resolve(hop.host, hop.port, hop.proto);
  if (found instanceof Promise) {
    void found.then((targets) => sendToFirst(layer, text, targets, branch));
  } else sendToFirst(layer, text, found, branch);
}

function sendToFirst(
  layer: TransactionLayer,
  text: string,
  targets: ResolvedTargets,
  branch: Branch,
): void {
  const target = targets[0];
  if (target === undefined) return;
  const socket = layer.services.sender.socketFor(
    branch.transaction.request,
    target.proto,
    target.address,
  );
  socket?.send(text, target.port, target.address);
}
