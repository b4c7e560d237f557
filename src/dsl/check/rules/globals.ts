/** Rule: global parameters exist and get values of their kind and range. */
import type { GlobalSpec } from "../../catalog/globals.ts";
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { GlobalAssign, GlobalValue, Item } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { Visitor } from "../visitor.ts";

/** Words that stand for 1 and 0; other spellings (`YES`) are not known to the language. */
const yesNo = ["yes", "no", "on", "off", "true", "false", "enable", "disable"];

/** The header that a parameter must hold: name, colon, value. */
const HEADER_LINE = /^[A-Za-z0-9\-.!%*_+`'~]+\s*:/;

export function globals(context: CheckContext): Visitor {
  return {
    item(item: Item): void {
      if (item.kind === "global") checkAssign(context, item);
    },
  };
}

function checkAssign(context: CheckContext, item: GlobalAssign): void {
  const { text, span } = item.name;
  const found = context.globals.find(text);
  if (found === undefined) {
    context.report(checkCodes.unknownGlobal, span, `there is no global parameter ${text}`, {
      help: suggestion(text, context.globals.names()),
    });
    return;
  }
  const { spec } = found;
  for (const value of item.values) {
    const problem = typeProblem(spec, value);
    if (problem !== undefined) {
      context.report(checkCodes.globalType, value.span, `${text} ${problem.message}`, {
        help: problem.help,
      });
      return;
    }
    if (!checkRange(context, text, spec, value)) return;
  }
  if (spec.ignored === undefined) return;
  context.report(checkCodes.globalIgnored, span, `${text} has no effect: ${spec.ignored}`);
}

interface Problem {
  readonly message: string;
  readonly help?: string | undefined;
}

function typeProblem(spec: GlobalSpec, value: GlobalValue): Problem | undefined {
  switch (spec.type) {
    case "int":
    case "bool":
      return numberProblem(spec, value);
    case "str":
      if (value.kind === "string") return undefined;
      return { message: `takes a text in quotes, not ${show(value)}` };
    case "id":
      return wordProblem(spec, value);
    case "path":
      if (value.kind !== "int") return undefined;
      return { message: `takes a path, not ${show(value)}` };
    case "sockets":
      if (value.kind !== "int") return undefined;
      return { message: `takes an address, not ${show(value)}` };
    default:
      return undefined;
  }
}

function numberProblem(spec: GlobalSpec, value: GlobalValue): Problem | undefined {
  if (value.kind === "int" || (value.kind === "id" && yesNo.includes(value.value))) {
    return undefined;
  }
  const wanted = spec.type === "bool" ? "yes or no (or a number)" : "a number";
  const text = value.kind === "id" || value.kind === "string" ? value.value : "";
  const isQuoted = value.kind === "string" && (/^\d+$/.test(text) || yesNo.includes(text));
  const near = isQuoted ? `leave the quotes away: ${text}` : suggestion(text, yesNo);
  return {
    message: `takes ${wanted}, not ${show(value)}`,
    help: spec.type === "bool" || isQuoted ? near : undefined,
  };
}

function wordProblem(spec: GlobalSpec, value: GlobalValue): Problem | undefined {
  const words = (spec.values ?? []).map(String);
  if (value.kind === "int" && spec.orNumber === true) return undefined;
  const text = value.kind === "id" ? value.value : undefined;
  if (text !== undefined && words.includes(text)) return undefined;
  if (value.kind === "socket" && words.includes(value.hosts[0] ?? "")) return undefined;
  return {
    message: `takes one of ${words.slice(0, 8).join(", ")}${words.length > 8 ? ", ..." : ""}, not ${show(value)}`,
    help: text === undefined ? undefined : suggestion(text, words),
  };
}

function checkRange(
  context: CheckContext,
  name: string,
  spec: GlobalSpec,
  value: GlobalValue,
): boolean {
  if (value.kind === "int") return checkNumber(context, name, spec, value);
  if (value.kind !== "string") return true;
  if (spec.type === "str" && spec.values !== undefined && !spec.values.includes(value.value)) {
    const message = `${name} is one of ${spec.values.join(", ")}, not "${value.value}"`;
    context.report(checkCodes.globalRange, value.span, message);
    return false;
  }
  const isHeader = name === "server_header" || name === "user_agent_header";
  if (!isHeader || value.value === "" || HEADER_LINE.test(value.value)) return true;
  const message = `${name} must hold the whole header, with its name`;
  const header = name === "server_header" ? "Server" : "User-Agent";
  context.report(checkCodes.globalRange, value.span, message, {
    help: `write "${header}: ${value.value}"`,
  });
  return false;
}

function checkNumber(
  context: CheckContext,
  name: string,
  spec: GlobalSpec,
  value: { readonly value: number; readonly span: GlobalAssign["span"] },
): boolean {
  if (spec.type !== "int") return true;
  const { min = -Infinity, max = Infinity } = spec;
  const isAllowed = spec.values === undefined || spec.values.includes(value.value);
  if (value.value >= min && value.value <= max && isAllowed) return true;
  const wanted = isAllowed
    ? max === Infinity
      ? `at least ${min}`
      : `${min} to ${max}`
    : `one of ${spec.values?.join(", ")}`;
  const message = `${name} must be ${wanted}, not ${value.value}`;
  context.report(checkCodes.globalRange, value.span, message);
  return false;
}

function show(value: GlobalValue): string {
  switch (value.kind) {
    case "string":
      return `"${value.value}"`;
    case "socket":
      return value.hosts.join(", ");
    default:
      return String(value.value);
  }
}
