/** The errors that the engine throws: by whose fault it is. */
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";

/** Base of all errors that this package throws on purpose. */
export class RouterError extends Error {
  /** A constant that programs can compare: `TRANSPORT_BIND_FAILED`. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The configuration cannot be run; `diagnostics` says why. */
export class ConfigError extends RouterError {
  readonly diagnostics: readonly Diagnostic[];
  constructor(message: string, diagnostics: readonly Diagnostic[]) {
    super("CONFIG_INVALID", message);
    this.diagnostics = diagnostics;
  }
}

/** The network refused something. `cause` is the system's error. */
export class TransportError extends RouterError {}

/** Starting or stopping failed for a reason outside of the configuration. */
export class StartError extends RouterError {}

/** A mistake of our own: a condition that always holds did not. */
export class InvariantError extends RouterError {
  constructor(message: string) {
    super("INVARIANT", message);
  }
}

/** Stops what is being done with an `InvariantError` when the condition does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** What an error says; whatever else was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with where it came from. */
export function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
