/** `$xavp` values as plain data, on their way between workers. */
import { XavpNode, type XavpValue } from "../lists.ts";

/** A value, or the fields of a structure. */
export type AttributeRow =
  | Exclude<XavpValue, XavpNode>
  | { readonly fields: readonly (readonly [string, readonly AttributeRow[]])[] };

/** A `$xavp` value as plain data. */
export function attributeRow(value: XavpValue): AttributeRow {
  if (!(value instanceof XavpNode)) return value;
  return { fields: [...value.fields].map(([name, list]) => [name, list.map(attributeRow)]) };
}

/** The value that `attributeRow` made plain. */
export function attributeOf(row: AttributeRow): XavpValue {
  if (typeof row !== "object" || row === null) return row;
  const node = new XavpNode();
  for (const [name, list] of row.fields) node.fields.set(name, list.map(attributeOf));
  return node;
}
