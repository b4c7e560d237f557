/** Whether control can go on after a statement, and what may leave a loop. */
import type { Expression, Statement, Switch } from "../syntax/ast.ts";

/** Whether a function ends the script, so that nothing runs after it. */
export type EndsScript = (name: string) => boolean;

/** The index of the first statement that can never be reached; -1 when all can. */
export function firstUnreachable(statements: readonly Statement[], ends: EndsScript): number {
  let isEnded = false;
  for (const [index, statement] of statements.entries()) {
    if (isEnded && statement.kind !== "empty") return index;
    if (!completes(statement, ends)) isEnded = true;
  }
  return -1;
}

/** Whether control can go on behind a list of statements. */
export function listCompletes(statements: readonly Statement[], ends: EndsScript): boolean {
  return statements.every((statement) => completes(statement, ends));
}

/** Whether control can go on behind a statement. */
export function completes(statement: Statement, ends: EndsScript): boolean {
  switch (statement.kind) {
    case "jump":
      return false;
    case "block":
      return listCompletes(statement.statements, ends);
    case "if":
      return ifCompletes(statement, ends);
    case "switch":
      return switchCompletes(statement, ends);
    case "expression":
      return statement.expression.kind !== "call" || !ends(statement.expression.name.text);
    default:
      return true;
  }
}

/** Chains of `else if` are followed without recursion. */
function ifCompletes(first: Statement, ends: EndsScript): boolean {
  let statement: Statement | undefined = first;
  while (statement?.kind === "if") {
    if (completes(statement.then, ends)) return true;
    statement = statement.otherwise;
  }
  return statement === undefined || completes(statement, ends);
}

function switchCompletes(statement: Switch, ends: EndsScript): boolean {
  if (!statement.cases.some((clause) => clause.label === undefined)) return true;
  if (statement.cases.some((clause) => clause.statements.some(hasOwnBreak))) return true;
  const last = statement.cases.at(-1);
  return last === undefined || listCompletes(last.statements, ends);
}

/** Whether a `break` in a statement leaves what stands around it. */
export function hasOwnBreak(statement: Statement): boolean {
  return some(statement, (inner) => inner.kind === "jump" && inner.jump === "break", isBreakable);
}

/** Whether something in a loop's body leaves the loop. */
export function leavesLoop(body: Statement): boolean {
  if (hasOwnBreak(body)) return true;
  return some(
    body,
    (inner) => inner.kind === "jump" && inner.jump !== "break",
    () => false,
  );
}

function isBreakable(statement: Statement): boolean {
  return statement.kind === "while" || statement.kind === "switch";
}

/** Whether a test holds for a statement or one in it; `isClosed` keeps the search out of some. */
export function some(
  first: Statement,
  test: (statement: Statement) => boolean,
  isClosed: (statement: Statement) => boolean,
): boolean {
  const pending: Statement[] = [first];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (test(next)) return true;
    if (isClosed(next)) continue;
    if (next.kind === "block") pending.push(...next.statements);
    else if (next.kind === "while") pending.push(next.body);
    else if (next.kind === "switch") {
      for (const clause of next.cases) pending.push(...clause.statements);
    } else if (next.kind === "if") {
      pending.push(next.then);
      if (next.otherwise !== undefined) pending.push(next.otherwise);
    }
  }
  return false;
}

/** Everything in an expression, itself included, without recursion. */
export function* parts(first: Expression): Generator<Expression> {
  const pending: Expression[] = [first];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    if (next.kind === "binary") pending.push(next.right, next.left);
    else if (next.kind === "unary" || next.kind === "cast") pending.push(next.operand);
    else if (next.kind === "call" || next.kind === "routeCall") pending.push(...next.args);
  }
}

/** The expressions that a statement itself evaluates (not those of statements in it). */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case "if":
    case "while":
      return [statement.condition];
    case "switch":
      return [statement.subject];
    case "assign":
      return [statement.value];
    case "expression":
      return [statement.expression];
    case "jump":
      return statement.value === undefined ? [] : [statement.value];
    default:
      return [];
  }
}
