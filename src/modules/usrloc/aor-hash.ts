/** The hash of an address of record that is shown to the outside. */
import { hash32 } from "../../sip/ids.ts";

/** 32 bits; the same in every engine. */
export function aorHash(aor: string): number {
  return hash32(aor);
}
