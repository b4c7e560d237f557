/** Requests and replies for the tests of transactions. */
import type { Sent } from "../../support/engine.ts";

export const caller = "10.0.0.1:5060";
export const callee = "10.0.0.2:5060";
export const second = "10.0.0.3:5060";

export interface RequestParts {
  readonly uri?: string;
  readonly branch?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly toTag?: string;
  /** Further header lines, each with CRLF. */
  readonly headers?: string;
  readonly body?: string;
}

/** A request from 10.0.0.1. */
export function request(method: string, parts: RequestParts = {}): string {
  const body = parts.body ?? "";
  const tag = parts.toTag === undefined ? "" : `;tag=${parts.toTag}`;
  return (
    `${method} ${parts.uri ?? "sip:b@10.0.0.2"} SIP/2.0\r\n` +
    `Via: SIP/2.0/UDP 10.0.0.1:5060;branch=${parts.branch ?? "z9hG4bKabc"}\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=ft\r\nTo: <sip:b@example.com>${tag}\r\n` +
    `Call-ID: ${parts.callId ?? "c1"}\r\nCSeq: ${parts.cseq ?? 1} ${method}\r\n` +
    `${parts.headers ?? ""}Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** The ACK of a negative reply, hop by hop. */
export function ack(parts: RequestParts = {}): string {
  return request("ACK", { toTag: "x", ...parts });
}

/** A reply to a request that the engine sent. */
export function reply(sent: Sent, code: number, headers = "", reason = `Reason${code}`): string {
  const vias = sent.headers("Via").map((via) => `Via: ${via}\r\n`);
  const to = sent.header("To");
  const tagged = to.includes(";tag=") || code === 100 ? to : `${to};tag=t${code}`;
  return (
    `SIP/2.0 ${code} ${reason}\r\n${vias.join("")}From: ${sent.header("From")}\r\nTo: ${tagged}\r\n` +
    `Call-ID: ${sent.header("Call-ID")}\r\nCSeq: ${sent.header("CSeq")}\r\n` +
    `${headers}Content-Length: 0\r\n\r\n`
  );
}

/** First words of what was sent and where to: `10.0.0.2:5060 INVITE`, `10.0.0.1:5060 180`. */
export function summary(sent: readonly Sent[]): string[] {
  return sent.map((one) => {
    const [first = "", second_ = ""] = one.line.split(" ");
    return `${one.to} ${first.startsWith("SIP/") ? second_ : first}`;
  });
}

/** The first packet of that kind, as in `summary`. */
export function find(sent: readonly Sent[], words: string): Sent {
  const at = summary(sent).indexOf(words);
  const one = sent[at];
  if (one === undefined) throw new Error(`no ${words} among ${summary(sent).join(", ")}`);
  return one;
}

/** A configuration with the modules that the tests of transactions use. */
export function config(params: string, routes: string): string {
  return `
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
${params}
${routes}
`;
}
