/** The targets of a request as Contacts of a 3xx reply. */
import type { ScriptContext } from "./context.ts";
import { formatQ } from "../sip/contact.ts";

/** Bits of rich_redirect. */
const Rich = { flags: 1, path: 2 } as const;

/** One Contact line with the changed Request-URI and all branches; "" when there is nothing to offer. */
export function redirectContacts(context: ScriptContext, rich: number): string {
  const contacts: string[] = [];
  if (context.newUri !== null && context.newUri !== context.msg.requestUri) {
    contacts.push(contact(context.uri, context, rich));
  }
  for (const branch of context.branches) contacts.push(contact(branch.uri, branch, rich));
  return contacts.length === 0 ? "" : `Contact: ${contacts.join(", ")}\r\n`;
}

interface Target {
  readonly q: number;
  readonly path: string | null;
  readonly flags?: number;
  readonly branchFlags?: number;
}

function contact(uri: string, target: Target, rich: number): string {
  const withPath =
    (rich & Rich.path) !== 0 && target.path !== null && target.path !== ""
      ? `${uri}?Route=${encodeURIComponent(target.path)}`
      : uri;
  let text = `<${withPath}>`;
  if (target.q >= 0) text += `;q=${formatQ(target.q)}`;
  const flags = target.branchFlags ?? target.flags ?? 0;
  if ((rich & Rich.flags) !== 0 && flags !== 0) text += `;flags=${flags}`;
  return text;
}
