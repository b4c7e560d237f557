/** Bodies that are packed for the way: Content-Encoding gzip (RFC 3261, 20.12). */
import { constants, gunzipSync, gzipSync } from "node:zlib";

/** The one coding that is known beside `identity`. */
export const GZIP = "gzip";

/** Shorter bodies go into few enough packets as they are. */
const LEAST_BYTES = 4000;
/** Fast; slower levels save a tenth more. */
const PACKING = { level: constants.Z_BEST_SPEED };

/** A body packed; undefined when that gains nothing. */
export function packBody(body: string): string | undefined {
  if (body.length < LEAST_BYTES) return undefined;
  const packed = gzipSync(Buffer.from(body, "latin1"), PACKING);
  return packed.length < body.length ? packed.toString("latin1") : undefined;
}

/** What comes out of a packed body. */
export type Unpacked =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly problem: "too-large" | "malformed" };

/** Unpacks a body of a peer; no more than `most` bytes come out of it, or are made on the way. */
export function unpackBody(body: string, most: number): Unpacked {
  try {
    const plain = gunzipSync(Buffer.from(body, "latin1"), { maxOutputLength: most });
    return { ok: true, body: plain.toString("latin1") };
  } catch (error) {
    // The library reports by throwing.
    const isLarge = error instanceof RangeError;
    return { ok: false, problem: isLarge ? "too-large" : "malformed" };
  }
}
