/** Rule: a loop can end: something leaves it, or its body changes what its condition looks at. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Expression, If, Statement, Variable, While } from "../../syntax/ast.ts";
import { constantValue, isTrue } from "../constants.ts";
import type { CheckContext } from "../context.ts";
import { expressionsOf, leavesLoop, parts, some } from "../flow.ts";
import type { Visitor } from "../visitor.ts";

export function endlessLoops(context: CheckContext): Visitor {
  return {
    condition(statement: If | While): void {
      if (statement.kind !== "while" || statement.body.kind === "empty") return;
      if (leavesLoop(statement.body)) return;
      const value = constantValue(statement.condition);
      if (value !== undefined) {
        if (isTrue(value)) report(context, statement, "nothing leaves it");
        return;
      }
      const names = watchedVariables(statement.condition);
      if (names === undefined) return;
      if (changes(statement.body, names)) {
        if (countsAway(statement)) report(context, statement, "it counts in the wrong direction");
        return;
      }
      const shown = [...names].map((name) => `$var(${name})`).join(" and ");
      report(context, statement, `its body never changes ${shown}`);
    },
  };
}

function report(context: CheckContext, { condition }: While, why: string): void {
  context.report(checkCodes.endlessLoop, condition.span, `this loop never ends: ${why}`, {
    help: "max_while_loops stops it",
  });
}

/** The names in `$var(x)` when a condition looks at nothing else; nothing otherwise. */
function watchedVariables(condition: Expression): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const part of parts(condition)) {
    if (part.kind === "variable") {
      if (part.name === "null") continue;
      const name = scriptVariable(part);
      if (name === undefined || part.transformations.length > 0) return undefined;
      names.add(name);
    } else if (!["binary", "unary", "cast", "number", "string"].includes(part.kind)) {
      return undefined;
    }
  }
  return names.size === 0 ? undefined : names;
}

function scriptVariable({ name, inner, index }: Variable): string | undefined {
  if (name !== "var" || inner === undefined || inner.includes("$")) return undefined;
  return index === undefined ? inner : undefined;
}

/** Whether a body may change one of the variables: assigns it, hands it to a function, or calls a route. */
function changes(body: Statement, names: ReadonlySet<string>): boolean {
  return some(
    body,
    (statement) => {
      if (statement.kind === "assign" && statement.target.kind === "variable") {
        const name = scriptVariable(statement.target);
        if (name === undefined ? statement.target.name === "var" : names.has(name)) return true;
      }
      return expressionsOf(statement).some((expression) => mayChange(expression, names));
    },
    () => false,
  );
}

function mayChange(expression: Expression, names: ReadonlySet<string>): boolean {
  for (const part of parts(expression)) {
    if (part.kind === "routeCall") return true;
    if (part.kind !== "call") continue;
    for (const argument of part.args) {
      if (argument.kind === "variable" && names.has(argument.inner ?? "")) return true;
      if (argument.kind !== "string") continue;
      if ([...names].some((name) => argument.value === `$var(${name})`)) return true;
    }
  }
  return false;
}

/** Whether a loop up to a limit only ever counts down, or the other way round. */
function countsAway({ condition, body }: While): boolean {
  if (condition.kind !== "binary" || condition.left.kind !== "variable") return false;
  if (condition.right.kind !== "number") return false;
  const wanted = condition.operator.startsWith("<")
    ? 1
    : condition.operator.startsWith(">")
      ? -1
      : 0;
  const name = scriptVariable(condition.left);
  if (wanted === 0 || name === undefined) return false;
  let isAway = false;
  const isOther = some(
    body,
    (statement) => {
      if (expressionsOf(statement).some((part) => mayChange(part, new Set([name])))) return true;
      if (statement.kind !== "assign" || statement.target.kind !== "variable") return false;
      if (scriptVariable(statement.target) !== name) return false;
      const step = stepOf(statement.value, name);
      if (step === undefined || step * wanted > 0) return true;
      isAway = true;
      return false;
    },
    () => false,
  );
  return isAway && !isOther;
}

/** The number that `$var(x) + 1` adds. */
function stepOf(value: Expression, name: string): number | undefined {
  if (value.kind !== "binary" || value.left.kind !== "variable") return undefined;
  if (scriptVariable(value.left) !== name || value.right.kind !== "number") return undefined;
  if (value.operator === "+") return value.right.value;
  return value.operator === "-" ? -value.right.value : undefined;
}
