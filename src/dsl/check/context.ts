/** What rules get: the facts of the configuration, the names that exist, and a place for findings. */
import type { Catalog } from "../catalog/catalog.ts";
import { GlobalIndex } from "../catalog/globals.ts";
import { type CheckCode, checkCodes } from "../diagnostics/codes-checks.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PreprocessResult } from "../preprocess/result.ts";
import type { Span } from "../source.ts";
import type { Config } from "../syntax/ast.ts";
import { collectFacts, type Facts } from "./facts.ts";
import { Names } from "./names.ts";

/** What a check may leave out or add. */
export interface CheckOptions {
  /** Also says what is accepted without effect and which routes are never run (`info`). Default: yes. */
  readonly advice?: boolean;
  /** How many findings are kept at most. Default: 100. */
  readonly maxDiagnostics?: number;
}

/** Further parts of a finding. */
export interface Details {
  readonly help?: string | undefined;
  readonly related?: Diagnostic["related"];
  /** A name of which this is said only once. */
  readonly once?: string;
}

interface MissingModule {
  readonly span: Span;
  readonly message: string;
  uses: number;
}

/** One run of the checker. */
export class CheckContext {
  readonly catalog: Catalog;
  readonly config: Config;
  readonly preprocess: PreprocessResult;
  readonly facts: Facts;
  readonly names: Names;
  readonly globals = new GlobalIndex();
  readonly #findings: Diagnostic[] = [];
  readonly #said = new Set<string>();
  readonly #missing = new Map<string, MissingModule>();

  constructor(config: Config, preprocess: PreprocessResult, catalog: Catalog) {
    this.config = config;
    this.preprocess = preprocess;
    this.catalog = catalog;
    this.facts = collectFacts(config, catalog);
    const specs = [];
    for (const module of this.facts.modules.values()) {
      if (module.spec !== undefined) specs.push(module.spec);
    }
    this.names = new Names(catalog, specs);
  }

  /** Adds a finding. */
  report(kind: CheckCode, span: Span, message: string, details: Details = {}): void {
    if (details.once !== undefined) {
      const key = `${kind.code} ${details.once}`;
      if (this.#said.has(key)) return;
      this.#said.add(key);
    }
    this.#findings.push({
      code: kind.code,
      severity: kind.severity,
      message,
      span,
      ...(details.related === undefined ? {} : { related: details.related }),
      ...(details.help === undefined ? {} : { help: details.help }),
    });
  }

  /**
   * Says that a module which is used is not loaded: once for each module, at its first use, however many uses there are.
   * `subject` is what needs it: `t_relay()`, `$T(id)`, "registrar".
   */
  reportMissing(module: string, span: Span, subject: string): void {
    const known = this.#missing.get(module);
    if (known === undefined) {
      const message = `${subject} is in module ${module}, which is not loaded`;
      this.#missing.set(module, { span, message, uses: 1 });
    } else {
      known.uses++;
    }
  }

  /** All findings, in the order of the rules, then those about missing modules. */
  finish(): Diagnostic[] {
    // A module whose name nobody can guess may be any of those that are missing.
    const isGuessing = this.facts.loads.some(({ state, spec }) => state === "unknown" && !spec);
    if (isGuessing) return this.#findings;
    for (const [module, { span, message, uses }] of this.#missing) {
      const more =
        uses > 1 ? ` (and is used in ${uses - 1} more ${uses > 2 ? "places" : "place"})` : "";
      const built = this.catalog.modules.has(module);
      if (built) {
        const help = `add loadmodule "${module}.so" above`;
        this.report(checkCodes.moduleNotLoaded, span, message + more, { help });
      } else {
        const reason = `${message}, and which olelo does not have yet`;
        this.report(checkCodes.moduleNotLoaded, span, reason + more);
      }
    }
    return this.#findings;
  }
}
