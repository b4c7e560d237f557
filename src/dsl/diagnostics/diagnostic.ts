/** What the checker has to say about a configuration. */
import type { Span } from "../source.ts";

export type Severity = "error" | "warning" | "info";

/** One finding. Codes are listed in `codes.ts`; a released code is never used for anything else. */
export interface Diagnostic {
  /** `E301`: letter by severity at birth, number by range (1xx text, 2xx grammar, 3xx names, 4xx arguments, 5xx modules, 6xx routes, 9xx style). */
  readonly code: string;
  readonly severity: Severity;
  /** One plain sentence, without a final full stop. */
  readonly message: string;
  readonly span: Span;
  /** Further places: "first defined here". */
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
  /** The cure in one line, when we know it. */
  readonly help?: string;
}
