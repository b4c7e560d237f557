/** Debian's stock configuration, where it is installed: read, checked, linked and run as it is. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sip, type TestEngine, testEngine } from "../support/engine.ts";

const configPath = "/etc/kamailio/kamailio.cfg";

const request = (method: string, uri: string, more = "Max-Forwards: 70") => sip`
  ${method} ${uri} SIP/2.0
  Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${method}1
  From: <sip:alice@10.0.0.100>;tag=a1
  To: <sip:bob@10.0.0.100>
  Call-ID: call-${method}
  CSeq: 7 ${method}
  ${more}
  User-Agent: test
  Content-Length: 0
`;

describe.runIf(existsSync(configPath))("the stock configuration", () => {
  let net: TestEngine;
  /** For the sockets of ctl and jsonrpcs. */
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "olelo-stock-"));
    net = await testEngine(undefined, {
      configPath,
      listen: ["udp:10.0.0.100:5060"],
      globals: { auto_aliases: 0 },
      runDirectory: folder,
      // Its FIFO and datagram socket are for processes, not for tests.
      params: [{ module: "jsonrpcs", name: "transport", value: 1 }],
    });
  });

  afterEach(async () => {
    await net.stop();
    rmSync(folder, { recursive: true });
  });

  it("has nothing wrong with it", () => {
    const own = net.engine.diagnostics.filter((one) => one.span.source.name !== "<command line>");
    expect(own).toEqual([]);
  });

  it("answers OPTIONS and refuses to relay for strangers", async () => {
    const [reply] = await net.send(request("OPTIONS", "sip:10.0.0.100"));
    expect(reply?.line).toBe("SIP/2.0 200 Keepalive");
    const [refused] = await net.send(request("MESSAGE", "sip:x@elsewhere.example"));
    expect(refused?.line).toBe("SIP/2.0 403 Not relaying");
    const [scanner] = await net.send(
      request("OPTIONS", "sip:10.0.0.100").replace("User-Agent: test", "User-Agent: friendly-scan"),
    );
    expect(scanner).toBeUndefined();
  });

  it("registers a phone and calls it", async () => {
    const contact = "Max-Forwards: 70\r\nContact: <sip:bob@10.0.0.50:5099>";
    const [ok] = await net.send(request("REGISTER", "sip:10.0.0.100", contact));
    expect(ok?.line).toBe("SIP/2.0 200 OK");
    const sent = await net.send(request("INVITE", "sip:bob@10.0.0.100"));
    expect(sent.map((one) => one.to)).toEqual(["10.0.0.1:5060", "10.0.0.50:5099"]);
    expect(sent[0]?.message.statusCode).toBe(100);
    expect(sent[1]?.line).toBe("INVITE sip:bob@10.0.0.50:5099 SIP/2.0");
    expect(sent[1]?.header("Record-Route")).toBe("<sip:10.0.0.100;lr>");
    const [missing] = await net.send(request("MESSAGE", "sip:nobody@10.0.0.100"));
    expect(missing?.line).toBe("SIP/2.0 404 Not Found");
  });
});
