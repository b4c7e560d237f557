/** lookup() and its relatives, registered(), unregister(), $ulc, the expiry event, remote commands. */
import { describe, expect, it } from "vitest";
import { RpcDouble, type RpcStruct } from "../../../src/runtime/module.ts";
import { Registrar } from "./harness.ts";

const ALICE = "sip:alice@example.test";
const SOCKET = "socket=udp:10.0.0.100:5060";
const lookup = `$var(rc) = lookup("location"); note("$var(rc)"); targets();`;

describe("lookup", () => {
  it("takes the preferred contact, and the others as branches", async () => {
    const registrar = await Registrar.start({}, lookup);
    await registrar.register("<sip:a@1.1.1.1>;q=0.2", { cseq: 1 });
    await registrar.register("<sip:b@1.1.1.1>;q=0.9", {
      cseq: 2,
      extra: "X-Rcv: sip:8.8.8.8:88\r\n",
    });
    await registrar.register("<sip:c@1.1.1.1>", { cseq: 3 });
    expect(await registrar.ask(ALICE)).toEqual([
      "1",
      `sip:b@1.1.1.1 dst=sip:8.8.8.8:88 q=900 flags=64 ${SOCKET}`,
      `sip:a@1.1.1.1 q=200 ${SOCKET}`,
      `sip:c@1.1.1.1 ${SOCKET}`,
    ]);
    await registrar.stop();
  });

  it("follows a preference that has changed", async () => {
    const registrar = await Registrar.start({}, lookup);
    await registrar.register("<sip:a@1.1.1.1>;q=0.9", { cseq: 1 });
    await registrar.register("<sip:b@1.1.1.1>;q=0.5", { cseq: 2 });
    await registrar.register("<sip:a@1.1.1.1>;q=0.1", { cseq: 3 });
    const notes = await registrar.ask(ALICE);
    expect(notes.slice(1).map((note) => note.split(" ")[0])).toEqual([
      "sip:b@1.1.1.1",
      "sip:a@1.1.1.1",
    ]);
    await registrar.stop();
  });

  it("takes one contact only without append_branches", async () => {
    const registrar = await Registrar.start({ "registrar.append_branches": 0 }, lookup);
    await registrar.register("<sip:a@1.1.1.1>;q=0.2,<sip:b@1.1.1.1>;q=0.9");
    expect(await registrar.ask(ALICE)).toEqual(["1", `sip:b@1.1.1.1 q=900 ${SOCKET}`]);
    await registrar.stop();
  });

  it("finds users whatever the case and the escaping", async () => {
    const registrar = await Registrar.start({}, lookup);
    await registrar.register("<sip:a@1.1.1.1>", { aor: "sip:Al%69ce@example.test" });
    expect((await registrar.ask("sip:ALICE@other.test"))[0]).toBe("1");
    expect(await registrar.ask("sip:nobody@example.test")).toEqual([
      "-1",
      "sip:nobody@example.test",
    ]);
    await registrar.stop();
  });

  it("goes by the domain with use_domain, without its prefix", async () => {
    const settings = { "usrloc.use_domain": 1, "registrar.realm_prefix": "sip." };
    const registrar = await Registrar.start(settings, lookup);
    await registrar.register("<sip:a@1.1.1.1>", { aor: "sip:alice@SIP.example.test" });
    expect((await registrar.ask(ALICE))[0]).toBe("1");
    expect((await registrar.ask("sip:alice@other.test"))[0]).toBe("-1");
    await registrar.stop();
  });

  it("tells cases apart with case_sensitive", async () => {
    const registrar = await Registrar.start({ "registrar.case_sensitive": 1 }, lookup);
    await registrar.register("<sip:a@1.1.1.1>", { aor: "sip:Alice@example.test" });
    expect((await registrar.ask(ALICE))[0]).toBe("-1");
    await registrar.stop();
  });

  it("sends along the Path, past itself when told so", async () => {
    const settings = {
      "registrar.use_path": 1,
      "registrar.path_mode": 0,
      "registrar.path_check_local": 1,
    };
    const registrar = await Registrar.start(settings, lookup);
    await registrar.register("<sip:a@1.1.1.1>;q=0.9", {
      cseq: 1,
      extra: "Path: <sip:e1.test;lr>, <sip:e2.test;lr>\r\n",
    });
    await registrar.register("<sip:b@1.1.1.1>;q=0.5", {
      cseq: 2,
      extra: "Path: <sip:10.0.0.100:5099;lr>,<sip:e3.test;lr>\r\n",
    });
    await registrar.register("<sip:c@1.1.1.1>;q=0.1", {
      cseq: 3,
      extra: "Path: <sip:10.0.0.100;lr>\r\n",
    });
    expect(await registrar.ask(ALICE)).toEqual([
      "1",
      `sip:a@1.1.1.1 dst=sip:e1.test;lr path=<sip:e1.test;lr>, <sip:e2.test;lr> q=900 ${SOCKET}`,
      `sip:b@1.1.1.1 dst=sip:e3.test;lr path=<sip:e3.test;lr> q=500 ${SOCKET}`,
      `sip:c@1.1.1.1 q=100 ${SOCKET}`,
    ]);
    await registrar.stop();
  });

  it("leaves out what does not support the method of an initial request", async () => {
    const registrar = await Registrar.start({ "registrar.method_filtering": 1 }, lookup);
    await registrar.register('<sip:a@1.1.1.1>;methods="BYE"', { cseq: 1 });
    expect((await registrar.ask(ALICE))[0]).toBe("-2");
    expect((await registrar.ask(ALICE, "BYE"))[0]).toBe("1");
    await registrar.register("<sip:b@1.1.1.1>", { cseq: 2, extra: "Allow: INVITE, OPTIONS\r\n" });
    expect(await registrar.ask(ALICE)).toEqual(["1", `sip:b@1.1.1.1 ${SOCKET}`]);
    await registrar.stop();
  });

  it("leaves out what has run out", async () => {
    const registrar = await Registrar.start({}, lookup);
    await registrar.register("<sip:a@1.1.1.1>;expires=60");
    await registrar.net.advance(59_000);
    expect((await registrar.ask(ALICE))[0]).toBe("1");
    await registrar.net.advance(1000);
    expect((await registrar.ask(ALICE))[0]).toBe("-1");
    await registrar.stop();
  });

  it("can use what has run out for a while", async () => {
    const settings = { "registrar.use_expired_contacts": 1, "usrloc.timer_interval": 30 };
    const registrar = await Registrar.start(settings, lookup);
    await registrar.register("<sip:a@1.1.1.1>;expires=60");
    await registrar.net.advance(80_000);
    expect((await registrar.ask(ALICE))[0]).toBe("1");
    await registrar.net.advance(11_000);
    expect((await registrar.ask(ALICE))[0]).toBe("-1");
    await registrar.stop();
  });

  it("finds an instance by its GRUUs", async () => {
    const registrar = await Registrar.start({}, lookup);
    const supported = "Supported: gruu\r\n";
    const reply = await registrar.register('<sip:a@1.1.1.1>;+sip.instance="<urn:uuid:1>"', {
      cseq: 1,
      extra: supported,
    });
    await registrar.register("<sip:b@1.1.1.1>;q=0.9", { cseq: 2 });
    const gruu = (name: string) =>
      new RegExp(`${name}="([^"]+)"`).exec(reply?.text ?? "")?.[1] ?? "";
    expect(gruu("pub-gruu")).toBe(`${ALICE};gr=urn:uuid:1`);
    expect(await registrar.ask(gruu("pub-gruu"))).toEqual(["1", `sip:a@1.1.1.1 ${SOCKET}`]);
    expect(await registrar.ask(gruu("temp-gruu"))).toEqual(["1", `sip:a@1.1.1.1 ${SOCKET}`]);
    expect((await registrar.ask(`${ALICE};gr=urn:uuid:2`))[0]).toBe("-1");
    expect((await registrar.ask(gruu("temp-gruu").replace("uloc", "ulox")))[0]).toBe("-1");
    await registrar.stop();
  });

  it("says -3 for what is no address", async () => {
    const registrar = await Registrar.start(
      {},
      `note("$(var(x))"); $var(rc) = lookup("location", "foo"); note("$var(rc)");`,
    );
    expect((await registrar.ask(ALICE)).at(-1)).toBe("-3");
    await registrar.stop();
  });
});

describe("branches", () => {
  it("lookup_to_dset leaves the Request-URI", async () => {
    const registrar = await Registrar.start(
      {},
      `note("$var(rc)"); lookup_to_dset("location"); targets();`,
    );
    await registrar.register("<sip:a@1.1.1.1>;q=0.2,<sip:b@1.1.1.1>;q=0.9");
    expect((await registrar.ask(ALICE)).slice(1)).toEqual([
      ALICE,
      `sip:b@1.1.1.1 q=900 ${SOCKET}`,
      `sip:a@1.1.1.1 q=200 ${SOCKET}`,
    ]);
    await registrar.stop();
  });
});

describe("questions", () => {
  it("registered", async () => {
    const script = `
      if (registered("location")) note("yes"); else note("no");
      if (registered("location", "sip:bob@example.test")) note("yes"); else note("no");
      $xavp(reg=>match_callid) = "c7";
      if (registered("location", "$ru", "1")) note("yes"); else note("no");
      $xavp(reg[0]=>match_callid) = "c1";
      if (registered("location", "$ru", "1")) note("yes"); else note("no");
    `;
    const registrar = await Registrar.start({}, script);
    await registrar.register("<sip:a@1.1.1.1>");
    expect(await registrar.ask(ALICE)).toEqual(["yes", "no", "no", "yes"]);
    await registrar.stop();
  });

  it("$ulc shows contacts as they were fetched", async () => {
    const script = `
      $var(rc) = reg_fetch_contacts("location", "$ru", "c");
      note("$var(rc) $ulc(c=>count) $ulc(c=>aor) $ulc(c=>domain) $ulc(c=>addr) $(ulc(c=>addr)[1]) $(ulc(c=>addr)[9])");
      note("$ulc(c=>callid) $ulc(c=>cseq) $ulc(c=>q) $ulc(c=>methods) $ulc(c=>socket) $ulc(c=>user_agent) $ulc(c=>received)|");
      unregister("location", "$ru");
      note("$ulc(c=>count)");
      reg_free_contacts("c");
      note("$ulc(c=>count)|");
    `;
    const registrar = await Registrar.start({}, script);
    await registrar.register("<sip:a@1.1.1.1>;q=0.5,<sip:b@1.1.1.1>");
    expect(await registrar.ask(ALICE)).toEqual([
      "1 2 alice location sip:a@1.1.1.1 sip:b@1.1.1.1 <null>",
      "c1 1 500 4294967295 udp:10.0.0.100:5060 n/a |",
      "2",
      "<null>|",
    ]);
    await registrar.stop();
  });

  it("unregister removes one or all", async () => {
    const script = `
      $var(a) = unregister("location", "$ru", "nope");
      reg_fetch_contacts("location", "$ru", "c");
      $var(b) = unregister("location", "$ru", "$ulc(c=>ruid)");
      $var(c) = registered("location");
      $var(d) = unregister("location", "$ru");
      $var(e) = registered("location");
      $var(f) = unregister("location", "foo");
      note("$var(a) $var(b) $var(c) $var(d) $var(e) $var(f)");
    `;
    const registrar = await Registrar.start({}, script);
    await registrar.register("<sip:a@1.1.1.1>,<sip:b@1.1.1.1>");
    expect(await registrar.ask(ALICE)).toEqual(["-3 1 1 1 -1 -1"]);
    await registrar.stop();
  });
});

describe("a contact that runs out", () => {
  it("runs event_route[usrloc:contact-expired]", async () => {
    const registrar = await Registrar.start(
      {},
      `}\nevent_route[usrloc:contact-expired] {
      note("$ulc(exp=>aor) $ulc(exp=>addr)");`,
    );
    await registrar.register("<sip:a@1.1.1.1>;expires=60");
    await registrar.net.advance(61_000);
    expect(registrar.notes.at(-1)).toBe("alice sip:a@1.1.1.1");
    await registrar.stop();
  });
});

describe("remote commands", () => {
  const field = (value: unknown, name: string): unknown =>
    (value as RpcStruct).entries.find(([key]) => key === name)?.[1];

  it("show, add and remove contacts", async () => {
    const registrar = await Registrar.start();
    const { net } = registrar;
    await net.rpc("ul.add", "location", "bob", "sip:b@1.2.3.4", 300, "0.5", ".", 0, 64, 8191);
    await net.rpc(
      "ul.add",
      "location",
      "bob",
      "sip:c@1.2.3.4",
      0,
      "0.7",
      "<sip:p;lr>",
      0,
      0,
      8191,
      "sip:9.9.9.9:99",
      "udp:10.0.0.100:5060",
    );
    const [found] = (await net.rpc("ul.lookup", "location", "bob")) as RpcStruct[];
    expect(field(found, "AoR")).toBe("bob");
    const contacts = (field(found, "Contacts") as RpcStruct[]).map((one) => field(one, "Contact"));
    expect(
      contacts.map((one) => [field(one, "Address"), field(one, "Expires"), field(one, "Q")]),
    ).toEqual([
      ["sip:c@1.2.3.4", "permanent", new RpcDouble(0.7)],
      ["sip:b@1.2.3.4", 300, new RpcDouble(0.5)],
    ]);
    expect(field(contacts[0], "Received")).toBe("sip:9.9.9.9:99");
    expect(field(contacts[0], "Socket")).toBe("udp:10.0.0.100:5060");
    await net.rpc("ul.rm_contact", "location", "bob", "sip:c@1.2.3.4");
    await expect(
      net.rpc("ul.rm_contact", "location", "bob", "sip:c@1.2.3.4"),
    ).rejects.toMatchObject({ code: 404 });
    const [dump] = (await net.rpc("ul.dump", "brief")) as RpcStruct[];
    expect(JSON.stringify(dump)).toContain('["AoR","bob"]');
    await net.rpc("ul.rm", "location", "bob");
    await expect(net.rpc("ul.lookup", "location", "bob")).rejects.toMatchObject({ code: 500 });
    await expect(net.rpc("ul.lookup", "nowhere", "bob")).rejects.toMatchObject({ code: 500 });
    await expect(net.rpc("ul.db_users", "location")).rejects.toMatchObject({ code: 500 });
    await expect(net.rpc("ul.add", "location", "bob", "x")).rejects.toMatchObject({ code: 500 });
    await registrar.stop();
  });
});
