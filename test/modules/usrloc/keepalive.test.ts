/** Keepalive requests to contacts. */
import { describe, expect, it } from "vitest";
import { Registrar } from "../registrar/harness.ts";

const settings = { "usrloc.ka_mode": 1, "usrloc.timer_interval": 10 };

describe("keepalive", () => {
  it("asks each contact once in an interval, where it registered from", async () => {
    const registrar = await Registrar.start(settings);
    await registrar.register("<sip:a@10.0.0.7:5070>", { cseq: 1 });
    await registrar.register("<sip:b@10.1.1.1>", {
      cseq: 2,
      extra: "X-Rcv: sip:10.0.0.8:5080\r\n",
    });
    const sent = await registrar.net.advance(10_000);
    expect(sent.map((one) => [one.line, one.to]).toSorted()).toEqual(
      [
        ["OPTIONS sip:a@10.0.0.7:5070 SIP/2.0", "10.0.0.7:5070"],
        ["OPTIONS sip:b@10.1.1.1 SIP/2.0", "10.0.0.8:5080"],
      ].toSorted(),
    );
    await registrar.stop();
  });

  it("measures answers, and removes contacts that give none when told so", async () => {
    const registrar = await Registrar.start({ ...settings, "usrloc.ka_timeout": 30 });
    await registrar.register("<sip:a@10.0.0.7:5070>", { cseq: 1 });
    await registrar.register("<sip:b@10.0.0.8:5070>", { cseq: 2 });
    for (let i = 0; i < 60; i++) {
      for (const sent of await registrar.net.advance(1000)) {
        if (sent.to !== "10.0.0.7:5070") continue;
        const head = ["Via", "From", "To", "Call-ID", "CSeq"].map(
          (name) => `${name}: ${sent.header(name)}\r\n`,
        );
        await registrar.net.send(`SIP/2.0 200 OK\r\n${head.join("")}\r\n`, "10.0.0.7:5070");
      }
    }
    const dump = JSON.stringify(await registrar.net.rpc("ul.dump"));
    expect(dump).toContain("sip:a@10.0.0.7:5070");
    expect(dump).not.toContain("sip:b@10.0.0.8:5070");
    await registrar.stop();
  });

  it("is off unless it is switched on", async () => {
    const registrar = await Registrar.start();
    await registrar.register("<sip:a@10.0.0.7:5070>");
    expect(await registrar.net.advance(120_000)).toEqual([]);
    await registrar.stop();
  });
});
