/** The hash of an address of record that is shown to the outside. */
import { coreHash } from "../../runtime/core-hash.ts";

/** 32 bits, the same in every engine, and in Kamailio. */
export function aorHash(aor: string): number {
  return coreHash(aor);
}
