/** The set of destinations as text, as in the Contact header of a redirecting reply. */
import { formatQ } from "../../sip/contact.ts";
import type { BranchTarget, ScriptContext } from "../../runtime/context.ts";

function entry(uri: string, q: number): string {
  return q < 0 ? `<${uri}>` : `<${uri}>;q=${formatQ(q)}`;
}

/** `Contact: <first>, <branch>;q=0.5`: Request-URI and all branches; null when there is nothing but an unchanged Request-URI. */
export function contactSet(context: ScriptContext): string | null {
  if (!context.msg.isRequest) return null;
  const parts: string[] = [];
  if (context.newUri !== null) parts.push(entry(context.newUri, context.q));
  for (const branch of context.branches) parts.push(entry(branch.uri, branch.q));
  return parts.length === 0 ? null : `Contact: ${parts.join(", ")}`;
}

/** `$bR`: all further branches, in brackets only where a q follows. */
export function branchList(branches: readonly BranchTarget[]): string | null {
  if (branches.length === 0) return null;
  return branches.map((b) => (b.q < 0 ? b.uri : entry(b.uri, b.q))).join(", ");
}
