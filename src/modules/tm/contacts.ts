/** Serial forking: targets sorted by q in an xavp, and taken from it one priority at a time. */
import { BranchTarget, type ScriptContext } from "../../runtime/context.ts";
import { XavpNode, type XavpValue } from "../../runtime/lists.ts";
import { routeBranch } from "./functions-state.ts";
import type { TransactionLayer } from "./layer.ts";

/** Value of the field `q_flag` in the last contact of a priority; 0 in the others. */
const lastOfPriority = 4;

/** t_load_contacts(): `mode` 0 by falling q, 1 by lot. */
export function loadContacts(
  layer: TransactionLayer,
  context: ScriptContext,
  mode: number,
): number {
  const name = layer.params.contacts_avp;
  if (name === undefined || layer.params.contact_flows_avp === undefined) {
    layer.services.log.error("t_load_contacts: contacts_avp and contact_flows_avp must be set");
    return -1;
  }
  const targets = allTargets(context);
  if (targets.length < 2) return 1;
  context.branches = [];
  context.uriIsTarget = false;
  const ordered = mode === 1 ? drawn(layer, targets) : byPriority(targets);
  const nodes: XavpValue[] = ordered.map((target, i) => {
    const next = ordered[i + 1];
    const isLast = mode === 1 || next === undefined || next.q !== target.q;
    return toNode(target, isLast);
  });
  context.lists.xavps.set(name, nodes);
  return 1;
}

function allTargets(context: ScriptContext): BranchTarget[] {
  if (!context.uriIsTarget) return [...context.branches];
  const first = new BranchTarget(context.uri);
  first.dstUri = context.dstUri;
  first.path = context.path;
  first.q = context.q;
  first.flags = context.branchFlags;
  first.socket = context.forcedSocket;
  first.instance = context.instance;
  first.regId = context.regId;
  first.ruid = context.ruid;
  first.locationUa = context.locationUa;
  return [first, ...context.branches];
}

/** The highest q first, those without one last; of equal ones the last added first, as Kamailio. */
function byPriority(targets: readonly BranchTarget[]): BranchTarget[] {
  return targets.toReversed().sort((a, b) => b.q - a.q);
}

/** Drawn one after the other with q as weight; those without weight come last. */
function drawn(layer: TransactionLayer, targets: readonly BranchTarget[]): BranchTarget[] {
  const rest = targets.filter((target) => target.q > 0);
  const backup = targets.filter((target) => target.q <= 0);
  const order: BranchTarget[] = [];
  while (rest.length > 0) {
    const total = rest.reduce((sum, target) => sum + target.q, 0);
    let lot = layer.ids.word() % total;
    let i = 0;
    while (i < rest.length - 1 && lot >= (rest[i]?.q ?? 0)) lot -= rest[i++]?.q ?? 0;
    order.push(...rest.splice(i, 1));
  }
  return [...order, ...backup];
}

function toNode(target: BranchTarget, endsGroup: boolean): XavpNode {
  const node = new XavpNode();
  const put = (field: string, value: string | number | null): void => {
    if (value !== null && value !== "") node.fields.set(field, [value]);
  };
  put("uri", target.uri);
  put("dst_uri", target.dstUri);
  put("path", target.path);
  put("sock", target.socket?.text ?? null);
  put("flags", target.flags);
  put("instance", target.instance);
  put("ruid", target.ruid);
  put("user_agent", target.locationUa);
  put("reg_id", target.regId);
  put("q_index", target.q);
  put("q_flag", endsGroup ? lastOfPriority : 0);
  return node;
}

function fromNode(layer: TransactionLayer, node: XavpNode): BranchTarget {
  const target = new BranchTarget(text(node, "uri") ?? "");
  target.dstUri = text(node, "dst_uri");
  target.path = text(node, "path");
  target.flags = number(node, "flags");
  target.instance = text(node, "instance");
  target.ruid = text(node, "ruid");
  target.locationUa = text(node, "user_agent");
  target.regId = number(node, "reg_id");
  target.q = number(node, "q_index");
  const socket = text(node, "sock");
  if (socket !== null) {
    target.socket = layer.services.sockets.find((one) => one.text === socket) ?? null;
  }
  return target;
}

function text(node: XavpNode, field: string): string | null {
  const value = node.fields.get(field)?.[0];
  return typeof value === "string" ? value : null;
}

function number(node: XavpNode, field: string): number {
  const value = node.fields.get(field)?.[0];
  return typeof value === "number" ? value : 0;
}

/** t_next_contacts(): the next priority becomes the target set; one flow of each instance. */
export function nextContacts(layer: TransactionLayer, context: ScriptContext): number {
  const name = layer.params.contacts_avp;
  const flowsName = layer.params.contact_flows_avp;
  if (name === undefined || flowsName === undefined) {
    layer.services.log.error("t_next_contacts: contacts_avp and contact_flows_avp must be set");
    return -1;
  }
  const { xavps } = context.lists;
  const nodes = xavps.get(name);
  if (nodes === undefined || nodes.length === 0) return -2;
  xavps.delete(flowsName);
  const flows: XavpValue[] = [];
  const chosen = takeGroup(nodes, flows);
  if (nodes.length === 0) xavps.delete(name);
  if (flows.length > 0) xavps.set(flowsName, flows);
  const [first, ...others] = chosen.map((node) => fromNode(layer, node));
  if (first === undefined) return -1;
  setTarget(context, first);
  context.branches = others;
  return 1;
}

/** Takes nodes up to the end of their priority; further ones of an instance go to `flows`. */
function takeGroup(nodes: XavpValue[], flows: XavpValue[]): XavpNode[] {
  const chosen: XavpNode[] = [];
  const instances = new Set<string>();
  for (let node = nodes.shift(); node !== undefined; node = nodes.shift()) {
    if (!(node instanceof XavpNode)) continue;
    const instance = text(node, "instance");
    if (instance !== null && instances.has(instance)) flows.push(node);
    else {
      if (instance !== null) instances.add(instance);
      chosen.push(node);
    }
    if (number(node, "q_flag") === lastOfPriority) break;
  }
  return chosen;
}

function setTarget(context: ScriptContext, target: BranchTarget): void {
  context.newUri = target.uri;
  context.dstUri = target.dstUri;
  context.path = target.path;
  context.branchFlags = target.flags;
  context.q = target.q;
  context.instance = target.instance;
  context.regId = target.regId;
  context.ruid = target.ruid;
  context.locationUa = target.locationUa;
  if (target.socket !== null) context.forcedSocket = target.socket;
  context.uriIsTarget = true;
}

/** t_next_contact_flow(): the next flow of the instance whose flow failed. */
export function nextContactFlow(layer: TransactionLayer, context: ScriptContext): number {
  const flowsName = layer.params.contact_flows_avp;
  if (flowsName === undefined) return -1;
  const flows = context.lists.xavps.get(flowsName);
  if (flows === undefined || flows.length === 0) return -2;
  const transaction = layer.current(context);
  const failed = transaction === null ? undefined : routeBranch(transaction);
  const instance = failed?.instance ?? null;
  if (instance === null) return -2;
  const at = flows.findIndex(
    (node) => node instanceof XavpNode && text(node, "instance") === instance,
  );
  const node = at < 0 ? undefined : flows[at];
  if (!(node instanceof XavpNode)) return -2;
  flows.splice(at, 1);
  if (flows.length === 0) context.lists.xavps.delete(flowsName);
  setTarget(context, fromNode(layer, node));
  return 1;
}
