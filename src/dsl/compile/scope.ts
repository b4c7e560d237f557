/** What the parts of the compiler share while one program, and within it one function, is written. */
import type { Span } from "../source.ts";
import type { CodeWriter } from "./code-writer.ts";
import type { FunctionTable } from "./functions.ts";
import type { Sites } from "./sites.ts";

/** A route as calls see it. */
export interface RouteTarget {
  readonly id: string;
  readonly isAsync: boolean;
  /** Whether it can come back to itself: it is told how deep it stands, so that this has an end. */
  readonly isRecursive: boolean;
}

/** The program being written. */
export interface ProgramScope {
  readonly code: CodeWriter;
  readonly sites: Sites;
  readonly functions: FunctionTable;
  /** `route[NAME]` blocks by name. */
  readonly routes: ReadonlyMap<string, RouteTarget>;
  /** Whether a computed route name may mean an asynchronous route. */
  readonly hasAsyncRoute: boolean;
}

/** The function being written. */
export class FunctionScope {
  readonly program: ProgramScope;
  /** Whether `yield` may be written. */
  readonly isAsync: boolean;
  /** Whether the function knows its depth, as `d`. */
  readonly isRecursive: boolean;
  /** Local variables that are used: declared once at the top. */
  readonly locals = new Set<string>();
  /** Set when an expression that can fail (division, computed pattern) was written; the statement resets it. */
  canFail = false;

  constructor(program: ProgramScope, isAsync: boolean, isRecursive = false) {
    this.program = program;
    this.isAsync = isAsync;
    this.isRecursive = isRecursive;
  }

  /** A local that is not used elsewhere. */
  newLocal(prefix: string): string {
    let number = 1;
    while (this.locals.has(`${prefix}${number}`)) number++;
    const name = `${prefix}${number}`;
    this.locals.add(name);
    return name;
  }

  local(name: string): string {
    this.locals.add(name);
    return name;
  }

  mark(span: Span): string {
    return this.program.code.mark(span);
  }
}
