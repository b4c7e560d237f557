/** Names of structured values: `root`, `root[1]`, `root=>field`, `root[0]=>field[2]`, `root[*]`. */

/** Position in a stack: a number (negative from the oldest), all, or none written. */
export type StackIndex = number | "*" | undefined;

export interface XavpName {
  readonly root: string;
  readonly rootIndex: StackIndex;
  /** Undefined when the name has no `=>field`. */
  readonly field: string | undefined;
  readonly fieldIndex: StackIndex;
}

function part(text: string): { name: string; index: StackIndex } | undefined {
  const match = /^([^[\]\s]+)\s*(?:\[\s*(\*|-?\d+)\s*\])?$/.exec(text.trim());
  if (match === null) return undefined;
  const index = match[2];
  return {
    name: match[1] as string,
    index: index === undefined || index === "*" ? index : Number(index),
  };
}

/** Reads a name; undefined when it is malformed. */
export function parseXavpName(text: string): XavpName | undefined {
  const arrow = text.indexOf("=>");
  const root = part(arrow < 0 ? text : text.slice(0, arrow));
  if (root === undefined) return undefined;
  if (arrow < 0) {
    return { root: root.name, rootIndex: root.index, field: undefined, fieldIndex: undefined };
  }
  const field = part(text.slice(arrow + 2));
  if (field === undefined) return undefined;
  return { root: root.name, rootIndex: root.index, field: field.name, fieldIndex: field.index };
}

/** Position in a stack of that length for an index: none and `*` are the newest; -1 when outside. */
export function stackPosition(index: StackIndex, length: number): number {
  if (index === undefined || index === "*") return length > 0 ? 0 : -1;
  const at = index < 0 ? length + index : index;
  return at >= 0 && at < length ? at : -1;
}
