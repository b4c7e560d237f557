/** A registrar on a network in memory, and REGISTER requests for it. */
import {
  type AnyModule,
  declareModule,
  implementModule,
  required,
} from "../../../src/runtime/module.ts";
import { type Sent, type TestEngine, testEngine } from "../../support/engine.ts";

export const params = (lines: Record<string, string | number>): string =>
  Object.entries(lines)
    .map(([name, value]) => {
      const [module = "", param = ""] = name.split(".");
      const text = typeof value === "number" ? String(value) : `"${value}"`;
      return `modparam("${module}", "${param}", ${text})\n`;
    })
    .join("");

const probeSpec = declareModule()({
  name: "probe",
  doc: "Lets tests see what a script sees.",
  functions: {
    note: { doc: "Notes a text.", routes: ["any"], args: [required("text", "fmt", "Text.")] },
    targets: { doc: "Notes where the request would go.", routes: ["any"], args: [] },
    natted: { doc: "Sets branch flag 6.", routes: ["any"], args: [] },
  },
});

/** A module with which scripts note texts. */
export function probe(notes: string[]): AnyModule {
  return implementModule(probeSpec, () => ({
    functions: {
      note: (_context, text) => {
        notes.push(text);
        return 1;
      },
      targets: (context) => {
        const { uri, dstUri, path, q, branchFlags: flags, forcedSocket: socket } = context;
        notes.push(describeTarget({ uri, dstUri, path, q, flags, socket }));
        for (const branch of context.branches) notes.push(describeTarget(branch));
        return 1;
      },
      natted: (context) => {
        context.branchFlags |= 1 << 6;
        return 1;
      },
    },
  }));
}

/** A target of a request in one line: only what is set. */
function describeTarget(target: {
  readonly uri: string;
  readonly dstUri: string | null;
  readonly path: string | null;
  readonly q: number;
  readonly flags: number;
  readonly socket: { readonly text: string } | null;
}): string {
  const parts = [target.uri];
  if (target.dstUri !== null) parts.push(`dst=${target.dstUri}`);
  if (target.path !== null) parts.push(`path=${target.path}`);
  if (target.q >= 0) parts.push(`q=${target.q}`);
  if (target.flags !== 0) parts.push(`flags=${target.flags}`);
  if (target.socket !== null) parts.push(`socket=${target.socket.text}`);
  return parts.join(" ");
}

/** Configuration with everything that the tests ask for. */
export function registrarConfig(
  settings: Record<string, string | number> = {},
  extra = "",
): string {
  return `
listen=udp:10.0.0.100:5060
alias="example.test"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "probe.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "nat_bflag", 6)
modparam("registrar", "received_avp", "$avp(rcv)")
modparam("registrar", "xavp_cfg", "reg")
modparam("registrar", "xavp_rcd", "ulrcd")
${params(settings)}
request_route {
  if (method == "REGISTER") {
    if (is_present_hf("X-Rcv")) { $avp(rcv) = $hdr(X-Rcv); natted(); }
    if (is_present_hf("X-Q")) $xavp(reg=>q) = $(hdr(X-Q){s.int});
    if (is_present_hf("X-Exp")) $xavp(reg=>expires) = $(hdr(X-Exp){s.int});
    if ($hdr(X-Flags) == "4") $var(rc) = save("location", "0x04");
    else if ($hdr(X-Flags) == "2") { $var(rc) = save("location", "0x02"); }
    else if ($hdr(X-Flags) == "18") { $var(rc) = save("location", "0x12"); sl_send_reply("200", "OK"); }
    else if ($hdr(X-Flags) == "r") { $var(rc) = save("location", "0x02"); reg_send_reply(); }
    else $var(rc) = save("location");
    note("rc=$var(rc)");
    exit;
  }
  ${extra}
}
`;
}

export interface RegisterFields {
  aor?: string;
  callId?: string;
  cseq?: number;
  expires?: number | string;
  extra?: string;
}

/** A registrar with short ways to ask it. */
export class Registrar {
  readonly net: TestEngine;
  readonly notes: string[];

  private constructor(net: TestEngine, notes: string[]) {
    this.net = net;
    this.notes = notes;
  }

  static async start(
    settings: Record<string, string | number> = {},
    extra = "",
  ): Promise<Registrar> {
    const notes: string[] = [];
    const modules = [probe(notes)];
    return new Registrar(await testEngine(registrarConfig(settings, extra), { modules }), notes);
  }

  /** Sends a REGISTER; the reply. */
  async register(contact: string | null, fields: RegisterFields = {}): Promise<Sent | undefined> {
    const { aor = "sip:alice@example.test", callId = "c1", cseq = 1, expires, extra = "" } = fields;
    const text =
      `REGISTER sip:example.test SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${callId}${cseq}\r\n` +
      `From: <${aor}>;tag=f\r\nTo: <${aor}>\r\nCall-ID: ${callId}\r\nCSeq: ${cseq} REGISTER\r\n` +
      `${contact === null ? "" : `Contact: ${contact}\r\n`}` +
      `${expires === undefined ? "" : `Expires: ${expires}\r\n`}${extra}Content-Length: 0\r\n\r\n`;
    const sent = await this.net.send(text);
    return sent.find((one) => one.line.startsWith("SIP/2.0"));
  }

  /** Sends a request for a user; what the script noted. */
  async ask(uri: string, method = "OPTIONS", headers = ""): Promise<string[]> {
    const before = this.notes.length;
    await this.request(method, uri, headers);
    return this.notes.slice(before);
  }

  /** Sends another request; everything that is sent in answer. */
  request(method: string, uri: string, headers = ""): Promise<Sent[]> {
    return this.net.send(
      `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${this.net.sent.length}\r\n` +
        `From: <sip:x@y>;tag=f\r\nTo: <${uri}>\r\nCall-ID: r${this.net.sent.length}\r\nCSeq: 1 ${method}\r\n` +
        `${headers}Content-Length: 0\r\n\r\n`,
    );
  }

  /** Return code of the last `save`. */
  get code(): number {
    const line = this.notes.findLast((one) => one.startsWith("rc=")) ?? "";
    return Number(/rc=(-?\d+)/.exec(line)?.[1]);
  }

  stop(): Promise<void> {
    return this.net.stop();
  }
}
