/** RPC values as JSON text, laid out as Kamailio does. Structures may repeat names, which JSON.stringify cannot write. */
import { RpcDouble, RpcStruct, type RpcValue } from "../../runtime/module.ts";

/** The whole document, on one line or indented with tabs. */
export function jsonText(value: RpcValue, pretty: boolean): string {
  return pretty ? prettyText(value, 0) : flatText(value);
}

function flatText(value: RpcValue): string {
  if (isArray(value)) return `[${value.map(flatText).join(",")}]`;
  const entries = entriesOf(value);
  if (entries === undefined) return scalar(value);
  return `{${entries.map(([name, one]) => `${scalar(name)}:${flatText(one)}`).join(",")}}`;
}

/** `depth`: how many lists and structures are open around it; each is a tab for the members within. */
function prettyText(value: RpcValue, depth: number): string {
  if (isArray(value)) return `[${value.map((one) => prettyText(one, depth + 1)).join(", ")}]`;
  const entries = entriesOf(value);
  if (entries === undefined) return scalar(value);
  const inner = "\t".repeat(depth + 1);
  const end = `\n${"\t".repeat(depth)}}`;
  if (entries.length === 0) return `{${end}`;
  const lines = entries.map(
    ([name, one]) => `${inner}${scalar(name)}:\t${prettyText(one, depth + 1)}`,
  );
  return `{\n${lines.join(",\n")}${end}`;
}

/** Members of a structure; undefined for what is none. */
function entriesOf(value: RpcValue): readonly (readonly [string, RpcValue])[] | undefined {
  if (value instanceof RpcStruct) return value.entries;
  if (typeof value !== "object" || value === null || value instanceof RpcDouble || isArray(value))
    return undefined;
  return Object.entries(value);
}

/** Texts hold bytes as latin1; what is valid UTF-8 is shown as such. */
function scalar(value: RpcValue): string {
  if (value instanceof RpcDouble) return double(value.value);
  if (typeof value === "number" && !Number.isFinite(value)) return "null";
  return JSON.stringify(typeof value === "string" ? decode(value) : value);
}

/** A whole number without decimals, any other one with six. */
function double(value: number): string {
  if (!Number.isFinite(value)) return "null";
  return Number.isInteger(value) ? String(value) : value.toFixed(6);
}

function decode(text: string): string {
  // eslint-disable-next-line no-control-regex
  return /[\x80-\xff]/.test(text) ? Buffer.from(text, "latin1").toString("utf8") : text;
}

function isArray(value: RpcValue): value is readonly RpcValue[] {
  return Array.isArray(value);
}
