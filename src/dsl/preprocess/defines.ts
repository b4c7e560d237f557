/** The names that are defined while a text is read. */
import type { Span } from "../source.ts";
import type { Define } from "./result.ts";

/** The release whose dialect is read; `KAMAILIO_...` names and version comparisons follow it. */
const RELEASE = [5, 6, 3] as const;

/** What happened to a definition. */
export type DefineOutcome = "set" | "ignored" | "duplicate";

/** Names and values; keeps those undefined again for hints. */
export class DefineTable {
  readonly #live = new Map<string, Define>();
  readonly #ever = new Map<string, Define>();

  constructor(commandLine: readonly string[]) {
    const [major, minor, patch] = RELEASE;
    for (const name of [
      `KAMAILIO_${major}`,
      `KAMAILIO_${major}_${minor}`,
      `KAMAILIO_${major}_${minor}_${patch}`,
      "OLELO",
    ]) {
      this.#put({ name, value: undefined, origin: "predefined" });
    }
    for (const entry of commandLine) {
      const equal = entry.indexOf("=");
      const name = equal < 0 ? entry : entry.slice(0, equal);
      const value = equal < 0 ? undefined : entry.slice(equal + 1);
      if (name !== "") this.#put({ name, value, origin: "command-line" });
    }
  }

  #put(define: Define): void {
    this.#live.set(define.name, define);
    this.#ever.set(define.name, define);
  }

  get(name: string): Define | undefined {
    return this.#live.get(name);
  }

  /** Every name that was defined at any time. */
  get all(): ReadonlyMap<string, Define> {
    return this.#ever;
  }

  /** `plain` refuses a name that is taken, `try` keeps the old value, `re` replaces it. */
  define(
    name: string,
    value: string | undefined,
    mode: "plain" | "try" | "re",
    from: Pick<Define, "origin" | "lacksQuote"> & { readonly span: Span },
  ): DefineOutcome {
    if (this.#live.has(name)) {
      if (mode === "try") return "ignored";
      if (mode === "plain") return "duplicate";
    }
    this.#put({ name, value, ...from });
    return "set";
  }

  undefine(name: string): void {
    this.#live.delete(name);
  }

  /** The value of a name in an expression of `#!ifexp`: a number if it reads as one, 1 for a flag, 0 when not defined. */
  valueOf(name: string): number | string {
    if (name === "KAMAILIO_VERSION" && !this.#live.has(name)) {
      const [major, minor, patch] = RELEASE;
      return major * 1_000_000 + minor * 1000 + patch;
    }
    const define = this.#live.get(name);
    if (define === undefined) return 0;
    const text = define.value?.trim() ?? "";
    if (text === "") return 1;
    if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
    const quoted = /^(["'])(.*)\1$/s.exec(text);
    return quoted?.[2] ?? text;
  }
}
