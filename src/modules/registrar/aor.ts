/** Addresses of record: from a URI to the key under which contacts are stored. */
import { flatText, lowerAscii, matchesAt, unescapeText } from "../../sip/chars.ts";
import { parseUri, type SipUri } from "../../sip/uri.ts";

/** What decides about the key. A live object: settings may change at run time. */
export interface AorRules {
  readonly useDomain: boolean;
  readonly caseSensitive: boolean;
  /** Start of a domain that is left out. */
  readonly realmPrefix: string | undefined;
}

/** Longest key. */
const MAX_AOR = 256;

/** Key of a URI that has been read; null when it cannot be one (RFC 3261, 10.3, step 5). */
export function aorOfUri(uri: SipUri, rules: AorRules): string | null {
  let aor = unescapeText(uri.user);
  if (aor === null) return null;
  if (rules.useDomain) {
    const prefix = rules.realmPrefix;
    const hasPrefix =
      prefix !== undefined &&
      prefix !== "" &&
      matchesAt(uri.host, 0, uri.host.length, lowerAscii(prefix));
    const domain = hasPrefix ? uri.host.slice(prefix.length) : uri.host;
    aor = uri.user === "" ? domain : `${aor}@${domain}`;
  }
  if (aor.length > MAX_AOR) return null;
  // It is looked up several times.
  return flatText(rules.caseSensitive ? aor : lowerAscii(aor));
}

/** Key of a URI given as text; null when it cannot be read. */
export function aorOfText(text: string, rules: AorRules): string | null {
  const uri = parseUri(text);
  return uri === undefined ? null : aorOfUri(uri, rules);
}
