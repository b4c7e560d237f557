/** What a SUBSCRIBE says, read and checked. */
import { lowerAscii } from "../../sip/chars.ts";
import { GZIP } from "../body-coding.ts";
import { Header } from "../../sip/headers.ts";
import type { SipMessage } from "../../sip/message.ts";
import { paramValue, splitList } from "../../sip/params.ts";
import type { WatcherSubscription } from "./subscription.ts";

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

/** Whether bodies may be packed for this watcher (RFC 3261, 20.2). */
export function acceptsGzip(request: SipMessage): boolean {
  if (request.find(Header.AcceptEncoding) < 0) return false;
  const codings = request.values(Header.AcceptEncoding).flatMap((value) => splitList(value));
  return codings.some((coding) => {
    const semicolon = coding.indexOf(";");
    const name = semicolon < 0 ? coding : coding.slice(0, semicolon);
    const q = paramValue(coding, name.length, coding.length, "q");
    return lowerAscii(name.trim()) === GZIP && (q === undefined || Number(q) !== 0);
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

/** What a dialog needs, in texts that can stand in requests of the engine. */
export function isWellFormed(message: SipMessage): boolean {
  const { callId, fromTag, from, to, event } = message;
  if (callId === "" || fromTag === "" || message.cseqNumber < 0 || !from || !to) return false;
  if (from.uri === null || to.uri === null || message.recordRoutes === null) return false;
  const texts = [callId, fromTag, from.uriText, to.uriText, event?.id ?? ""];
  return texts.every(isOneLine);
}

/** A folded header has line ends in its values. */
function isOneLine(text: string): boolean {
  return !/[\r\n\0]/.test(text);
}

/** Whether the watcher has the state already (RFC 5839). */
export function knowsState(message: SipMessage, subscription: WatcherSubscription): boolean {
  const wanted = suppressedTag(message);
  if (wanted === "" || subscription.state !== "active") return false;
  const tag = subscription.package.entityTag?.(subscription) ?? "";
  return tag !== "" && (wanted === "*" || wanted === tag);
}
