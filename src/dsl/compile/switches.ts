/** Writes `switch` statements: as JavaScript's where all labels are constants, by number of the matching case otherwise. */
import type { Case, Expression, Switch } from "../syntax/ast.ts";
import { literal } from "./code-writer.ts";
import { writeInt, writeText } from "./expressions.ts";
import { canStop } from "./stop-outcome.ts";
import { fold, isConstant } from "./fold.ts";
import type { FunctionScope } from "./scope.ts";
import {
  deliverInner,
  innerSink,
  leaveIfStopped,
  writeStatements,
  type StatementPlace,
} from "./statements.ts";
import { wireText } from "./wire-text.ts";

/** The code of a `switch` in which no case matches, as Kamailio hands it on. */
const noMatchCode = -5;

interface WrittenCases {
  /** What is switched over. */
  readonly subject: string;
  /** The JavaScript label of each case. */
  readonly labels: readonly string[];
}

/** Integers when no label is text: what the subject is converted to. */
function isIntegerSwitch(cases: readonly Case[]): boolean {
  return cases.every(
    ({ label, isRegex }) => label === undefined || (!isRegex && fold(label).kind !== "string"),
  );
}

function constantCases(
  statement: Switch,
  subject: Expression,
  scope: FunctionScope,
): WrittenCases | undefined {
  const labels: string[] = [];
  const isInteger = isIntegerSwitch(statement.cases);
  for (const { label, isRegex } of statement.cases) {
    const value = label === undefined ? undefined : fold(label);
    if (value === undefined) labels.push("default:");
    else if (isRegex || !isConstant(value)) return undefined;
    else if (isInteger) labels.push(`case ${value.value}:`);
    else labels.push(`case ${literal(wireText(String(value.value)))}:`);
  }
  const before = scope.canFail;
  scope.canFail = false;
  const written = isInteger ? writeInt(subject, scope) : writeText(subject, scope);
  const canFail = scope.canFail;
  scope.canFail = before;
  if (!canFail) return { subject: written, labels };
  const x = scope.local("x");
  return { subject: `(failed = false, ${x} = ${written}, failed ? undefined : ${x})`, labels };
}

/** With patterns: the number of the first case that matches. */
function numberedCases(statement: Switch, subject: Expression, scope: FunctionScope): WrittenCases {
  const isInteger = isIntegerSwitch(statement.cases);
  const x = scope.local("x");
  const labels: string[] = [];
  let choice = "";
  statement.cases.forEach(({ label, isRegex }, i) => {
    if (label === undefined) {
      labels.push("default:");
      return;
    }
    labels.push(`case ${i}:`);
    const value = fold(label);
    let test: string;
    if (isRegex && isConstant(value)) {
      const plan = { pattern: wireText(String(value.value)), ignoreCase: false, span: label.span };
      test = `m${scope.program.sites.regex(plan)}.test(${x})`;
    } else {
      test = `${x} === ${isInteger ? writeInt(value, scope) : writeText(value, scope)}`;
    }
    choice += `${test} ? ${i} : `;
  });
  const written = isInteger ? writeInt(subject, scope) : writeText(subject, scope);
  return { subject: `(${x} = ${written}, ${choice}-1)`, labels };
}

export function writeSwitch(statement: Switch, place: StatementPlace): void {
  const { scope } = place;
  const { code } = scope.program;
  const subject = fold(statement.subject);
  const inner = innerSink(place, noMatchCode);
  const cases =
    constantCases(statement, subject, scope) ?? numberedCases(statement, subject, scope);
  const mark = scope.mark(statement.span);
  if (canStop(subject)) {
    const y = scope.newLocal("y");
    code.line(`${mark}${y} = ${cases.subject};`);
    leaveIfStopped(scope);
    code.open(`switch (${y}) {`);
  } else {
    code.open(`${mark}switch (${cases.subject}) {`);
  }
  statement.cases.forEach((each, i) => {
    code.open(cases.labels[i] as string);
    if (each.statements.length > 0) {
      writeStatements(each.statements, { scope, sink: inner, around: inner });
    }
    code.close("");
  });
  code.close();
  deliverInner(place, inner);
}
