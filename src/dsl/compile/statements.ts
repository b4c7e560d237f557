/** Writes statements as JavaScript control flow. */
import type {
  Assign,
  Call,
  Expression,
  If,
  Jump,
  RouteCall,
  Statement,
  While,
} from "../syntax/ast.ts";
import { writeCall, writeRouteCall } from "./calls.ts";
import { writeCondition, writeInt, writeTest, writeValue } from "./expressions.ts";
import { canStop, stopOutcome } from "./stop-outcome.ts";
import { fold } from "./fold.ts";
import type { FunctionScope } from "./scope.ts";
import { writeSwitch } from "./switches.ts";

/**
 * What becomes of a statement's code. A route's code is that of its last statement, so only what stands last delivers
 * one: by `return`, or, inside loops and switches, into a local variable.
 */
export type Sink =
  | { readonly kind: "none" }
  | { readonly kind: "return" }
  | { readonly kind: "local"; readonly name: string };

export const discard: Sink = { kind: "none" };

/** Where a statement stands. */
export interface StatementPlace {
  readonly scope: FunctionScope;
  readonly sink: Sink;
  /** The sink of the loop or switch around it, which `break` leaves with the code 0. None: `break` ends the route. */
  readonly around: Sink | undefined;
}

/** Delivers a code that has no effects. */
export function deliver(place: StatementPlace, code: string | number): void {
  const { sink, scope } = place;
  if (sink.kind === "return") scope.program.code.line(`return ${code};`);
  else if (sink.kind === "local") scope.program.code.line(`${sink.name} = ${code};`);
}

/** The sink for the inside of a loop or switch, whose code is delivered after it. */
export function innerSink(place: StatementPlace, initial: number): Sink {
  const { sink, scope } = place;
  if (sink.kind === "none") return sink;
  const inner: Sink = sink.kind === "local" ? sink : { kind: "local", name: scope.newLocal("k") };
  scope.program.code.line(`${inner.name} = ${initial};`);
  return inner;
}

/** Hands on, behind a loop or switch, what its inside has put into a local. */
export function deliverInner(place: StatementPlace, inner: Sink): void {
  if (place.sink.kind === "return" && inner.kind === "local") deliver(place, inner.name);
}

/** Writes a condition into code that notices whether its evaluation failed; false then. */
export function guardFailure(scope: FunctionScope, write: () => string): string {
  const before = scope.canFail;
  scope.canFail = false;
  const condition = write();
  const failed = scope.canFail;
  scope.canFail = before;
  if (!failed) return condition;
  const x = scope.local("x");
  return `(failed = false, ${x} = ${condition}, ${x} && !failed)`;
}

/** Ends the function when what was just evaluated has ended the script. */
export function leaveIfStopped(scope: FunctionScope): void {
  scope.program.code.line("if (c.stop !== 0) return 0;");
}

/** Statements in a row; the last one delivers. */
export function writeStatements(statements: readonly Statement[], place: StatementPlace): void {
  const effective = statements.filter((statement) => statement.kind !== "empty");
  if (effective.length === 0) return deliver(place, 1);
  effective.forEach((statement, i) => {
    const isLast = i === effective.length - 1;
    writeStatement(statement, isLast ? place : { ...place, sink: discard });
  });
}

function writeStatement(statement: Statement, place: StatementPlace): void {
  switch (statement.kind) {
    case "block":
      return writeStatements(statement.statements, place);
    case "if":
      return writeIf(statement, place);
    case "while":
      return writeWhile(statement, place);
    case "switch":
      return writeSwitch(statement, place);
    case "assign":
      return writeAssign(statement, place);
    case "jump":
      return writeJump(statement, place);
    case "expression":
      return writeExpressionStatement(statement.expression, place);
    case "empty":
      return;
  }
}

function asStatements(statement: Statement): readonly Statement[] {
  return statement.kind === "block" ? statement.statements : [statement];
}

function writeIf(statement: If, place: StatementPlace): void {
  const { scope } = place;
  const { code } = scope.program;
  const condition = fold(statement.condition);
  const stops = stopOutcome(condition);
  const test = guardFailure(scope, () => writeCondition(condition, scope));
  code.open(`${scope.mark(statement.span)}if (${test}) {`);
  if (stops.whenTrue) leaveIfStopped(scope);
  writeStatements(asStatements(statement.then), place);
  const { otherwise } = statement;
  if (otherwise !== undefined || stops.whenFalse || place.sink.kind !== "none") {
    code.between("} else {");
    if (stops.whenFalse) leaveIfStopped(scope);
    if (otherwise === undefined) deliver(place, 1);
    else writeStatements(asStatements(otherwise), place);
  }
  code.close();
}

function writeWhile(statement: While, place: StatementPlace): void {
  const { scope } = place;
  const { code, sites } = scope.program;
  const condition = fold(statement.condition);
  const rounds = scope.newLocal("w");
  const inner = innerSink(place, 1);
  code.line(`${rounds} = 0;`);
  const test = guardFailure(scope, () => writeTest(condition, scope));
  code.open(`${scope.mark(statement.span)}while (${test}) {`);
  if (stopOutcome(condition).whenTrue) leaveIfStopped(scope);
  code.open(`if (${rounds}++ >= L.maxWhileLoops) {`);
  code.line(`fault(c, "more loops than max_while_loops allows", ${sites.span(statement.span)});`);
  if (inner.kind === "local") code.line(`${inner.name} = -1;`);
  code.line("break;");
  code.close();
  writeStatements(asStatements(statement.body), { scope, sink: inner, around: inner });
  code.close();
  if (stopOutcome(condition).whenFalse) leaveIfStopped(scope);
  deliverInner(place, inner);
}

const compoundOperators: Readonly<Record<string, "+" | "-" | "*" | "/">> = {
  "+=": "+",
  "-=": "-",
  "*=": "*",
  "/=": "/",
};

function writeAssign(statement: Assign, place: StatementPlace): void {
  const { scope } = place;
  const { code, sites } = scope.program;
  const { target, span } = statement;
  if (target.kind === "select") {
    // Selects cannot be assigned to in the message; the checker refuses it.
    code.line(`fault(c, "a select cannot be assigned to", ${sites.span(span)});`);
    return deliver(place, -1);
  }
  const operator = Object.hasOwn(compoundOperators, statement.operator)
    ? compoundOperators[statement.operator]
    : undefined;
  const value =
    operator === undefined
      ? statement.value
      : ({
          kind: "binary",
          span,
          operatorSpan: span,
          operator,
          left: target,
          right: statement.value,
        } as const);
  const expression = fold(value);
  const variable = `v${sites.variable(target)}`;
  const before = scope.canFail;
  scope.canFail = false;
  const written = writeValue(expression, scope);
  const canFail = scope.canFail;
  scope.canFail = before;
  const mark = scope.mark(span);
  if (canFail) {
    const x = scope.local("x");
    code.line("failed = false;");
    code.line(`${mark}${x} = ${written};`);
    if (canStop(expression)) leaveIfStopped(scope);
    code.line(`if (!failed) ${variable}.set(c, ${x});`);
    return deliver(place, "failed ? -1 : 1");
  }
  code.line(`${mark}${variable}.set(c, ${written});`);
  if (canStop(expression)) leaveIfStopped(scope);
  deliver(place, 1);
}

function writeJump(statement: Jump, place: StatementPlace): void {
  const { scope } = place;
  const { code } = scope.program;
  const mark = scope.mark(statement.span);
  switch (statement.jump) {
    case "exit":
      return code.line(`${mark}return end(c);`);
    case "drop":
      return code.line(`${mark}return drop(c);`);
    case "break": {
      if (place.around === undefined) return code.line(`${mark}return 0;`);
      if (place.around.kind === "local") code.line(`${place.around.name} = 0;`);
      return code.line(`${mark}break;`);
    }
    case "return":
      return writeReturn(statement, scope);
  }
}

function writeReturn(statement: Jump, scope: FunctionScope): void {
  const { code } = scope.program;
  const mark = scope.mark(statement.span);
  if (statement.value === undefined) return code.line(`${mark}return 1;`);
  const value = fold(statement.value);
  if (value.kind === "number" && value.value !== 0)
    return code.line(`${mark}return ${value.value};`);
  const before = scope.canFail;
  scope.canFail = false;
  const written = writeInt(value, scope);
  if (scope.canFail) {
    const x = scope.local("x");
    code.line("failed = false;");
    code.line(`${mark}${x} = ${written};`);
    code.line(`return failed ? -1 : leave(c, ${x});`);
  } else {
    code.line(`${mark}return leave(c, ${written});`);
  }
  scope.canFail = before;
}

function writeFunctionStatement(call: Call, place: StatementPlace): void {
  const { scope, sink } = place;
  const { code } = scope.program;
  // The mark stands before the whole statement: there debuggers stop.
  const mark = scope.mark(call.span);
  const written = writeCall(call, scope, writeValue, false);
  if (sink.kind === "return") code.line(`${mark}return ${written};`);
  else if (sink.kind === "local")
    code.line(`${mark}if ((${sink.name} = ${written}) === 0) return 0;`);
  else code.line(`${mark}if (${written} === 0) return 0;`);
}

function writeRouteStatement(call: RouteCall, place: StatementPlace): void {
  const { scope, sink } = place;
  const { code } = scope.program;
  const mark = scope.mark(call.span);
  const written = writeRouteCall(call, scope, writeValue);
  if (sink.kind === "return") return code.line(`${mark}return ${written};`);
  // The code of a route can be 0 without an end of the script (`break`), so `c.stop` decides.
  code.line(`${mark}${sink.kind === "local" ? `${sink.name} = ` : ""}${written};`);
  leaveIfStopped(scope);
}

function writeExpressionStatement(expression: Expression, place: StatementPlace): void {
  const { scope } = place;
  if (expression.kind === "call") return writeFunctionStatement(expression, place);
  if (expression.kind === "routeCall") return writeRouteStatement(expression, place);
  const folded = fold(expression);
  const written = scope.mark(expression.span) + writeInt(folded, scope);
  if (place.sink.kind === "none") scope.program.code.line(`void (${written});`);
  else deliver(place, written);
  if (canStop(folded) && place.sink.kind !== "return") leaveIfStopped(scope);
}
