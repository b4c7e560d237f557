/** The selects `@hf_value`, `@hf_value2` and `@hf_value_exists`. */
import type { Getter } from "../../dsl/compile/abi.ts";
import type { Select } from "../../dsl/syntax/ast.ts";
import { parseNameAddr } from "../../sip/name-addr.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  chooseValues,
  hasValue,
  headerName,
  paramOf,
  valuesOf,
  type HeaderValue,
} from "./values.ts";

type Part = Select["path"][number];

function read(
  msg: SipMessage,
  value: HeaderValue,
  part: string | undefined,
  whole: boolean,
): string | null {
  const text = msg.text.slice(value.start, value.end);
  if (part === undefined) return text;
  if (!whole && part === "uri") return parseNameAddr(text)?.uriText ?? null;
  if (!whole && part === "name") return parseNameAddr(text)?.displayName ?? null;
  return paramOf(msg, value, headerName(part), whole) ?? null;
}

function indexOf(part: Part): number | "*" {
  const { index } = part;
  if (index === undefined) return "*";
  return typeof index === "number" ? index : index === "*" ? "*" : Number(index);
}

/** `hf_value.name[index]` with `.uri`, `.name`, a parameter or `.p.parameter` behind it. */
function valueSelect(path: readonly Part[], whole: boolean): Getter<ScriptContext> | undefined {
  const header = path[1];
  if (header === undefined) return undefined;
  const third = path[2]?.name;
  const isMarked = (third === "p" || third === "param" || third === "params") && path.length > 3;
  const part = isMarked ? path[3]?.name : third;
  const name = headerName(header.name);
  const index = indexOf(header);
  // Without an index a parameter or name is that of the first value; alone all values are meant.
  const isFirst = header.index === undefined && (whole || (part !== undefined && part !== "uri"));
  return ({ msg }) => {
    const found = chooseValues(valuesOf(msg, name, whole), isFirst ? 1 : index);
    const texts = found
      .map((value) => read(msg, value, part, whole))
      .filter((text) => text !== null);
    return texts.length === 0 ? null : texts.join(",");
  };
}

export function bindSelect(path: Select["path"]): Getter<ScriptContext> | undefined {
  const [first, header, value] = path;
  if (first?.name === "hf_value") return valueSelect(path, false);
  if (first?.name === "hf_value2") return valueSelect(path, true);
  if (first?.name !== "hf_value_exists" || header === undefined || value === undefined) {
    return undefined;
  }
  return ({ msg }) => (hasValue(msg, header.name, value.name) ? "1" : "0");
}
