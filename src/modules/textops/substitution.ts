/** Substitution expressions bound to a script: the pattern compiled, the variables of the replacement ready to read. */
import { parseSubst, type Subst } from "../../dsl/regex/subst.ts";
import { parseFormat } from "../../dsl/format/format.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { Services } from "../../runtime/services.ts";

type Read = (context: ScriptContext) => string;

/** A place in a text and what goes there. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A substitution that is ready to run. */
export class BoundSubstitution {
  readonly #subst: Subst<Read>;

  constructor(subst: Subst<Read>) {
    this.#subst = subst;
  }

  /** The places to change, left to right: one, or all with the flag `g`. */
  replacements(text: string, context: ScriptContext): Replacement[] {
    const { regex, parts, replacesAll } = this.#subst;
    const found: Replacement[] = [];
    let from = 0;
    while (from <= text.length) {
      regex.lastIndex = from;
      const match = regex.exec(text);
      if (match === null) break;
      let replacement = "";
      for (const part of parts) {
        if (part.kind === "text") replacement += part.text;
        else if (part.kind === "group") replacement += match[part.index] ?? "";
        else replacement += part.variable(context);
      }
      const end = match.index + match[0].length;
      found.push({ start: match.index, end, text: replacement });
      if (!replacesAll) break;
      // An empty match must not be found again.
      from = match[0].length === 0 ? end + 1 : end;
    }
    regex.lastIndex = 0;
    return found;
  }

  /** The text with its changes; undefined when nothing matched. */
  apply(text: string, context: ScriptContext): string | undefined {
    const found = this.replacements(text, context);
    if (found.length === 0) return undefined;
    let result = "";
    let at = 0;
    for (const { start, end, text: replacement } of found) {
      result += text.slice(at, start) + replacement;
      at = end;
    }
    return result + text.slice(at);
  }
}

/** Reads `/pattern/replacement/flags`, or says why it cannot be read. */
export function bindSubstitution(
  expression: string,
  services: Pick<Services, "format">,
): BoundSubstitution | string {
  const reading = parseSubst<Read>(expression, (text, at) => {
    const first = parseFormat(text.slice(at))[0];
    if (first?.kind !== "variable") return undefined;
    const source = text.slice(at + first.start, at + first.end);
    // Variables can be bound only when the whole script is.
    let bound: Read | undefined;
    const variable: Read = (context) => (bound ??= services.format(source))(context);
    return { variable, end: at + first.end };
  });
  return reading.ok ? new BoundSubstitution(reading.subst) : reading.message;
}

/** Substitutions by expression, for those that are known only when a message is there. Bounded. */
export class SubstitutionCache {
  readonly #services: Pick<Services, "format" | "log">;
  readonly #known = new Map<string, BoundSubstitution | undefined>();

  constructor(services: Pick<Services, "format" | "log">) {
    this.#services = services;
  }

  get(expression: string): BoundSubstitution | undefined {
    if (this.#known.has(expression)) return this.#known.get(expression);
    const bound = bindSubstitution(expression, this.#services);
    if (typeof bound === "string") {
      this.#services.log.error(`${expression} is no substitution: ${bound}`);
    }
    if (this.#known.size >= 256) this.#known.clear();
    const usable = typeof bound === "string" ? undefined : bound;
    this.#known.set(expression, usable);
    return usable;
  }
}
