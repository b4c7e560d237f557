/** Variables on headers by name (`$hdr`, `$hdrc`, `$hfl`, `$hflc`) and on single well-known ones. */
import type { Getter } from "../../dsl/compile/abi.ts";
import type { Value } from "../../dsl/value.ts";
import { Header, headerKind } from "../../sip/headers.ts";
import { parseContacts } from "../../sip/contact.ts";
import { splitList } from "../../sip/params.ts";
import type { SipMessage } from "../../sip/message.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  reads,
  type VariableImplementation,
  type VariableReference,
} from "../../runtime/module.ts";

/** Index of the next header of that name; `*` is any header. */
function next(msg: SipMessage, name: string, after: number): number {
  if (name !== "*") return msg.findName(name, after);
  return after + 1 < msg.headerCount ? after + 1 : -1;
}

function countHeaders(msg: SipMessage, name: string): number {
  let total = 0;
  for (let i = next(msg, name, -1); i >= 0; i = next(msg, name, i)) total++;
  return total;
}

function nthValue(msg: SipMessage, name: string, index: number): string | null {
  let left = index < 0 ? countHeaders(msg, name) + index : index;
  if (left < 0) return null;
  for (let i = next(msg, name, -1); i >= 0; i = next(msg, name, i)) {
    if (left-- === 0) return msg.headerValue(i);
  }
  return null;
}

function allValues(msg: SipMessage, name: string): string | null {
  const values: string[] = [];
  for (let i = next(msg, name, -1); i >= 0; i = next(msg, name, i)) values.push(msg.headerValue(i));
  return values.length === 0 ? null : values.join(",");
}

/** The index as a number for this message, or `*`. */
function indexOf(
  index: VariableReference["index"],
): ((context: ScriptContext) => number | "*") | undefined {
  if (index === undefined) return undefined;
  if (typeof index !== "function") return () => index;
  return (context) => Number(index(context) ?? 0);
}

function nameOf(reference: VariableReference): Getter<ScriptContext, string> {
  const constant = reference.inner;
  return constant === undefined ? reference.innerText : () => constant;
}

/** `$hdr(name)[index]`: the whole value of a header line. */
const headerValue: VariableImplementation = (reference) => {
  const index = indexOf(reference.index);
  if (index === undefined && reference.inner !== undefined && reference.inner !== "*") {
    const name = reference.inner;
    return {
      get: ({ msg }) => (msg.findName(name) < 0 ? null : msg.headerValue(msg.findName(name))),
    };
  }
  const name = nameOf(reference);
  return {
    get: (context) => {
      const at = index === undefined ? 0 : index(context);
      if (at === "*") return allValues(context.msg, name(context));
      return nthValue(context.msg, name(context), at);
    },
  };
};

/** Single values of a header that holds a comma-separated list; null: it is not one that is split. */
function listValues(msg: SipMessage, name: string): string[] | null {
  const kind = headerKind(name);
  if (kind !== Header.Via && kind !== Header.Contact) {
    if (kind !== Header.Route && kind !== Header.RecordRoute) return null;
  }
  const values: string[] = [];
  for (let i = msg.find(kind); i >= 0; i = msg.findNext(kind, i)) {
    const line = msg.headerValue(i);
    // As Kamailio: the contacts of one line come last to first.
    if (kind === Header.Contact) values.push(...contactValues(line).toReversed());
    else values.push(...splitList(line));
  }
  return values;
}

function contactValues(line: string): string[] {
  const contacts = parseContacts(line);
  if (contacts === undefined) return [];
  return contacts.star ? ["*"] : contacts.list.map((contact) => contact.value);
}

/** `$hfl(name)[index]`: one value of a list. As Kamailio, -2 is the last one and -1 is none. */
const listValue: VariableImplementation = (reference) => {
  const index = indexOf(reference.index);
  const name = nameOf(reference);
  return {
    get: (context) => {
      const at = index === undefined ? 0 : index(context);
      const text = name(context);
      if (at === "*") return allValues(context.msg, text);
      const values = listValues(context.msg, text);
      if (values === null) return nthValue(context.msg, text, at);
      return values[at < 0 ? values.length + at + 1 : at] ?? null;
    },
  };
};

const headerCount: VariableImplementation = (reference) => {
  const name = nameOf(reference);
  return { get: (context) => countHeaders(context.msg, name(context)) };
};

const listCount: VariableImplementation = (reference) => {
  const name = nameOf(reference);
  return {
    get: (context) => {
      const text = name(context);
      return listValues(context.msg, text)?.length ?? countHeaders(context.msg, text);
    },
  };
};

/** Lowest or highest lifetime of the message: Contacts' own, and the Expires header for those without one. */
function expires(msg: SipMessage, highest: boolean): Value {
  const header = msg.expires;
  let result = -1;
  const take = (seconds: number): void => {
    if (seconds < 0) return;
    if (result < 0 || (highest ? seconds > result : seconds < result)) result = seconds;
  };
  for (const contact of msg.contacts?.list ?? []) {
    take(contact.expires < 0 ? header : contact.expires);
  }
  if (result < 0) take(header);
  return result < 0 ? null : result;
}

const expiresVariable: VariableImplementation = (reference) => {
  const highest = reference.inner === "max";
  return { get: (context) => expires(context.msg, highest) };
};

const valueOf = (kind: (typeof Header)[keyof typeof Header]) =>
  reads((context) => context.msg.value(kind) ?? null);

export const headerVariables = {
  hdr: headerValue,
  hdrc: headerCount,
  hfl: listValue,
  hflc: listCount,
  expires: expiresVariable,
  ci: valueOf(Header.CallId),
  ct: valueOf(Header.Contact),
  cT: valueOf(Header.ContentType),
  ua: valueOf(Header.UserAgent),
  cl: reads((context) => {
    const length = context.msg.contentLength;
    return length < 0 ? null : length;
  }),
  cs: reads((context) => {
    const cseq = context.msg.cseqNumber;
    return cseq < 0 ? null : String(cseq);
  }),
  csb: valueOf(Header.CSeq),
} as const;
