/** Setting the body of a message, and the parts of multipart bodies (RFC 2046, 5.1). */
import { Header } from "../../sip/headers.ts";
import { paramValue } from "../../sip/params.ts";
import { unquote } from "../../sip/chars.ts";
import type { ScriptContext } from "../../runtime/context.ts";

const DEFAULT_BOUNDARY = "unique-boundary-1";

/** One part: its header lines and its content. */
interface BodyPart {
  readonly headers: string;
  readonly content: string;
}

/** The body as it would be sent now. */
function currentBody(context: ScriptContext): string {
  const edits = context.editsIfAny;
  if (edits === null || !edits.changesBody(context.msg.bodyStart)) return context.msg.body;
  const { socket, sourceAddress: address, sourcePort: port } = context;
  return edits.applyBody(context.msg, { socket, address, port, proto: socket.proto, branch: 0 });
}

function setContentType(context: ScriptContext, type: string): void {
  const { msg } = context;
  const header = msg.find(Header.ContentType);
  if (header >= 0) {
    if (msg.headerValue(header) === type) return;
    context.edits.removeHeader(msg, header);
  }
  context.edits.appendHeader(msg, `Content-Type: ${type}\r\n`);
}

export function setBody(context: ScriptContext, text: string, type: string): number {
  if (text === "" || type === "") return -1;
  context.edits.setBody(text);
  setContentType(context, type);
  return 1;
}

export function setReplyBody(context: ScriptContext, text: string, type: string): number {
  if (text === "" || type === "") return -1;
  context.replyBody = text;
  context.replyHeaders.push(`Content-Type: ${type}\r\n`);
  return 1;
}

/** The boundary that Content-Type names; undefined when the body is not multipart. */
function boundaryOf(context: ScriptContext): string | undefined {
  const type = context.msg.contentType;
  if (!context.msg.mediaType.startsWith("multipart/")) return undefined;
  const semicolon = type.indexOf(";");
  const value = semicolon < 0 ? undefined : paramValue(type, semicolon, type.length, "boundary");
  return value === undefined || value === "" ? undefined : unquote(value);
}

/** The parts between the delimiter lines; preamble and epilogue are left out. */
export function splitParts(body: string, boundary: string): BodyPart[] {
  const delimiter = `--${boundary}`;
  const parts: BodyPart[] = [];
  let at = body.startsWith(delimiter) ? 0 : body.indexOf(`\n${delimiter}`) + 1;
  if (at === 0 && !body.startsWith(delimiter)) return parts;
  while (at >= 0) {
    const line = body.indexOf("\n", at);
    const isLast = body.startsWith("--", at + delimiter.length);
    if (isLast || line < 0) break;
    const next = body.indexOf(`\n${delimiter}`, line);
    const end = next < 0 ? body.length : body.charAt(next - 1) === "\r" ? next - 1 : next;
    if (end > line) parts.push(readPart(body.slice(line + 1, end)));
    at = next < 0 ? -1 : next + 1;
  }
  return parts;
}

function readPart(text: string): BodyPart {
  if (/^\r?\n/.test(text)) return { headers: "", content: text.replace(/^\r?\n/, "") };
  const blank = /\r?\n\r?\n/.exec(text);
  if (blank === null) return { headers: text, content: "" };
  return {
    headers: text.slice(0, blank.index),
    content: text.slice(blank.index + blank[0].length),
  };
}

function isOfType(part: BodyPart, type: string): boolean {
  const match = /^content-type\s*:\s*([^\r\n;]*)/im.exec(part.headers);
  return match?.[1]?.trim().toLowerCase() === type.toLowerCase().trim();
}

function joinParts(parts: readonly BodyPart[], boundary: string): string {
  let text = "";
  for (const part of parts) {
    const headers = part.headers === "" ? "" : `${part.headers}\r\n`;
    text += `--${boundary}\r\n${headers}\r\n${part.content}\r\n`;
  }
  return `${text}--${boundary}--\r\n`;
}

/** Makes the body a multipart one with one part: the given text, or the body that is there. */
export function setMultipart(
  context: ScriptContext,
  first: { readonly text: string; readonly type: string } | undefined,
  boundary: string | undefined,
): number {
  if (first === undefined && boundaryOf(context) !== undefined) return 1;
  const text = first?.text ?? currentBody(context);
  const type = first?.type ?? context.msg.contentType;
  if (text === "" || type === "") return -1;
  const delimiter = boundary || DEFAULT_BOUNDARY;
  context.edits.setBody(
    joinParts([{ headers: `Content-Type: ${type}`, content: text }], delimiter),
  );
  setContentType(context, `multipart/mixed;boundary="${delimiter}"`);
  if (context.msg.find(Header.MimeVersion) < 0) {
    context.edits.appendHeader(context.msg, "Mime-Version: 1.0\r\n");
  }
  return 1;
}

/** Adds a part at the end. */
export function appendPart(
  context: ScriptContext,
  text: string,
  type: string,
  disposition: string | undefined,
): number {
  const body = currentBody(context);
  const boundary = boundaryOf(context) ?? /^--([^\r\n]+)\r?\n/.exec(body)?.[1];
  if (boundary === undefined || text === "" || type === "") return -1;
  const parts = splitParts(body, boundary);
  const extra = disposition ? `\r\nContent-Disposition: ${disposition}` : "";
  parts.push({ headers: `Content-Type: ${type}${extra}`, content: text });
  context.edits.setBody(joinParts(parts, boundary));
  return 1;
}

/** Text of pairs of hexadecimal digits, blanks between them ignored; undefined when it is none. */
export function fromHex(text: string): string | undefined {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Buffer.from(digits, "hex").toString("latin1");
}

/** The first part of that type. */
export function findPart(context: ScriptContext, type: string): BodyPart | undefined {
  const boundary = boundaryOf(context);
  if (boundary === undefined) return undefined;
  return splitParts(currentBody(context), boundary).find((part) => isOfType(part, type));
}

/** A part with its header lines and the delimiter line that follows it. */
export function rawPart(context: ScriptContext, part: BodyPart): string {
  return `${part.headers}\r\n\r\n${part.content}\r\n--${boundaryOf(context) ?? ""}\r\n`;
}

/** Leaves the first part of that type out. */
export function removePart(context: ScriptContext, type: string): number {
  const boundary = boundaryOf(context);
  if (boundary === undefined) return -1;
  const parts = splitParts(currentBody(context), boundary);
  const at = parts.findIndex((part) => isOfType(part, type));
  if (at < 0) return -1;
  parts.splice(at, 1);
  context.edits.setBody(joinParts(parts, boundary));
  return 1;
}

/** Makes the content of the first part of that type the whole body. */
export function filterBody(context: ScriptContext, type: string): number {
  const part = findPart(context, type);
  if (part === undefined) return -1;
  context.edits.setBody(part.content);
  return 1;
}
