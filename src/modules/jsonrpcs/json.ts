/** RPC values as JSON text, laid out as Kamailio does. Structures may repeat names, which JSON.stringify cannot write. */
import { RpcDouble, RpcStream, type RpcStruct, type RpcValue } from "../../runtime/module.ts";
import { entriesOf, hasStream, isArray } from "../../runtime/rpc-stream.ts";

/** Text that is handed on at once, in characters: it takes less than a millisecond to make. */
const PIECE = 16_384;

/** The whole document, on one line or indented with tabs. There must be no stream in it. */
export function jsonText(value: RpcValue, pretty: boolean): string {
  return pretty ? prettyText(value, 0) : flatText(value);
}

/** The same document piece by piece; streams are read as it goes on. */
export async function* jsonPieces(value: RpcValue, pretty: boolean): AsyncGenerator<string> {
  if (!hasStream(value)) {
    yield jsonText(value, pretty);
    return;
  }
  let piece = "";
  const walk = parts(value, pretty ? 0 : -1);
  for (let step = walk.next(); step.done !== true;) {
    if (typeof step.value === "string") {
      piece += step.value;
      step = walk.next();
    } else {
      // oxlint-disable-next-line no-await-in-loop
      step = walk.next(await step.value.next());
    }
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

/** Text, or a stream of which a batch is wanted. `depth` as for `prettyText`; below 0: on one line. */
function* parts(
  value: RpcValue,
  depth: number,
): Generator<string | RpcStream, void, readonly RpcStruct[] | undefined> {
  const inside = depth < 0 ? -1 : depth + 1;
  if (value instanceof RpcStream) yield* listed(value, depth);
  else if (!hasStream(value)) yield depth < 0 ? flatText(value) : prettyText(value, depth);
  else if (isArray(value)) {
    for (const [i, member] of value.entries()) {
      yield i === 0 ? "[" : separator(depth);
      yield* parts(member, inside);
    }
    yield "]";
  } else {
    const [before, after] = depth < 0 ? ["", ""] : ["\n", `\n${"\t".repeat(depth)}`];
    const indent = "\t".repeat(Math.max(0, inside));
    for (const [i, [name, member]] of (entriesOf(value) ?? []).entries()) {
      yield `${i === 0 ? "{" : ","}${before}${indent}${scalar(name)}:${depth < 0 ? "" : "\t"}`;
      yield* parts(member, inside);
    }
    yield `${after}}`;
  }
}

function* listed(
  stream: RpcStream,
  depth: number,
): Generator<string | RpcStream, void, readonly RpcStruct[] | undefined> {
  yield "[";
  let isFirst = true;
  for (let batch = yield stream; batch !== undefined; batch = yield stream) {
    for (const member of batch) {
      const text = depth < 0 ? flatText(member) : prettyText(member, depth + 1);
      yield isFirst ? text : separator(depth) + text;
      isFirst = false;
    }
  }
  yield "]";
}

function separator(depth: number): string {
  return depth < 0 ? "," : ", ";
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
