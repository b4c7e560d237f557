/** Leaves out what follows from a fault that is told already. */
import type { Diagnostic } from "./diagnostics/diagnostic.ts";

/** Faults of the text after which the rest of the statement cannot be judged. */
const BREAKS_STATEMENT: ReadonlySet<string> = new Set(["E102", "E119", "E126"]);
/** No statement has more characters. */
const MAX_STATEMENT = 5000;
/** Faults after which it is unclear which part of the text counts at all. */
const BREAKS_TEXT: ReadonlySet<string> = new Set(["E107", "E108", "E124"]);

/** The findings without those that only follow from faults of the text. */
export function withoutEchoes(
  diagnostics: readonly Diagnostic[],
  ofText: readonly Diagnostic[],
): readonly Diagnostic[] {
  const breaks = ofText.filter(({ code }) => BREAKS_STATEMENT.has(code));
  const isTextBroken = ofText.some(({ code }) => BREAKS_TEXT.has(code));
  if (breaks.length === 0 && !isTextBroken) return diagnostics;
  return diagnostics.filter((entry) => {
    if (isTextBroken && followsFromText(entry)) return false;
    return !breaks.some((fault) => isEcho(entry, fault));
  });
}

/** With text too much or too little, the grammar stumbles and names are defined twice. */
function followsFromText({ code }: Diagnostic): boolean {
  return code.startsWith("E2") || code === "W123" || code === "E111";
}

/** Whether a finding stands on the line of a broken string or variable, or further on in the same statement. */
function isEcho(entry: Diagnostic, fault: Diagnostic): boolean {
  if (entry === fault || entry.span.source !== fault.span.source) return false;
  const isLater = BREAKS_STATEMENT.has(entry.code);
  const { text } = fault.span.source;
  const { start } = entry.span;
  if (start < fault.span.start) {
    const isNear = fault.span.start - start <= MAX_STATEMENT;
    return isNear && !isLater && !text.slice(start, fault.span.start).includes("\n");
  }
  if (start - fault.span.start > MAX_STATEMENT) return false;
  const between = text.slice(fault.span.start, start);
  if (!between.includes("\n")) return true;
  return !isLater && !/[;{}]/.test(text.slice(fault.span.end, start));
}
