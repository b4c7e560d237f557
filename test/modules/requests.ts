/** Requests for the tests of modules. */

export interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  /** Further header lines, each with CRLF. */
  readonly headers?: string;
  readonly body?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cseq?: string;
  readonly callId?: string;
  readonly contentLength?: string;
  readonly via?: string;
}

let branches = 0;

/** A request with the required headers, and what is given otherwise. */
export function request(parts: RequestParts = {}): string {
  const { method = "OPTIONS", body = "", headers = "" } = parts;
  return [
    `${method} ${parts.uri ?? "sip:bob@example.com"} SIP/2.0`,
    `Via: ${parts.via ?? `SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKtest${++branches}`}`,
    `From: ${parts.from ?? "<sip:alice@example.org>;tag=ft"}`,
    `To: ${parts.to ?? "<sip:bob@example.com>"}`,
    `Call-ID: ${parts.callId ?? `call-${branches}`}`,
    `CSeq: ${parts.cseq ?? `1 ${method}`}`,
    `${headers}Content-Length: ${parts.contentLength ?? String(body.length)}`,
    "",
    body,
  ].join("\r\n");
}
