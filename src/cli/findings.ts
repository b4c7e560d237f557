/** Shows what was found in a configuration. */
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import { Positions } from "../dsl/diagnostics/positions.ts";
import { renderFrame, toData } from "../dsl/diagnostics/render.ts";

export interface ShowOptions {
  /** Advice is shown as well. */
  readonly advice: boolean;
  readonly colour: boolean;
}

/** Prints findings as frames to standard error. */
export function showFindings(diagnostics: readonly Diagnostic[], options: ShowOptions): void {
  const positions = new Positions();
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity === "info" && !options.advice) continue;
    process.stderr.write(`${renderFrame(diagnostic, { colour: options.colour, positions })}\n\n`);
  }
}

/** Findings of several files as one JSON array. */
export function findingsAsJson(diagnostics: readonly Diagnostic[]): string {
  const positions = new Positions();
  return JSON.stringify(
    diagnostics.map((one) => toData(one, positions)),
    null,
    2,
  );
}

/** Whether a configuration passes. */
export function passes(diagnostics: readonly Diagnostic[], isStrict: boolean): boolean {
  return !diagnostics.some(
    ({ severity }) => severity === "error" || (isStrict && severity === "warning"),
  );
}

/** `2 errors, 1 warning` */
export function summary(diagnostics: readonly Diagnostic[]): string {
  const parts: string[] = [];
  for (const severity of ["error", "warning"] as const) {
    const count = diagnostics.filter((one) => one.severity === severity).length;
    if (count > 0) parts.push(`${count} ${severity}${count === 1 ? "" : "s"}`);
  }
  return parts.length === 0 ? "nothing found" : parts.join(", ");
}
