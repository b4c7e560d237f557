/** Rule: a table or a script variable is not named almost like another one that is in use. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Span } from "../../source.ts";
import type { CheckContext } from "../context.ts";
import { editDistance } from "../../diagnostics/did-you-mean.ts";
import type { CallUse, VariableUse, Visitor } from "../visitor.ts";

interface Name {
  readonly span: Span;
  uses: number;
  writes: number;
}

/** Shorter names are too alike. */
const LEAST_LENGTH = 4;

export function likelyNames(context: CheckContext): Visitor {
  const tables = new Map<string, Name>();
  const variables = new Map<string, Name>();
  return {
    call({ call, form }: CallUse): void {
      call.args.forEach((argument, index) => {
        const kind = form?.[index]?.kind;
        if (argument.kind === "string") {
          const inner = /^\$var\((\w+)\)$/.exec(argument.value)?.[1];
          if (inner !== undefined) note(variables, inner, argument.span, true);
          if (kind === "table") note(tables, argument.value, argument.span, false);
        } else if (argument.kind === "variable" && argument.name === "var") {
          note(variables, argument.inner ?? "", argument.span, true);
        }
      });
    },
    variable({ variable, access }: VariableUse): void {
      const { name, inner, span } = variable;
      if (name !== "var" || inner === undefined || inner.includes("$")) return;
      note(variables, inner, span, access === "write");
    },
    finish(): void {
      reportTables(context, tables);
      reportVariables(context, variables);
    },
  };
}

function note(names: Map<string, Name>, text: string, span: Span, isWrite: boolean): void {
  const known = names.get(text);
  if (known === undefined) names.set(text, { span, uses: 1, writes: isWrite ? 1 : 0 });
  else {
    known.uses++;
    if (isWrite) known.writes++;
  }
}

function reportTables(context: CheckContext, tables: ReadonlyMap<string, Name>): void {
  for (const [text, name] of tables) {
    if (text.includes("$") || name.uses > 1) continue;
    const meant = [...tables.keys()].find(
      (other) => isSlip(text, other) && (tables.get(other)?.uses ?? 0) > 1,
    );
    const other = meant ?? (isSlip(text, "location") ? "location" : undefined);
    if (other === undefined) continue;
    const message = `table ${text} is used only here`;
    context.report(checkCodes.misspeltTable, name.span, message, {
      help: `did you mean ${other}?`,
    });
  }
}

function reportVariables(context: CheckContext, variables: ReadonlyMap<string, Name>): void {
  const written = [...variables].filter(([, name]) => name.writes > 0).map(([text]) => text);
  for (const [text, name] of variables) {
    if (name.writes > 0) continue;
    const meant = written.find((other) => isSlip(text, other));
    if (meant === undefined) continue;
    context.report(checkCodes.misspeltVariable, name.span, `$var(${text}) is never set`, {
      help: `did you mean $var(${meant})?`,
    });
  }
}

/** Whether two names differ by one slip of the fingers, and not by a digit. */
function isSlip(text: string, other: string): boolean {
  if (text === other || text.length < LEAST_LENGTH || other.length < LEAST_LENGTH) return false;
  if (text.replace(/\d/g, "") === other.replace(/\d/g, "")) return false;
  return editDistance(text.toLowerCase(), other.toLowerCase(), 1) <= 1;
}
