/** What a SUBSCRIBE says, read and checked. */
import { lowerAscii } from "../../sip/chars.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { paramValue, splitList } from "../../sip/params.ts";

/** How often a watcher wants to hear (RFC 6446, 5), in NOTIFYs per second; 0: it does not say. */
export interface WantedRates {
  readonly most: number;
  readonly least: number;
}

const NO_RATES: WantedRates = { most: 0, least: 0 };

/** Rates from the parameters of Event. */
export function wantedRates(params: string): WantedRates {
  if (params === "") return NO_RATES;
  return { most: rate(params, "max-rate"), least: rate(params, "min-rate") };
}

function rate(params: string, name: string): number {
  const text = paramValue(params, 0, params.length, name);
  return text !== undefined && /^\d{1,10}(\.\d{1,10})?$/.test(text) ? Number(text) : 0;
}

/** Whether a NOTIFY may carry this media type (RFC 3261, 20.1). */
export function accepts(request: SipMessage, contentType: string): boolean {
  if (request.find(Header.Accept) < 0) return true;
  const [type = ""] = contentType.split("/");
  const ranges = [contentType, `${type}/*`, "*/*"];
  return request
    .values(Header.Accept)
    .flatMap((value) => splitList(value))
    .some((item) => {
      const semicolon = item.indexOf(";");
      const range = semicolon < 0 ? item : item.slice(0, semicolon);
      const params = semicolon < 0 ? "" : item.slice(semicolon);
      const q = paramValue(params, 0, params.length, "q");
      return (q === undefined || Number(q) !== 0) && ranges.includes(lowerAscii(range.trim()));
    });
}

/** Entity tag that the watcher knows already (RFC 5839, 4); "" when it names none, `*` for any. */
export function suppressedTag(request: SipMessage): string {
  return (request.value(Header.SuppressIfMatch) ?? "").trim();
}

/** The body as long as Content-Length says; undefined when that is wrong (RFC 3261, 18.3). */
export function bodyOf(request: SipMessage): string | undefined {
  const claimed = request.contentLength;
  if (claimed === -2 || claimed > request.body.length) return undefined;
  return claimed < 0 ? request.body : request.body.slice(0, claimed);
}

/** Extensions that a request requires, and nobody here has heard of. */
export function unknownExtensions(request: SipMessage): readonly string[] {
  return request.find(Header.Require) < 0 ? [] : request.require.list;
}
