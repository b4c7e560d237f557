/** save(): what is refused and how, headers of replies, flags. */
import { describe, expect, it } from "vitest";
import { Registrar } from "./harness.ts";

const status = (reply: { line: string } | undefined): number => Number(reply?.line.split(" ")[1]);

describe("a REGISTER that is refused", () => {
  const cases: [string, string, string | number | undefined][] = [
    ["a contact that does not close", "<sip:abc", undefined],
    ["an empty contact", "<>", undefined],
    ["* without Expires 0", "*", undefined],
    ["* with Expires 5", "*", 5],
    ["* beside another contact", "*, <sip:a@1.1.1.1>", 0],
    ["a preference above 1", "<sip:a@1.1.1.1>;q=7", undefined],
    ["a preference that is none", "<sip:a@1.1.1.1>;q=abc", undefined],
    ["reg-id 0", '<sip:a@1.1.1.1>;reg-id=0;+sip.instance="<i>"', undefined],
    ["a URI of more than contact_max_size", `<sip:${"x".repeat(520)}@1.1.1.1>`, undefined],
  ];
  it.each(cases)(
    "for %s gets 400, a reason, and changes nothing",
    async (_what, contact, expires) => {
      const registrar = await Registrar.start();
      await registrar.register("<sip:known@1.1.1.1>", { callId: "k" });
      const reply = await registrar.register(contact, expires === undefined ? {} : { expires });
      expect([status(reply), registrar.code]).toEqual([400, -1]);
      expect(reply?.header("P-Registrar-Error")).not.toBe("");
      const after = await registrar.register(null, { callId: "z" });
      expect(after?.header("Contact")).toBe("<sip:known@1.1.1.1>;expires=3600");
      await registrar.stop();
    },
  );

  it("leaves earlier contacts of the same request out as well", async () => {
    const registrar = await Registrar.start();
    const reply = await registrar.register("<sip:y@1.1.1.1>;q=9, <sip:g@1.1.1.1>");
    expect([status(reply), reply?.header("Contact")]).toEqual([400, ""]);
    await registrar.stop();
  });

  it("gets 400 for an address of record that cannot be read", async () => {
    const registrar = await Registrar.start();
    expect(status(await registrar.register("<sip:a@1.1.1.1>", { aor: "foo" }))).toBe(400);
    expect(
      status(await registrar.register("<sip:a@1.1.1.1>", { aor: "sip:a%zz@b", cseq: 2 })),
    ).toBe(400);
    await registrar.stop();
  });

  it("gets 503 with Retry-After when there would be too many contacts", async () => {
    const registrar = await Registrar.start({
      "registrar.max_contacts": 2,
      "registrar.retry_after": 30,
    });
    const reply = await registrar.register("<sip:a@1.1.1.1>,<sip:b@1.1.1.1>,<sip:c@1.1.1.1>");
    expect([status(reply), registrar.code, reply?.header("Retry-After")]).toEqual([503, -2, "30"]);
    await registrar.register("<sip:a@1.1.1.1>,<sip:b@1.1.1.1>", { cseq: 2 });
    const swap = await registrar.register("<sip:c@1.1.1.1>,<sip:a@1.1.1.1>;expires=0", { cseq: 3 });
    expect([status(swap), swap?.header("Contact")]).toEqual([
      200,
      "<sip:b@1.1.1.1>;expires=3600, <sip:c@1.1.1.1>;expires=3600",
    ]);
    await registrar.stop();
  });

  it("gets 423 with Min-Expires when that is the mode", async () => {
    const registrar = await Registrar.start({ "registrar.min_expires_mode": 1 });
    const reply = await registrar.register("<sip:a@1.1.1.1>;expires=5");
    expect([status(reply), registrar.code, reply?.header("Min-Expires")]).toEqual([423, -1, "60"]);
    await registrar.stop();
  });

  it("gets 400 for a CSeq that was used more than cseq_delay ago", async () => {
    const registrar = await Registrar.start({ "usrloc.cseq_delay": 5 });
    await registrar.register("<sip:a@1.1.1.1>", { cseq: 7 });
    expect(status(await registrar.register("<sip:a@1.1.1.1>", { cseq: 7 }))).toBe(200);
    await registrar.net.advance(5000);
    expect(status(await registrar.register("<sip:a@1.1.1.1>", { cseq: 7 }))).toBe(400);
    await registrar.stop();
  });
});

describe("a lifetime", () => {
  const cases: [Record<string, number>, string, string | undefined, string][] = [
    [{}, "", undefined, "3600"],
    [{}, "", "200", "200"],
    [{}, ";expires=5", undefined, "60"],
    [{}, ";expires=abc", "200", "3600"],
    [{}, ';expires="70"', undefined, "70"],
    [{}, ";expires=", "200", "200"],
    [{}, "", "100x", "3600"],
    [{ "registrar.max_expires": 100 }, ";expires=5000", undefined, "100"],
    [{ "registrar.default_expires": 1800 }, "", undefined, "1800"],
  ];
  it.each(cases)("with %o of %s and Expires %s is %s", async (settings, param, expires, shown) => {
    const registrar = await Registrar.start(settings);
    const reply = await registrar.register(
      `<sip:a@1.1.1.1>${param}`,
      expires === undefined ? {} : { expires },
    );
    expect(reply?.header("Contact")).toBe(`<sip:a@1.1.1.1>;expires=${shown}`);
    await registrar.stop();
  });

  it("is shortened at random within the range, and not with flag 8", async () => {
    const registrar = await Registrar.start({ "registrar.expires_range": 50 });
    const seen = new Set<number>();
    for (let cseq = 1; cseq < 20; cseq++) {
      const reply = await registrar.register("<sip:a@1.1.1.1>;expires=1000", { cseq });
      seen.add(Number(/expires=(\d+)/.exec(reply?.text ?? "")?.[1]));
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...seen)).toBeLessThanOrEqual(1000);
    expect(seen.size).toBeGreaterThan(5);
    await registrar.stop();
  });

  it("of the longest kind does not overflow", async () => {
    const registrar = await Registrar.start();
    const reply = await registrar.register("<sip:a@1.1.1.1>;expires=4294967295");
    expect(reply?.header("Contact")).toBe("<sip:a@1.1.1.1>;expires=100000000");
    await registrar.stop();
  });
});

describe("Path", () => {
  const path = "<sip:edge1.test;lr;received=sip:7.7.7.7%3A5061>,<sip:edge2.test;lr>";
  const header = `Path: ${path}\r\n`;

  it.each([
    [0, "", 200, ""],
    [0, "Supported: path\r\n", 200, ""],
    [1, "", 200, ""],
    [1, "Supported: path\r\n", 200, path],
    [2, "", 420, path],
    [2, "Supported: path\r\n", 200, path],
  ])("in mode %i with '%s': %i", async (mode, supported, code, shown) => {
    const registrar = await Registrar.start({
      "registrar.use_path": 1,
      "registrar.path_mode": mode,
    });
    const reply = await registrar.register("<sip:a@1.1.1.1>", { extra: header + supported });
    expect([status(reply), reply?.header("Path")]).toEqual([code, shown]);
    expect(reply?.header("Unsupported")).toBe(code === 420 ? "path" : "");
    await registrar.stop();
  });

  it("that cannot be read gets 400", async () => {
    const registrar = await Registrar.start({ "registrar.use_path": 1, "registrar.path_mode": 0 });
    expect(status(await registrar.register("<sip:a@1.1.1.1>", { extra: "Path: <sip:x\r\n" }))).toBe(
      400,
    );
    await registrar.stop();
  });

  it("may say where the client sent from", async () => {
    const settings = {
      "registrar.use_path": 1,
      "registrar.path_mode": 0,
      "registrar.path_use_received": 1,
    };
    const registrar = await Registrar.start(settings);
    const reply = await registrar.register("<sip:a@1.1.1.1>", { extra: header });
    expect(reply?.header("Contact")).toBe(
      '<sip:a@1.1.1.1>;expires=3600;received="sip:7.7.7.7:5061"',
    );
    await registrar.stop();
  });
});

describe("outbound flows", () => {
  const contact = '<sip:a@1.1.1.1>;+sip.instance="<urn:uuid:1>";reg-id=1';
  const viaProxy = "Via: SIP/2.0/UDP 5.5.5.5;branch=z9hG4bKxx\r\n";

  it("are refused when they are required and not offered", async () => {
    const registrar = await Registrar.start();
    const reply = await registrar.register(contact, { extra: "Require: outbound\r\n" });
    expect([status(reply), reply?.header("Unsupported")]).toEqual([420, "outbound"]);
    await registrar.stop();
  });

  it("are confirmed when they are used", async () => {
    const registrar = await Registrar.start({
      "registrar.outbound_mode": 1,
      "registrar.flow_timer": 25,
    });
    const reply = await registrar.register(contact, { extra: "Supported: outbound\r\n" });
    const lines = (reply?.text ?? "").split("\r\n").filter((line) => /^(Supp|Req|Flow)/.test(line));
    expect(lines).toEqual(["Supported: outbound", "Require: outbound", "Flow-Timer: 25"]);
    await registrar.stop();
  });

  it("are told of the flow timer whenever they are required", async () => {
    const registrar = await Registrar.start({
      "registrar.outbound_mode": 2,
      "registrar.flow_timer": 25,
    });
    const reply = await registrar.register("<sip:a@10.0.0.1>");
    expect(reply?.header("Flow-Timer")).toBe("25");
    await registrar.stop();
  });

  it("need a first proxy that supports them", async () => {
    const registrar = await Registrar.start({
      "registrar.outbound_mode": 1,
      "registrar.use_path": 1,
    });
    const without = await registrar.register(contact, {
      extra: `Supported: outbound, path\r\n${viaProxy}`,
    });
    expect(status(without)).toBe(439);
    const extra = `Supported: outbound, path\r\nPath: <sip:edge;lr;ob>\r\n${viaProxy}`;
    expect(status(await registrar.register(contact, { cseq: 2, extra }))).toBe(200);
    await registrar.stop();
  });

  it("may be demanded", async () => {
    const registrar = await Registrar.start({ "registrar.outbound_mode": 2 });
    const reply = await registrar.register(contact, { extra: "Supported: path\r\n" });
    expect([status(reply), reply?.header("Require")]).toEqual([421, "outbound"]);
    await registrar.stop();
  });
});

describe("flags", () => {
  it("2 sends no reply", async () => {
    const registrar = await Registrar.start();
    expect(
      await registrar.register("<sip:a@1.1.1.1>", { extra: "X-Flags: 2\r\n" }),
    ).toBeUndefined();
    expect(registrar.code).toBe(1);
    await registrar.stop();
  });

  it("18 leaves the headers for the script's reply", async () => {
    const registrar = await Registrar.start();
    const reply = await registrar.register("<sip:a@1.1.1.1>", { extra: "X-Flags: 18\r\n" });
    expect(reply?.header("Contact")).toBe("<sip:a@1.1.1.1>;expires=3600");
    await registrar.stop();
  });

  it("2 lets reg_send_reply answer later", async () => {
    const registrar = await Registrar.start();
    const reply = await registrar.register("<sip:a@1.1.1.1>", { extra: "X-Flags: r\r\n" });
    expect([status(reply), reply?.header("Contact")]).toEqual([
      200,
      "<sip:a@1.1.1.1>;expires=3600",
    ]);
    await registrar.stop();
  });
});

describe("statistics", () => {
  it("count what was accepted and refused", async () => {
    const registrar = await Registrar.start();
    await registrar.register("<sip:a@1.1.1.1>");
    await registrar.register(null, { callId: "f" });
    await registrar.register("<sip:abc");
    const { statistics } = registrar.net.engine.services;
    const read = (group: string, name: string) => statistics.read(group, name);
    expect(read("registrar", "accepted_regs")).toBe(2);
    expect(read("registrar", "rejected_regs")).toBe(1);
    expect(read("usrloc", "location_contacts")).toBe(1);
    expect(read("usrloc", "registered_users")).toBe(1);
    await registrar.stop();
  });
});
