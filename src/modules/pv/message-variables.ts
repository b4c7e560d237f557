/** Variables on the message as a whole: method, status, buffer, body, flags, Via. */
import type { Value } from "../../dsl/value.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { Via } from "../../sip/via.ts";
import { parseUri } from "../../sip/uri.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import {
  reads,
  readsAndWrites,
  type VariableImplementation,
  type VariableReference,
} from "../../runtime/module.ts";
import { methodId } from "../../runtime/method-ids.ts";
import { protocolIds } from "./network-variables.ts";
import { refuse, uriParts, viaUri } from "./uri-variables.ts";

function method(msg: SipMessage): string | null {
  return msg.isRequest ? msg.method : msg.cseqMethod || null;
}

/** First line without its line end. */
function firstLine(msg: SipMessage): string {
  return msg.text.slice(msg.firstLineStart, msg.firstLineEnd).trimEnd();
}

/** Where the last header's text ends, its line end not counted. */
function headersTextEnd(msg: SipMessage): number {
  let end = msg.headersEnd;
  while (end > 0 && (msg.text.charCodeAt(end - 1) === 10 || msg.text.charCodeAt(end - 1) === 13)) {
    end--;
  }
  return Math.max(end, msg.firstLineEnd);
}

const messageParts: Readonly<Record<string, (msg: SipMessage) => Value>> = {
  buf: (msg) => msg.text,
  len: (msg) => msg.text.length,
  body: (msg) => msg.body,
  body_len: (msg) => msg.body.length,
  hdrs: (msg) => msg.text.slice(msg.firstLineEnd, headersTextEnd(msg)),
  hdrs_len: (msg) => headersTextEnd(msg) - msg.firstLineEnd,
  fline: firstLine,
  fpart: (msg) => msg.text.slice(msg.firstLineStart, headersTextEnd(msg)),
  lpart: (msg) => msg.text.slice(msg.firstLineEnd),
};

const messagePart: VariableImplementation = (reference) => {
  const part = messageParts[reference.inner ?? ""];
  return { get: (context) => (part === undefined ? null : part(context.msg)) };
};

function viaAttribute(via: Via, name: string): Value {
  switch (name) {
    case "host":
      return via.host;
    case "port":
      return via.port;
    case "proto":
      return via.transport;
    case "protoid":
      return protocolIds[via.transport.toLowerCase()] ?? 0;
    case "branch":
      return via.branch || null;
    case "rport":
      return via.rport > 0 ? via.rport : null;
    case "received":
      return via.received || null;
    case "i":
      return via.param("i") ?? null;
    default:
      return null;
  }
}

function viaVariable(find: (msg: SipMessage) => Via | null | undefined): VariableImplementation {
  return (reference) => {
    const name = reference.inner ?? "host";
    return {
      get: (context) => {
        const via = find(context.msg);
        return via ? viaAttribute(via, name) : null;
      },
    };
  };
}

/** `$rpl(...)`: where this reply goes next. */
const replyVariable: VariableImplementation = (reference) => {
  const key = reference.inner ?? "duri";
  return {
    get: ({ msg }) => {
      if (msg.isRequest) return null;
      if (key === "cntvia") return msg.vias().length;
      if (key === "cntrr") return msg.recordRoutes?.length ?? 0;
      const via = msg.secondVia;
      const uri = via ? parseUri(viaUri(via)) : undefined;
      if (uri === undefined) return null;
      if (key === "duri") return uri.text;
      if (key === "dhost") return uri.host;
      if (key === "dport") return uriParts.port(uri);
      const proto = uri.transport || "udp";
      return key === "dprotoid" ? (protocolIds[proto] ?? 0) : proto;
    },
  };
};

type FlagField = "flags" | "scriptFlags" | "branchFlags";

function flagsAsNumber(field: FlagField): VariableImplementation {
  return readsAndWrites(
    (context) => context[field] >>> 0,
    (context, value) => setFlags(context, field, value),
  );
}

function flagsAsHex(field: FlagField): VariableImplementation {
  return readsAndWrites(
    (context) => (context[field] >>> 0).toString(16).padStart(8, "0"),
    (context, value) => setFlags(context, field, value),
  );
}

function setFlags(context: ScriptContext, field: FlagField, value: Value): void {
  if (typeof value === "string") refuse(context, "flags", "they must be a number");
  else context[field] = (value ?? 0) >>> 0;
}

/** Number of the flag named in the parentheses: a constant or a variable. */
function flagNumber(reference: VariableReference): (context: ScriptContext) => number {
  const constant = reference.inner;
  if (constant !== undefined) return () => Number(constant);
  return (context) => Number(reference.innerText(context));
}

/** `$Mf(n)`, `$Sf(n)`, `$Bf(n)`: one flag, 1 or 0. */
function oneFlag(field: FlagField): VariableImplementation {
  return (reference) => {
    const number = flagNumber(reference);
    return {
      get: (context) => (context[field] >>> number(context)) & 1,
      set: (context, value) => {
        const bit = 1 << number(context);
        const on = typeof value === "number" && value !== 0;
        context[field] = (on ? context[field] | bit : context[field] & ~bit) >>> 0;
      },
    };
  };
}

/** `$msgbuf(n)`: one character of the received text. */
const bufferCharacter: VariableImplementation = (reference) => {
  const at = flagNumber(reference);
  return { get: (context) => context.msg.text.charAt(at(context)) || null };
};

/** `$mi`: a number that tells messages apart, counted from when it is first asked for. */
function messageIds(): VariableImplementation {
  const slot = new ContextSlot<number>();
  let last = 0;
  return reads((context) => {
    const known = context.state(slot);
    if (known !== undefined) return known;
    context.setState(slot, ++last);
    return last;
  });
}

/** The message with its edits, as if it left through the socket that received it. */
function updatedBuffer(context: ScriptContext): string {
  const edits = context.editsIfAny;
  if (edits === null) return context.msg.text;
  const { socket, sourceAddress: address, sourcePort: port } = context;
  return edits.apply(context.msg, { socket, address, port, proto: socket.proto, branch: 0 });
}

export function messageVariables() {
  return {
    rm: reads((context) => method(context.msg)),
    rmid: reads((context) => {
      const name = method(context.msg);
      return name === null ? null : methodId(name);
    }),
    rs: reads((context) => (context.msg.isRequest ? null : String(context.msg.statusCode))),
    rsi: reads((context) => context.msg.statusCode),
    rr: reads((context) => (context.msg.isRequest ? null : context.msg.reason)),
    rv: reads((context) => context.msg.version),
    mt: reads((context) => (context.msg.isRequest ? 1 : 2)),
    mts: reads((context) => (context.msg.isRequest ? "rq" : "rp")),
    mb: reads((context) => context.msg.text),
    mbu: reads(updatedBuffer),
    ml: reads((context) => context.msg.text.length),
    mi: messageIds(),
    msg: messagePart,
    msgbuf: bufferCharacter,
    bs: reads((context) => context.msg.body.length),
    rb: reads((context) => context.msg.body),
    via0: viaVariable((msg) => msg.via),
    via1: viaVariable((msg) => msg.secondVia),
    viaZ: viaVariable((msg) => msg.vias().at(-1)),
    rpl: replyVariable,
    mf: flagsAsNumber("flags"),
    mF: flagsAsHex("flags"),
    Mf: oneFlag("flags"),
    sf: flagsAsNumber("scriptFlags"),
    sF: flagsAsHex("scriptFlags"),
    Sf: oneFlag("scriptFlags"),
    bf: flagsAsNumber("branchFlags"),
    bF: flagsAsHex("branchFlags"),
    Bf: oneFlag("branchFlags"),
  } as const;
}
