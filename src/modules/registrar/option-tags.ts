/** Whether a message lists an option tag, without making a list of them. */
import { sameAt, tokenEnd, trimStart } from "../../sip/chars.ts";
import type { HeaderTable } from "../../sip/header-table.ts";
import type { HeaderKind } from "../../sip/headers.ts";

/** Whether one of the headers of this kind (Supported, Require) contains the tag. */
export function hasOptionTag(message: HeaderTable, kind: HeaderKind, tag: string): boolean {
  const { text } = message;
  for (let i = message.find(kind); i >= 0; i = message.findNext(kind, i)) {
    const end = message.valueEnd(i);
    let at = message.valueStart(i);
    while (at < end) {
      const from = trimStart(text, at, end);
      const to = tokenEnd(text, from, end);
      if (to - from === tag.length && sameAt(text, from, to, tag)) return true;
      const comma = text.indexOf(",", to);
      if (comma < 0 || comma >= end) break;
      at = comma + 1;
    }
  }
  return false;
}
