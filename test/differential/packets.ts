/** Requests for the differential tests: the shapes that configs meet. `VIA` is replaced by a Via value of the sender. */

export interface PacketOptions {
  readonly port: number;
  readonly serverPort: number;
}

const crlf = (lines: readonly string[]): string => lines.join("\r\n");

/** Requests by name, each made for a sender's and a server's port. */
export const packets: Readonly<Record<string, (ports: PacketOptions) => string>> = {
  plain: ({ port, serverPort }) =>
    crlf([
      `INVITE sip:bob@127.0.0.1:${String(serverPort)};transport=udp;x=1 SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${String(port)};branch=z9hG4bKplain;rport`,
      "Max-Forwards: 70",
      'From: "Alice A" <sip:alice@atlanta.com>;tag=fromtag;x=y',
      "To: Bob <sip:bob@biloxi.com>",
      "Call-ID: call-plain@host",
      "CSeq: 17 INVITE",
      `Contact: <sip:alice@127.0.0.1:${String(port)}>;expires=60`,
      "Subject: hello",
      "X-Multi: one",
      "x-multi: two, three",
      "User-Agent: tester/1.0",
      "Expires: 1800",
      "P-Asserted-Identity: <sip:asserted@id.org>",
      'Proxy-Authorization: Digest username="alice", realm="atlanta.com", nonce="abc", uri="sip:atlanta.com", response="00", algorithm=MD5',
      "Content-Type: text/plain",
      "Content-Length: 14",
      "",
      "hello body\r\nm=",
    ]),
  compact: ({ port }) =>
    crlf([
      "OPTIONS sip:example.com SIP/2.0",
      `v: SIP/2.0/UDP 127.0.0.1:${String(port)};branch=z9hG4bKcompact`,
      "v: SIP/2.0/UDP 10.9.8.7:5070;branch=z9hG4bKearlier;received=10.1.1.1",
      "f: <sip:alice@atlanta.com;user=phone>;tag=fromtag",
      "t: sip:bob@biloxi.com;tag=totag",
      "i: call-compact@host",
      "CSeq: 1 OPTIONS",
      "s: folded",
      "  subject",
      "k: path, gruu",
      "Max-Forwards: 5",
      "l: 0",
      "",
      "",
    ]),
  routed: ({ port, serverPort }) =>
    crlf([
      `MESSAGE sip:+491234@[2001:db8::9]:5090;user=phone SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${String(port)};branch=z9hG4bKrouted`,
      `Route: <sip:127.0.0.1:${String(serverPort)};lr>, <sip:next.example.org;lr>`,
      "Record-Route: <sip:old.example.org;lr>",
      "From: sip:alice:secret@atlanta.com;tag=fromtag",
      'To: "B \\"ob\\"" <sip:bob@biloxi.com:5080;transport=tcp>;tag=totag',
      "Call-ID: call-routed@host",
      "CSeq: 2 MESSAGE",
      "Diversion: <sip:div@example.org>;reason=no-answer",
      "Refer-To: <sip:target@example.org>",
      "Remote-Party-ID: <sip:rpid@example.org>;privacy=full",
      "Content-Type: application/sdp",
      "Content-Length: 5",
      "",
      "v=0\r\n",
    ]),
};
