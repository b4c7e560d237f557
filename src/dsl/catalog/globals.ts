/** The core's global parameters (`children=4`): what may be set, to which values, and what it does here. */
import { dnsGlobals } from "./globals-dns.ts";
import { generalGlobals } from "./globals-general.ts";
import { systemGlobals } from "./globals-system.ts";
import { transportGlobals } from "./globals-transport.ts";

/**
 * What may stand behind the `=`.
 *
 * `int` is a number (or yes/no), `bool` is read as 0 or 1, `str` a quoted text, `path` a text or a bare path, `text` is a text,
 * number or word, `id` one of `values`, `sockets` a list of `proto:host:port`, `names` a list of host names, `address` an
 * IP address.
 */
export type GlobalType =
  | "int"
  | "bool"
  | "str"
  | "path"
  | "text"
  | "id"
  | "sockets"
  | "names"
  | "address";

/** A global parameter of the core. */
export interface GlobalSpec {
  /** Other spellings of the same parameter. */
  readonly aliases?: readonly string[];
  readonly type: GlobalType;
  readonly doc: string;
  readonly default?: string | number;
  readonly min?: number;
  readonly max?: number;
  /** The words allowed, for `id`; the letters or numbers allowed, for others. */
  readonly values?: readonly (string | number)[];
  /** A text with variables, evaluated for each message. */
  readonly isFormat?: boolean;
  /** Takes a bare number as well as the words of `values`. */
  readonly orNumber?: boolean;
  /** Accepted without effect; the reason, as a sentence without a full stop. */
  readonly ignored?: string;
}

export type GlobalTable = Readonly<Record<string, GlobalSpec>>;

/** All global parameters by their main name. */
export const coreGlobals: GlobalTable = {
  ...generalGlobals,
  ...transportGlobals,
  ...dnsGlobals,
  ...systemGlobals,
};

/** Finds parameters by any of their names. */
export class GlobalIndex {
  readonly #byName = new Map<string, { readonly name: string; readonly spec: GlobalSpec }>();

  constructor(table: GlobalTable = coreGlobals) {
    for (const [name, spec] of Object.entries(table)) {
      this.#byName.set(name, { name, spec });
      for (const alias of spec.aliases ?? []) this.#byName.set(alias, { name, spec });
    }
  }

  /** The parameter with its main name; nothing when there is none. */
  find(name: string): { readonly name: string; readonly spec: GlobalSpec } | undefined {
    return this.#byName.get(name);
  }

  /** Every accepted spelling, for suggestions. */
  names(): readonly string[] {
    return [...this.#byName.keys()];
  }
}
