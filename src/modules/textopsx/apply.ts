/** Making the changes to a message part of it, and changing the status of a reply. */
import { applyEdits } from "../../sip/build.ts";
import { parseMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../../runtime/context.ts";

/** The received text with all changes and the present Request-URI; undefined when some text is not known yet. */
function changedText(context: ScriptContext): string | undefined {
  const { msg, newUri } = context;
  const edits = context.editsIfAny;
  // A Record-Route is written for the socket that the request leaves by, which is not chosen yet.
  if (edits?.dependsOnSending === true) return undefined;
  const { socket, sourceAddress: address, sourcePort: port } = context;
  const send = { socket, address, port, proto: socket.proto, branch: 0 };
  const text = edits === null ? msg.text.slice(msg.firstLineStart) : applyEdits(msg, edits, send);
  if (newUri === null || !msg.isRequest) return text;
  const start = msg.requestUriStart - msg.firstLineStart;
  const end = msg.requestUriEnd - msg.firstLineStart;
  return text.slice(0, start) + newUri + text.slice(end);
}

/** Puts another text in the message's place. False: it is no message of the same kind. */
export function setText(context: ScriptContext, text: string): boolean {
  const parsed = parseMessage(text);
  if (!parsed.ok || parsed.message.isRequest !== context.msg.isRequest) return false;
  context.msg = parsed.message;
  context.newUri = null;
  context.clearEdits();
  return true;
}

/** Applies all changes. 1, or -1 when they cannot be applied now. */
export function applyChanges(context: ScriptContext): number {
  if (context.editsIfAny === null && context.newUri === null) return 1;
  if (context.scope === "branch" || context.scope === "failure") return -1;
  const text = changedText(context);
  if (text === undefined) {
    context.services.log.error("changes cannot be applied behind a Record-Route of ours");
    return -1;
  }
  return setText(context, text) ? 1 : -1;
}

/** Whether a status may take the place of another: provisional stays provisional, success stays success. */
function mayBecome(old: number, status: number): boolean {
  if (status < 100 || status > 699) return false;
  const isFailure = old >= 300 && status >= 300;
  return isFailure || Math.floor(old / 100) === Math.floor(status / 100);
}

/** Changes status and reason of a reply, in the message itself, so that transactions see them as well. */
export function changeStatus(
  context: ScriptContext,
  status: number,
  reason: string | undefined,
): number {
  const { msg } = context;
  if (msg.isRequest || !mayBecome(msg.statusCode, status)) return -1;
  const line = `${msg.version} ${status} ${reason ?? msg.reason}\r\n`;
  const text = changedText(context);
  if (text === undefined) return -1;
  const rest = text.slice(msg.firstLineEnd - msg.firstLineStart);
  return setText(context, line + rest) ? 1 : -1;
}
