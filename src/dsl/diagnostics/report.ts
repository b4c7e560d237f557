/** Collects diagnostics up to a limit. */
import type { Span } from "../source.ts";
import type { SyntaxCode } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** What a finding may carry besides its sentence. */
export interface ReportExtras {
  readonly related?: Diagnostic["related"];
  readonly help?: string | undefined;
}

/** A list of findings that stops growing at its limit. */
export class Report {
  readonly #limit: number;
  readonly #list: Diagnostic[] = [];
  #dropped = 0;

  constructor(limit = 100) {
    this.#limit = limit;
  }

  /** Adds a finding; its severity follows from the letter of the code. */
  add(code: SyntaxCode, message: string, span: Span, extras?: ReportExtras): void {
    if (this.#list.length >= this.#limit) {
      this.#dropped += 1;
      return;
    }
    this.#list.push({
      code,
      severity: code.startsWith("W") ? "warning" : "error",
      message,
      span,
      ...(extras?.related === undefined ? {} : { related: extras.related }),
      ...(extras?.help === undefined ? {} : { help: extras.help }),
    });
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#list;
  }

  /** Findings beyond the limit. */
  get dropped(): number {
    return this.#dropped;
  }

  get hasErrors(): boolean {
    return this.#list.some((entry) => entry.severity === "error");
  }
}
