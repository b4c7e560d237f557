/** branch_route: the script's say about one branch before it is sent. */
import type { ScriptContext } from "../../runtime/context.ts";
import type { TransactionLayer } from "./layer.ts";
import type { Branch, RequestEdits } from "./transaction.ts";

/** What a branch_route changes for its branch only, as it was before. */
interface Saved {
  readonly newUri: string | null;
  readonly dstUri: string | null;
  readonly path: string | null;
  readonly forcedSocket: ScriptContext["forcedSocket"];
  readonly branchFlags: number;
  readonly instance: string | null;
  readonly regId: number;
  readonly ruid: string | null;
  readonly locationUa: string | null;
  readonly scope: ScriptContext["scope"];
  readonly branchIndex: number;
  readonly edits: RequestEdits | null;
  readonly rc: number;
  readonly stop: number;
  readonly dropped: boolean;
}

/**
 * Runs the branch_route on the message's own context, so that `$var` and flags are those of the script that relays. Hands
 * back the edits of this branch; `undefined` when the route dropped it.
 */
export function runBranchRoute(
  layer: TransactionLayer,
  branch: Branch,
  context: ScriptContext,
  route: string,
): RequestEdits | null | undefined | Promise<RequestEdits | null | undefined> {
  const saved = enter(branch, context);
  const code = layer.services.routes.run("branch", route, context);
  if (code instanceof Promise) return code.then(() => leave(branch, context, saved));
  return leave(branch, context, saved);
}

function enter(branch: Branch, context: ScriptContext): Saved {
  const saved: Saved = {
    newUri: context.newUri,
    dstUri: context.dstUri,
    path: context.path,
    forcedSocket: context.forcedSocket,
    branchFlags: context.branchFlags,
    instance: context.instance,
    regId: context.regId,
    ruid: context.ruid,
    locationUa: context.locationUa,
    scope: context.scope,
    branchIndex: context.branchIndex,
    edits: context.shareEdits(),
    rc: context.rc,
    stop: context.stop,
    dropped: context.dropped,
  };
  context.newUri = branch.uri;
  context.dstUri = branch.dstUri;
  context.path = branch.path;
  context.forcedSocket = branch.socket;
  context.branchFlags = branch.flags;
  context.instance = branch.instance;
  context.regId = branch.regId;
  context.ruid = branch.ruid;
  context.locationUa = branch.locationUa;
  context.scope = "branch";
  context.branchIndex = branch.index;
  context.dropped = false;
  return saved;
}

function leave(
  branch: Branch,
  context: ScriptContext,
  saved: Saved,
): RequestEdits | null | undefined {
  const edits = context.dropped ? undefined : context.editsIfAny;
  branch.uri = context.uri;
  branch.dstUri = context.dstUri;
  branch.path = context.path;
  branch.socket = context.forcedSocket;
  branch.flags = context.branchFlags;
  branch.instance = context.instance;
  branch.ruid = context.ruid;
  context.newUri = saved.newUri;
  context.dstUri = saved.dstUri;
  context.uriIsTarget = false;
  context.path = saved.path;
  context.forcedSocket = saved.forcedSocket;
  context.branchFlags = saved.branchFlags;
  context.instance = saved.instance;
  context.regId = saved.regId;
  context.ruid = saved.ruid;
  context.locationUa = saved.locationUa;
  context.scope = saved.scope;
  context.branchIndex = saved.branchIndex;
  context.borrowEdits(saved.edits);
  context.rc = saved.rc;
  context.stop = saved.stop;
  context.dropped = saved.dropped;
  return edits;
}
