/** Debian's stock kamailio.cfg, unchanged but for its addresses: checked, run, and driven with Debian's own tools. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "./support/commands.ts";
import { header, kindOf, Peer, type Received, replyTo } from "./support/peer.ts";
import { freePort, type Server, startKamailio, startOlelo } from "./support/servers.ts";

const root = resolve(import.meta.dirname, "../..");
const stockFile = "/etc/kamailio/kamailio.cfg";

/** The stock config on one port of loopback. */
function stockConfig(): string {
  return readFileSync(stockFile, "utf8")
    .replace(/^#!KAMAILIO/, "#!KAMAILIO\nlisten=udp:127.0.0.1:PORT\ndisable_tcp=yes")
    .replace(/^children=.*/m, "children=1");
}

it("is there", () => expect(existsSync(stockFile)).toBe(true));

it("passes the check without errors", async () => {
  const checked = await run(join(root, "bin/olelo"), ["-c", "-f", stockFile]);
  expect(checked.status, checked.output).toBe(0);
  expect(checked.output).not.toMatch(/error/i);
});

describe("a call", () => {
  /** What both user agents received for a registration and a call with BYE. */
  async function call(start: typeof startOlelo, ports: readonly number[]): Promise<string[]> {
    const [port = 0, callerPort = 0, phonePort = 0] = ports;
    const server = await start(stockConfig(), { port });
    const caller = await Peer.open("caller", callerPort);
    const phone = await Peer.open("phone", phonePort);
    const line = (
      [method, cseq]: readonly [string, number],
      branch: string,
      extra: string,
      to = "",
    ): string =>
      `Via: SIP/2.0/UDP 127.0.0.1:${String(method === "REGISTER" ? phonePort : callerPort)};branch=z9hG4bK-${branch};rport\r\nMax-Forwards: 70\r\n` +
      `From: <sip:caller@127.0.0.1>;tag=fromcaller\r\nTo: <sip:bob@127.0.0.1>${to}\r\nCall-ID: stock-${method === "REGISTER" ? "r" : "c"}@test\r\n` +
      `CSeq: ${String(cseq)} ${method}\r\n${extra}Content-Length: 0\r\n\r\n`;
    try {
      const domain = `127.0.0.1:${String(port)}`;
      phone.send(
        `REGISTER sip:${domain} SIP/2.0\r\n${line(["REGISTER", 1], "reg", `Contact: <sip:bob@127.0.0.1:${String(phonePort)}>\r\nExpires: 300\r\n`)}`,
        port,
      );
      await phone.take("200");
      const contact = `Contact: <sip:caller@127.0.0.1:${String(callerPort)}>\r\n`;
      caller.send(
        `INVITE sip:bob@${domain} SIP/2.0\r\n${line(["INVITE", 1], "inv", contact)}`,
        port,
      );
      const invite = await phone.take("INVITE");
      const answer = (request: Received, status: number): void =>
        phone.send(
          replyTo(request.text, status, {
            headers: `Contact: <sip:bob@127.0.0.1:${String(phonePort)}>\r\n`,
          }),
          port,
        );
      answer(invite, 180);
      await caller.take("180");
      answer(invite, 200);
      const ok = await caller.take("200");
      const routes = `Route: ${header(ok.text, "Record-Route")}\r\n`;
      const target = `sip:bob@127.0.0.1:${String(phonePort)}`;
      caller.send(
        `ACK ${target} SIP/2.0\r\n${line(["ACK", 1], "ack", routes, ";tag=uastag")}`,
        port,
      );
      await phone.take("ACK");
      caller.send(
        `BYE ${target} SIP/2.0\r\n${line(["BYE", 2], "bye", routes, ";tag=uastag")}`,
        port,
      );
      answer(await phone.take("BYE"), 200);
      await caller.take("200");
      return [...phone.received, ...caller.received].map((packet) => normalised(packet.text));
    } finally {
      caller.close();
      phone.close();
      await server.stop();
    }
  }

  it("is routed as Kamailio routes it", async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const wanted = await call(startKamailio, ports);
    const got = await call(startOlelo, ports);
    expect(got).toEqual(wanted);
  });
});

/** Without what a server chooses freely: branches, its own tags, its name, its words for 100. */
function normalised(text: string): string {
  const reasons =
    kindOf(text) === "100" ? text.replace(/^SIP\/2.0 100 .*/, "SIP/2.0 100 (own words)") : text;
  return reasons
    .replaceAll(/branch=z9hG4bK[^-][^;,\s]*/g, "branch=own")
    .replaceAll(/;tag=(?!from|uas)[^;,\s]+/g, ";tag=own")
    .replaceAll(/^(Server|User-Agent): .*\r\n/gm, "");
}

describe("Debian's own tools", () => {
  let server: Server;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "stock-"));
    server = await startOlelo(stockConfig(), { directory });
    const phone = await Peer.open("phone");
    phone.send(
      `REGISTER sip:127.0.0.1:${String(server.port)} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${String(phone.port)};branch=z9hG4bK-tools\r\nMax-Forwards: 70\r\n` +
        `From: <sip:dora@127.0.0.1>;tag=t\r\nTo: <sip:dora@127.0.0.1>\r\nCall-ID: tools\r\nCSeq: 1 REGISTER\r\n` +
        `Contact: <sip:dora@127.0.0.1:5091>;q=0.5;expires=120\r\nContent-Length: 0\r\n\r\n`,
      server.port,
    );
    await phone.take("200");
    phone.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const kamcmd = (...words: string[]): Promise<{ status: number | null; output: string }> =>
    run("kamcmd", ["-s", `unix:${server.directory}/kamailio_ctl`, ...words]);

  it("kamcmd ul.dump shows the registration", async () => {
    const { output } = await kamcmd("ul.dump");
    expect(output).toMatch(/AoR: dora\n/);
    expect(output).toMatch(/Address: sip:dora@127\.0\.0\.1:5091\n/);
    expect(output).toMatch(/Q: 0\.500000\n/);
    expect(output).toMatch(/Expires: 1[12]\d\n/);
  });

  it.each([
    ["core.version", /olelo/],
    ["core.uptime", /uptime: \d+/],
    ["core.info", /version:/],
    ["core.psx", /PID: \d+/],
    ["core.sockets_list", /proto: udp/],
    ["core.aliases_list", /myself_callbacks/],
    ["corex.list_sockets", /PROTO: udp/],
    ["tm.stats", /created: \d+/],
    ["stats.get_statistics all", /core:rcv_requests = [1-9]/],
    ["stats.fetch core.rcv_requests", /core\.rcv_requests: [1-9]/],
    ["ul.lookup location dora", /Address: sip:dora@/],
    ["cfg.get core debug", /^\d+/],
    ["cfg.list", /tm: fr_timer/],
    ["cfg.get tm fr_timer", /^\d+/],
    ["pv.shvGet", /items/],
    ["system.listMethods", /ul\.dump/],
    ["ctl.listen", /unix_stream/],
  ])("kamcmd %s", async (command, pattern) => {
    const { status, output } = await kamcmd(...command.split(" "));
    expect(status, output).toBe(0);
    expect(output).toMatch(pattern);
  });

  it("kamcmd says what is wrong", async () => {
    const { output } = await kamcmd("no.such");
    expect(output).toMatch(/error: 500 - command no\.such not found/);
  });

  it("kamctl ul show prints the registration", async () => {
    // kamctl reads its FIFO's place from this file.
    const rc = join(directory, ".kamctlrc");
    writeFileSync(rc, `RPCFIFOPATH="${server.directory}/kamailio_rpc.fifo"\nCTLENGINE=RPCFIFO\n`);
    const { status, output } = await run("kamctl", ["ul", "show"], { env: { HOME: directory } });
    expect(status, output).toBe(0);
    expect(output).toContain("sip:dora@127.0.0.1:5091");
    expect(output).toContain("dora");
  });

  it("control sockets are for the owner only", async () => {
    const { output } = await run("stat", [
      "-c",
      "%a",
      `${server.directory}/kamailio_ctl`,
      `${server.directory}/kamailio_rpc.fifo`,
    ]);
    expect(output.split("\n").slice(0, 2)).toEqual(["600", "600"]);
  });
});
