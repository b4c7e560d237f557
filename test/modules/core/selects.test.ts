/** The core's selects, as scripts read them. */
import { describe, expect, it } from "vitest";
import { bindSelect } from "../../../src/modules/core/selects.ts";
import { ScriptContext } from "../../../src/runtime/context.ts";
import { parseMessage } from "../../../src/sip/message.ts";
import { sip } from "../../support/engine.ts";

const message = parseMessage(sip`
  INVITE sip:bob:pw@example.com:5070;transport=tcp;x=1 SIP/2.0
  Via: SIP/2.0/UDP 10.0.0.1:5061;branch=z9hG4bKabc;rport
  Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKdef;received=1.2.3.4
  From: "Alice" <sip:alice@a.example>;tag=ft
  To: <sip:bob@b.example>
  Call-ID: call-1
  CSeq: 7 INVITE
  Contact: <sip:alice@10.0.0.1>;expires=60;q=0.5
  Supported: path
  P-Charge: me
  Authorization: Digest username="alice", realm="a.example", nonce="n", uri="sip:x", response="r"
  Content-Length: 4

  body`);

const custom = new Map([["pstn", new Map<string, number | string>([["gw_ip", "10.0.0.9"]])]]);
const services = { globals: { custom } } as never;

/** A path as it is written: `via[1].branch`, `msg["P-Charge"]`. */
function path(text: string) {
  return [...text.matchAll(/([A-Za-z_0-9]+)(?:\[(?:"([^"]*)"|(-?\d+))\])?/g)].map((match) => {
    const [, name = "", word, number] = match;
    const index = word ?? (number === undefined ? undefined : Number(number));
    return index === undefined ? { name } : { name, index };
  });
}

function read(text: string) {
  if (!message.ok) throw new Error(message.problem);
  const socket = { address: "10.0.0.100", port: 5060, proto: "udp" } as never;
  const from = { sourceAddress: "10.0.0.1", sourcePort: 5061, socket };
  const context = new ScriptContext(services, "request", message.message, from);
  return bindSelect(path(text), services)?.(context);
}

describe("@select", () => {
  it.each([
    ["ruri", "sip:bob:pw@example.com:5070;transport=tcp;x=1"],
    ["ruri.user", "bob"],
    ["ruri.pwd", "pw"],
    ["ruri.host", "example.com"],
    ["ruri.port", 5070],
    ["ruri.transport", "tcp"],
    ["ruri.params.x", "1"],
    ["method", "INVITE"],
    ["from.uri", "sip:alice@a.example"],
    ["from.uri.host", "a.example"],
    ["from.name", "Alice"],
    ["from.tag", "ft"],
    ["to.tag", null],
    ["to.uri.user", "bob"],
    ["contact.expires", "60"],
    ["contact.q", "0.5"],
    ["contact.uri.host", "10.0.0.1"],
    ["via.branch", "z9hG4bKabc"],
    ["via[1].branch", "z9hG4bKdef"],
    ["via[-1].received", "1.2.3.4"],
    ["via.port", 5061],
    ["call_id", "call-1"],
    ["cseq.num", 7],
    ["cseq.method", "INVITE"],
    ["msg.supported", "path"],
    ["msg.p_charge", "me"],
    ['msg["P-Charge"]', "me"],
    ["msg.len", message.ok ? message.message.text.length : 0],
    ["msg.body", "body"],
    ["src.ip", "10.0.0.1"],
    ["src.port", 5061],
    ["dst.ip_port", "10.0.0.100:5060"],
    ["received.proto_ip_port", "udp:10.0.0.100:5060"],
    ["authorization.username", "alice"],
    ['authorization["a.example"].username', "alice"],
    ['authorization["other"].username', null],
    ["cfg_get.pstn.gw_ip", "10.0.0.9"],
    ["cfg_get.pstn.nothing", null],
    ["dst_uri", null],
  ])("@%s is %s", (text, value) => expect(read(text)).toEqual(value));

  it.each(["nothing", "ruri.nothing", "via.nothing", "sys.nothing", "cseq.nothing"])(
    "there is no @%s",
    (text) => expect(bindSelect(path(text), services)).toBeUndefined(),
  );
});
