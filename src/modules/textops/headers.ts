/** Adding, removing and finding header lines. */
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../../runtime/context.ts";

function lastOf(msg: SipMessage, name: string): number {
  let last = -1;
  for (let i = msg.findName(name); i >= 0; i = msg.findName(name, i)) last = i;
  return last;
}

/** Adds a header line behind all headers, or behind the last one of a name. */
export function appendHeader(context: ScriptContext, text: string, behind?: string): number {
  const { msg } = context;
  const after = behind === undefined ? -1 : lastOf(msg, behind);
  context.edits.appendHeader(msg, text, after);
  return 1;
}

/** Adds a header line in front of all headers, or in front of the first one of a name. */
export function insertHeader(context: ScriptContext, text: string, before?: string): number {
  const { msg } = context;
  const at = before === undefined ? 0 : Math.max(0, msg.findName(before));
  context.edits.insertHeader(msg, text, at);
  return 1;
}

/** Removes the headers of a name; the number does not matter, as long as there was one. */
export function removeByName(context: ScriptContext, name: string): number {
  const { msg } = context;
  let i = msg.findName(name);
  if (i < 0) return -1;
  for (; i >= 0; i = msg.findName(name, i)) context.edits.removeHeader(msg, i);
  return 1;
}

/** Removes the headers whose name is chosen by a test. */
export function removeWhere(
  context: ScriptContext,
  test: (name: string, index: number) => boolean,
): number {
  const { msg } = context;
  let count = 0;
  for (let i = 0; i < msg.headerCount; i++) {
    if (!test(msg.headerName(i), i)) continue;
    context.edits.removeHeader(msg, i);
    count++;
  }
  return count > 0 ? 1 : -1;
}

export function matches(regex: RegExp, text: string): boolean {
  regex.lastIndex = 0;
  return regex.test(text);
}

/** Removes the header of a name at an index, negative from the last. 2 when there is none there. */
export function removeAt(context: ScriptContext, name: string, index: number): number {
  const { msg } = context;
  const all: number[] = [];
  for (let i = msg.findName(name); i >= 0; i = msg.findName(name, i)) all.push(i);
  const header = all.at(index);
  if (header === undefined) return 2;
  context.edits.removeHeader(msg, header);
  return 1;
}

/** Removes the headers of a name whose value is chosen by a test. */
export function removeByValue(
  context: ScriptContext,
  name: string,
  test: (value: string) => boolean,
): number {
  const { msg } = context;
  let count = 0;
  for (let i = msg.findName(name); i >= 0; i = msg.findName(name, i)) {
    if (!test(msg.headerValue(i))) continue;
    context.edits.removeHeader(msg, i);
    count++;
  }
  return count > 0 ? 1 : -1;
}

export function isPresentLike(context: ScriptContext, regex: RegExp): number {
  const { msg } = context;
  for (let i = 0; i < msg.headerCount; i++) if (matches(regex, msg.headerName(i))) return 1;
  return -1;
}

/** Whether the message has a body, of that media type if one is given. */
export function hasBody(context: ScriptContext, mediaType: string | undefined): number {
  const { msg } = context;
  if (msg.bodyStart >= msg.text.length || msg.body === "") return -1;
  if (mediaType === undefined || mediaType === "" || mediaType === "0") return 1;
  // RFC 3261, 20.15 knows no default; Kamailio takes a body without Content-Type for SDP.
  const type = msg.find(Header.ContentType) < 0 ? "application/sdp" : msg.mediaType;
  return type === mediaType.toLowerCase().split(";", 1)[0]?.trim() ? 1 : -1;
}

/** Whether Privacy (RFC 3323) names that value. */
export function hasPrivacy(context: ScriptContext, value: string): number {
  const wanted = value.toLowerCase();
  for (const line of context.msg.values(Header.Privacy)) {
    for (const item of line.split(/[;,]/)) {
      if (item.trim().toLowerCase() === wanted) return 1;
    }
  }
  return -1;
}

/** RFC 2543 hold is a connection address of zero (1); RFC 3264 hold is sendonly or inactive (2). */
export function audioHold(context: ScriptContext): number {
  let sessionAddress = "";
  let sessionDirection = "";
  let media: { address: string; direction: string } | undefined;
  const verdict = (): number => {
    if (media === undefined) return -1;
    const address = media.address || sessionAddress;
    if (/^IN IP4 0\.0\.0\.0\b|^IN IP6 ::(\s|$)/.test(address)) return 1;
    const direction = media.direction || sessionDirection;
    return direction === "sendonly" || direction === "inactive" ? 2 : -1;
  };
  for (const line of context.msg.body.split(/\r?\n/)) {
    if (line.startsWith("m=")) {
      const result = verdict();
      if (result > 0) return result;
      const isAudio = line.startsWith("m=audio ");
      media = isAudio ? { address: "", direction: "" } : undefined;
      if (!isAudio) sessionAddress ||= " ";
    } else if (line.startsWith("c=")) {
      if (media !== undefined) media.address = line.slice(2);
      else if (sessionAddress === "") sessionAddress = line.slice(2);
    } else if (/^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.test(line)) {
      if (media !== undefined) media.direction = line.slice(2).trim();
      else if (sessionAddress !== " ") sessionDirection = line.slice(2).trim();
    }
  }
  return verdict();
}
