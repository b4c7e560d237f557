/** A message on its way between workers, to be looked at by another one's module. */
import { parseMessage } from "../../sip/message.ts";
import { ScriptContext } from "../context.ts";
import type { Services } from "../services.ts";

/** As it came in, with the flags that the script has set. */
export interface MessageRow {
  readonly text: string;
  readonly address: string;
  readonly port: number;
  readonly socket: number;
  readonly flags: number;
  readonly branchFlags: number;
}

export function messageRow(context: ScriptContext): MessageRow {
  return {
    text: context.msg.text,
    address: context.sourceAddress,
    port: context.sourcePort,
    socket: context.socket.index,
    flags: context.flags,
    branchFlags: context.branchFlags,
  };
}

/** A context for a message of another worker; null when it cannot be read, which it could there. */
export function contextOfRow(services: Services, row: MessageRow): ScriptContext | null {
  const read = parseMessage(row.text);
  const socket = services.sockets[row.socket];
  if (!read.ok || socket === undefined) return null;
  const from = { sourceAddress: row.address, sourcePort: row.port, socket };
  const context = new ScriptContext(services, "request", read.message, from);
  context.flags = row.flags;
  context.branchFlags = row.branchFlags;
  return context;
}
