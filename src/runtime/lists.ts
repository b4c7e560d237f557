/** Attribute lists of a message or transaction: `$avp`, `$xavp`, `$xavu`, `$xavi`. */
import type { Value } from "../dsl/value.ts";

/** A structured value: fields by name, each with a stack of values, newest first. */
export class XavpNode {
  readonly fields = new Map<string, XavpValue[]>();
}
export type XavpValue = Value | XavpNode;

/** All lists. Each name has a stack of values, newest first. */
export class AttributeLists {
  #avps: Map<string, Value[]> | null = null;
  #xavps: Map<string, XavpValue[]> | null = null;
  #xavus: Map<string, XavpValue> | null = null;
  #xavis: Map<string, XavpValue[]> | null = null;

  /** Whether nothing is in any of them but avps. */
  get hasOnlyAvps(): boolean {
    return isEmptyMap(this.#xavps) && isEmptyMap(this.#xavus) && isEmptyMap(this.#xavis);
  }

  /** `$avp(name)`: newest first. Names of the old forms `s:x` and `i:5` are as Kamailio maps them. */
  get avps(): Map<string, Value[]> {
    return (this.#avps ??= new Map());
  }
  /** The avps, or null when there never was one. */
  get avpsIfAny(): Map<string, Value[]> | null {
    return this.#avps;
  }
  get xavps(): Map<string, XavpValue[]> {
    return (this.#xavps ??= new Map());
  }
  get xavus(): Map<string, XavpValue> {
    return (this.#xavus ??= new Map());
  }
  /** Names without regard to case. */
  get xavis(): Map<string, XavpValue[]> {
    return (this.#xavis ??= new Map());
  }
}

function isEmptyMap(map: ReadonlyMap<string, unknown> | null): boolean {
  return map === null || map.size === 0;
}
