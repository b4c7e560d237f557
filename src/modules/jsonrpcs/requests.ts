/** JSON-RPC 2.0 requests: read, run, answered. */
import { messageOf } from "../../runtime/errors.ts";
import { RpcError, RpcStruct, type RpcReply, type RpcValue } from "../../runtime/module.ts";
import { restOfTurn } from "../../runtime/rpc-stream.ts";
import type { Rpc } from "../../runtime/services.ts";
import { jsonPieces } from "./json.ts";

/** Codes of the JSON-RPC 2.0 specification, section 5.1. */
const Code = { parse: -32700, request: -32600, params: -32602 } as const;

export interface JsonReply {
  /** False when the document was no request: JSON without a method, or no JSON. */
  readonly isRequest: boolean;
  /** 200, or the error's code. */
  readonly code: number;
  readonly text: string;
  /** The document to send. */
  readonly answer: RpcStruct;
  /** Whether it is indented. */
  readonly pretty: boolean;
  /** FIFO to reply to, as the request names it. */
  readonly replyName: string | undefined;
}

/** Handles one document. Never rejects. */
export type DocumentHandler = (document: string) => Promise<JsonReply>;

/** What a reply repeats of its request. `id`: undefined when there was none. */
interface Envelope {
  readonly isRequest: boolean;
  readonly id: string | number | null | undefined;
  readonly replyName: string | undefined;
}

interface Request extends Envelope {
  readonly method: string;
  readonly params: readonly (string | number)[];
}

/** What is wrong with a document. */
interface Refusal extends Envelope {
  readonly code: number;
  readonly text: string;
}

/** The document to send, piece by piece; a long one is made as it goes on, and may break off with an error. */
export function bodyPieces(reply: JsonReply): AsyncGenerator<string> {
  return jsonPieces(reply.answer, reply.pretty);
}

/** The document to send as a whole. */
export async function wholeBody(reply: JsonReply): Promise<string> {
  let body = "";
  for await (const piece of bodyPieces(reply)) {
    if (body !== "") await restOfTurn();
    body += piece;
  }
  return body;
}

/** Runs one document. Never rejects. */
export async function runJson(rpc: Rpc, document: string, pretty: boolean): Promise<JsonReply> {
  const request = readRequest(document);
  if (!("method" in request)) return refused(request, pretty);
  try {
    const result = resultOf(await rpc.open(request.method, request.params));
    const answer = new RpcStruct().add("jsonrpc", "2.0").add("result", result);
    return finished(request, { code: 200, text: "OK", answer }, pretty);
  } catch (error) {
    const code = error instanceof RpcError ? error.code : 500;
    const text = messageOf(error);
    return refused({ ...request, code, text }, pretty);
  }
}

function refused(refusal: Refusal, pretty: boolean): JsonReply {
  const { code, text } = refusal;
  const error = new RpcStruct().add("code", code).add("message", text);
  const answer = new RpcStruct().add("jsonrpc", "2.0").add("error", error);
  return finished(refusal, { code, text, answer }, pretty);
}

function finished(
  request: Envelope,
  outcome: { readonly code: number; readonly text: string; readonly answer: RpcStruct },
  pretty: boolean,
): JsonReply {
  const { isRequest, id, replyName } = request;
  const { code, text, answer } = outcome;
  if (id !== undefined) answer.add("id", id);
  return { isRequest, code, text, answer, pretty, replyName };
}

/** One value as it is, several as a list, nothing as an empty structure. */
function resultOf(reply: RpcReply | Iterable<RpcValue>): RpcValue {
  const values = Symbol.iterator in reply ? [...reply] : reply.values;
  const [first] = values;
  if (first === undefined) return {};
  return values.length === 1 ? first : values;
}

function readRequest(document: string): Request | Refusal {
  const nobody = { isRequest: false, id: null, replyName: undefined };
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(document, "latin1").toString("utf8"));
  } catch {
    return { ...nobody, code: Code.parse, text: "the document is not JSON" };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return { ...nobody, code: Code.request, text: "the document is not one request object" };
  const fields = parsed as Readonly<Record<string, unknown>>;
  const { id, reply_name: replyName, method } = fields;
  const envelope: Envelope = {
    isRequest: true,
    id: typeof id === "string" || typeof id === "number" || id === null ? id : undefined,
    replyName: typeof replyName === "string" ? replyName : undefined,
  };
  if (typeof method !== "string") {
    const text = "the request names no method";
    return { ...envelope, isRequest: false, code: Code.request, text };
  }
  const params = paramsOf(fields["params"]);
  if (params === undefined) {
    const text = "parameters are a list or object of texts and numbers";
    return { ...envelope, code: Code.params, text };
  }
  return { ...envelope, method, params };
}

/** By position; the names of named ones do not matter. Undefined when one is no plain value. */
function paramsOf(params: unknown): (string | number)[] | undefined {
  if (params === undefined) return [];
  if (typeof params !== "object" || params === null) return undefined;
  const values: (string | number)[] = [];
  for (const value of Object.values(params as Readonly<Record<string, unknown>>)) {
    if (typeof value === "number") values.push(value);
    else if (typeof value === "boolean") values.push(value ? 1 : 0);
    else if (typeof value === "string") values.push(Buffer.from(value, "utf8").toString("latin1"));
    else return undefined;
  }
  return values;
}
