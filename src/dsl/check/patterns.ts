/** Whether regular expressions and substitutions in a configuration are well formed. */
import { type Locate, parseFormat } from "../format/format.ts";
import { parseRegex } from "../regex/parse.ts";
import { parseSubst } from "../regex/subst.ts";
import { hasBackreference, mayBacktrack } from "../regex/translate.ts";
import type { Variable } from "../syntax/ast.ts";

/** What is wrong with a POSIX extended regular expression; nothing when it is right. */
export function regexProblem(pattern: string): string | undefined {
  const reading = parseRegex(pattern);
  return reading.ok ? undefined : reading.problem.message;
}

/** Whether a pattern can take exponential time: back-references keep it from being run as an automaton. */
export function slowPattern(pattern: string): boolean {
  return hasBackreference(pattern) && mayBacktrack(pattern);
}

/** A substitution as far as the checker needs it. */
export interface SubstitutionReading {
  /** What is wrong with it; nothing when it is right. */
  readonly problem?: string;
  /** The variables in its replacement. */
  readonly variables: readonly Variable[];
}

/** Reads a `/pattern/replacement/flags`. */
export function readSubstitution(text: string, locate?: Locate): SubstitutionReading {
  const variables: Variable[] = [];
  const reading = parseSubst(text, (whole, at) => {
    const shifted: Locate | undefined =
      locate === undefined ? undefined : (start, end) => locate(at + start, at + end);
    const [first] = parseFormat(whole.slice(at), shifted);
    if (first?.kind !== "variable") return undefined;
    variables.push(first.variable);
    return { variable: first.variable, end: at + first.end };
  });
  return reading.ok ? { variables } : { problem: reading.message, variables };
}
