/** Rule: words of the core are compared with operators and values that they take. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Binary, CoreTerm, Expression } from "../../syntax/ast.ts";
import { addressProblem } from "../addresses.ts";
import { integer } from "../arguments.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import { checkMethod } from "../methods.ts";
import type { Visitor } from "../visitor.ts";

const equality = ["==", "!="];
const matching = [...equality, "=~", "!~"];
const ordering = [...equality, "<", ">", "<=", ">="];

/** Transport protocols, as texts in comparisons. */
const protocols = ["udp", "tcp", "tls", "sctp", "ws", "wss", "none", "any"];
const families = ["inet", "inet6"];

type Kind = "text" | "method" | "address" | "number" | "protocol" | "family";

const kinds: Readonly<Record<string, Kind>> = {
  uri: "text",
  from_uri: "text",
  to_uri: "text",
  status: "text",
  method: "method",
  src_ip: "address",
  dst_ip: "address",
  snd_ip: "address",
  to_ip: "address",
  src_port: "number",
  dst_port: "number",
  snd_port: "number",
  to_port: "number",
  "msg:len": "number",
  proto: "protocol",
  snd_proto: "protocol",
  af: "family",
  snd_af: "family",
};

const operators: Readonly<Record<Kind, readonly string[]>> = {
  text: matching,
  method: matching,
  address: matching,
  number: ordering,
  protocol: equality,
  family: equality,
};

export function coreWords(context: CheckContext): Visitor {
  return {
    expression(expression: Expression): void {
      if (expression.kind !== "binary" || expression.left.kind !== "core") return;
      const { term } = expression.left;
      const kind = Object.hasOwn(kinds, term) ? kinds[term] : undefined;
      if (kind === undefined) return;
      if (checkOperator(context, expression, expression.left, kind)) {
        checkValue(context, expression, term, kind);
      }
    },
  };
}

function checkOperator(context: CheckContext, node: Binary, word: CoreTerm, kind: Kind): boolean {
  const allowed = operators[kind];
  if (allowed.includes(node.operator)) return true;
  if (["&&", "||"].includes(node.operator)) return false;
  const message = `${word.term} is compared with ${allowed.join(", ")}, not with ${node.operator}`;
  context.report(checkCodes.coreOperator, node.operatorSpan, message);
  return false;
}

function checkValue(context: CheckContext, node: Binary, term: string, kind: Kind): void {
  const { right } = node;
  if (node.operator === "=~" || node.operator === "!~") return;
  if (kind === "address" && right.kind === "number") {
    const message = `${term} is compared with an address, not with a number`;
    context.report(checkCodes.typeMismatch, right.span, message);
    return;
  }
  const text = textOf(right);
  if (text === undefined) return;
  if (kind === "address") {
    const problem = addressProblem(text);
    if (problem !== undefined) context.report(checkCodes.badAddress, right.span, problem);
  } else if (kind === "method") {
    checkMethod(context, text, right.span);
  } else if (kind === "number") {
    if (integer(text) !== undefined) return;
    const message = `${term} is a number and never "${text}"`;
    context.report(checkCodes.comparisonNeverTrue, right.span, message);
  } else if (kind === "protocol") {
    checkOneOf(context, right, protocols, "transport protocol");
  } else if (kind === "family") {
    checkOneOf(context, right, families, "address family");
  }
}

/** The text of a constant or a bare word. */
export function textOf(node: Expression): string | undefined {
  if (node.kind === "string") return node.value.includes("$") ? undefined : node.value;
  return node.kind === "core" && node.term === "word" ? node.text : undefined;
}

function checkOneOf(
  context: CheckContext,
  node: Expression,
  words: readonly string[],
  what: string,
): void {
  const text = textOf(node);
  if (text === undefined || words.includes(text.toLowerCase())) return;
  context.report(checkCodes.comparisonNeverTrue, node.span, `there is no ${what} ${text}`, {
    help: suggestion(text.toLowerCase(), words),
  });
}
