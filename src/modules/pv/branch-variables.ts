/** `$branch(...)` and `$sbranch(...)`: attributes of further branches and of the static one, with what works on the latter. */
import type { Value } from "../../dsl/value.ts";
import { BranchTarget, ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import type { VariableImplementation, VariableReference } from "../../runtime/module.ts";
import { findSocket } from "./sockets.ts";
import { refuse } from "./uri-variables.ts";

/** Attributes by the name in the parentheses. */
export const branchAttributes = [
  "uri",
  "dst_uri",
  "path",
  "q",
  "send_socket",
  "count",
  "flags",
  "ruid",
  "instance",
  "otcpid",
] as const;

function readAttribute(branch: BranchTarget, name: string): Value {
  switch (name) {
    case "uri":
      return branch.uri;
    case "dst_uri":
      return branch.dstUri;
    case "path":
      return branch.path;
    case "q":
      return branch.q < 0 ? null : branch.q;
    case "send_socket":
      return branch.socket?.text ?? null;
    case "flags":
      return branch.flags;
    case "ruid":
      return branch.ruid;
    case "instance":
      return branch.instance;
    default:
      // otcpid: outbound connections exist for streams only.
      return 0;
  }
}

function writeText(branch: BranchTarget, name: string, value: string | null): boolean {
  if (name === "uri") branch.uri = value ?? "";
  else if (name === "dst_uri") branch.dstUri = value;
  else if (name === "path") branch.path = value;
  else if (name === "ruid") branch.ruid = value;
  else if (name === "instance") branch.instance = value;
  else return false;
  return true;
}

function writeAttribute(
  context: ScriptContext,
  branch: BranchTarget,
  name: string,
  value: Value,
): void {
  const variable = `$branch(${name})`;
  if (name === "q" || name === "flags") {
    if (typeof value === "string") refuse(context, variable, "it must be a number");
    else if (name === "q") branch.q = value ?? -1;
    else branch.flags = (value ?? 0) >>> 0;
  } else if (name === "send_socket") {
    const socket = typeof value === "string" ? findSocket(context.services.sockets, value) : null;
    if (socket === undefined) refuse(context, variable, `${value} is not one of our sockets`);
    else branch.socket = socket;
  } else if (typeof value === "number") refuse(context, variable, "it must be text");
  else if (!writeText(branch, name, value)) refuse(context, variable, "it is read-only");
}

/** Position in the list for an index as written: none and `*` are the first, negative counts from the end. */
function position(reference: VariableReference, context: ScriptContext, length: number): number {
  const index = typeof reference.index === "function" ? reference.index(context) : reference.index;
  if (index === undefined || index === "*" || index === null) return 0;
  const at = Number(index);
  return at < 0 ? length + at : at;
}

export const branchVariable: VariableImplementation = (reference) => {
  const name = reference.inner ?? "uri";
  // As Kamailio: no branches are $null, not 0.
  if (name === "count") return { get: (context) => context.branches.length || null };
  return {
    get: (context) => {
      const branch = context.branches[position(reference, context, context.branches.length)];
      return branch === undefined ? null : readAttribute(branch, name);
    },
    set: (context, value) => {
      const at = position(reference, context, context.branches.length);
      const branch = context.branches[at];
      if (branch === undefined) refuse(context, `$branch(${name})`, "there is no such branch");
      else if (name === "uri" && value === null) context.branches.splice(at, 1);
      else writeAttribute(context, branch, name, value);
    },
  };
};

/** The static branch of a message: filled by `$sbranch(...)`, used by `sbranch_set_ruri()` and `sbranch_append()`. */
export class StaticBranch {
  readonly #slot = new ContextSlot<BranchTarget>();

  #of(context: ScriptContext): BranchTarget {
    let branch = context.state(this.#slot);
    if (branch === undefined) {
      branch = new BranchTarget("");
      context.setState(this.#slot, branch);
    }
    return branch;
  }

  readonly variable: VariableImplementation = (reference) => {
    const name = reference.inner ?? "uri";
    if (name === "count") return { get: (context) => context.branches.length };
    return {
      get: (context) => {
        const value = readAttribute(this.#of(context), name);
        return value === "" ? null : value;
      },
      set: (context, value) => writeAttribute(context, this.#of(context), name, value),
    };
  };

  reset(context: ScriptContext): number {
    context.setState(this.#slot, new BranchTarget(""));
    return 1;
  }

  append(context: ScriptContext): number {
    const branch = this.#of(context);
    if (branch.uri === "") return -1;
    context.branches.push(Object.assign(new BranchTarget(branch.uri), branch));
    return 1;
  }

  setRequestUri(context: ScriptContext): number {
    const branch = this.#of(context);
    if (branch.uri === "") return -1;
    context.newUri = branch.uri;
    context.dstUri = branch.dstUri;
    context.path = branch.path;
    context.q = branch.q;
    context.branchFlags = branch.flags;
    context.forcedSocket = branch.socket;
    context.instance = branch.instance;
    context.ruid = branch.ruid;
    context.locationUa = branch.locationUa;
    return 1;
  }
}
