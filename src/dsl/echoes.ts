/** Leaves out what follows from a fault that is told already. */
import type { Diagnostic } from "./diagnostics/diagnostic.ts";

/** Faults of the text after which the rest of the statement cannot be judged. */
const BREAKS_STATEMENT: ReadonlySet<string> = new Set(["E102", "E119", "E126"]);
/** Faults after which it is unclear which part of the text counts at all. */
const BREAKS_TEXT: ReadonlySet<string> = new Set(["E107", "E108", "E124"]);

/** The findings without those that only follow from others. */
export function withoutEchoes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const breaks = diagnostics.filter(({ code }) => BREAKS_STATEMENT.has(code));
  const isTextBroken = diagnostics.some(({ code }) => BREAKS_TEXT.has(code));
  if (breaks.length === 0 && !isTextBroken) return diagnostics;
  return diagnostics.filter((entry) => {
    if (isTextBroken && (entry.code.startsWith("E2") || entry.code === "W123")) return false;
    return !breaks.some((fault) => isEcho(entry, fault));
  });
}

/** Whether a finding stands on the line of a broken string or variable, or further on in the same statement. */
function isEcho(entry: Diagnostic, fault: Diagnostic): boolean {
  if (entry === fault || entry.span.source !== fault.span.source) return false;
  const isLater = BREAKS_STATEMENT.has(entry.code);
  const { text } = fault.span.source;
  const { start } = entry.span;
  if (start < fault.span.start) {
    return !isLater && !text.slice(start, fault.span.start).includes("\n");
  }
  const between = text.slice(fault.span.start, start);
  if (!between.includes("\n")) return true;
  return !isLater && !/[;{}]/.test(text.slice(fault.span.end, start));
}
