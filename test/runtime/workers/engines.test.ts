/** Two engines as two workers: whoever gets a packet, the result is that of one engine. */
import { afterEach, describe, expect, it } from "vitest";
import type { MemoryNode } from "../../../src/runtime/memory-network.ts";
import type { RpcStruct } from "../../../src/runtime/module.ts";
import { sip } from "../../support/engine.ts";
import { type SeveralWorkers, startWorkers, userOf } from "./several.ts";

const config = `
  loadmodule "tm.so"
  loadmodule "tmx.so"
  loadmodule "sl.so"
  loadmodule "pv.so"
  loadmodule "kex.so"
  loadmodule "usrloc.so"
  loadmodule "registrar.so"
  loadmodule "textops.so"
  modparam("usrloc", "preload", "location")
  modparam("registrar", "xavp_rcd", "rcd")
  modparam("registrar", "xavp_cfg", "cfg")
  modparam("usrloc", "xavp_contact", "kept")
  request_route {
    if (is_method("REGISTER")) {
      if ($hdr(X-As) != $null) {
        $xavp(kept=>colour) = "green";
        save("location", "0x00", "$hdr(X-As)");
      } else save("location");
      exit;
    }
    if ($hdr(X-Do) == "registered") {
      if (registered("location", "$hdr(X-Uri)", "0", "1")) sl_send_reply("200", "$xavp(rcd=>contact) $xavp(kept=>colour)");
      else sl_send_reply("404", "No");
      exit;
    }
    if ($hdr(X-Do) == "fetch") {
      reg_fetch_contacts("location", "$hdr(X-Uri)", "them");
      sl_send_reply("200", "$(ulc(them=>count)) $(ulc(them=>addr))");
      exit;
    }
    if ($hdr(X-Do) == "unregister") {
      unregister("location", "$hdr(X-Uri)", "$hdr(X-Ruid)");
      sl_send_reply("200", "code $rc");
      exit;
    }
    if ($hdr(X-Do) == "shared") {
      sl_send_reply("200", "before $shv(seen)");
      $shv(seen) = $hdr(X-Uri);
      exit;
    }
    if ($hdr(X-Alias) != $null) $ru = "sip:" + $hdr(X-Alias) + "@example.com";
    if (is_method("CANCEL")) {
      if (t_check_trans()) t_relay();
      exit;
    }
    if (t_check_trans()) exit;
    if (!lookup("location")) {
      sl_send_reply("404", "Not here");
      exit;
    }
    t_relay();
  }
`;

let workers: SeveralWorkers | undefined;
afterEach(async () => {
  await workers?.stop();
  workers = undefined;
});

async function start(count = 2): Promise<SeveralWorkers> {
  workers = await startWorkers(config, count);
  return workers;
}

function request(method: string, user: string, extra = "", branch = "z9hG4bK-a"): string {
  const uri = method === "REGISTER" ? "sip:example.com" : `sip:${user}@example.com`;
  return sip`
    ${method} ${uri} SIP/2.0
    Via: SIP/2.0/UDP 10.0.0.1:5060;branch=${branch}
    From: <sip:caller@example.com>;tag=f
    To: <sip:${user}@example.com>
    Call-ID: call-${user}-${method}
    CSeq: 1 ${method}
    Max-Forwards: 70
    ${extra === "" ? "X-None: 1" : extra}
    Content-Length: 0
  `;
}

function register(user: string, contact = `sip:${user}@10.0.0.2:5060`, extra = ""): string {
  const more = extra === "" ? "" : `\n${extra}`;
  return request("REGISTER", user, `Contact: <${contact}>;expires=600${more}`);
}

function lines(peer: MemoryNode): string[] {
  return peer.packets.map(({ text }) => text.slice(0, text.indexOf("\r\n")));
}

const both = [0, 1] as const;

describe("two workers", () => {
  it("keep each contact once, in the worker that its user belongs to", async () => {
    const { engines, peer, send, rpc } = await start();
    const phone = peer(1);
    for (const owner of both) {
      for (const got of both) await send(got, phone, register(userOf(owner, 2, got)));
    }
    expect(lines(phone)).toEqual(Array(4).fill("SIP/2.0 200 OK"));
    for (const engine of engines) {
      expect(engine.services.statistics.read("usrloc", "location_contacts")).toBe(2);
    }
    expect(await rpc("stats.get_statistics", "usrloc:registered_users")).toEqual([
      "usrloc:registered_users = 4",
    ]);
    const text = JSON.stringify(await rpc("ul.dump"));
    for (const owner of both) {
      for (const nth of both) expect(text).toContain(`sip:${userOf(owner, 2, nth)}@10.0.0.2:5060`);
    }
    expect(await rpc("ul.lookup", "location", userOf(1))).toHaveLength(1);
    await rpc("ul.rm", "location", userOf(1));
    await expect(rpc("ul.lookup", "location", userOf(1))).rejects.toThrow("No such address");
  });

  it.each(both)("relay a call whichever gets its packets (first: worker %i)", async (first) => {
    const { peer, send } = await start();
    const other = 1 - first;
    const caller = peer(1);
    const callee = peer(2);
    for (const owner of both) {
      const user = userOf(owner);
      await send(first, caller, register(user));
      caller.packets.length = 0;
      callee.packets.length = 0;
      await send(first, caller, request("INVITE", user, "", `z9hG4bK-${user}`));
      await send(other, caller, request("INVITE", user, "", `z9hG4bK-${user}`));
      expect(lines(callee)).toEqual([`INVITE sip:${user}@10.0.0.2:5060 SIP/2.0`]);
      const received = callee.packets[0]?.text ?? "";
      expect(received).toContain(`branch=z9hG4bKw0${owner}`);
      await send(other, callee, answer(received, "180 Ringing"));
      await send(other, caller, request("CANCEL", user, "", `z9hG4bK-${user}`));
      expect(lines(callee).at(-1)).toBe(`CANCEL sip:${user}@10.0.0.2:5060 SIP/2.0`);
      await send(first, callee, answer(received, "487 Request Terminated"));
      await send(other, callee, answer(received, "487 Request Terminated"));
      const final = lines(caller).filter((line) => line.includes("487"));
      expect(final).toHaveLength(1);
      await send(other, caller, request("ACK", user, "", `z9hG4bK-${user}`));
      expect(lines(callee).filter((line) => line.startsWith("INVITE"))).toHaveLength(1);
      expect(lines(callee).filter((line) => line.startsWith("ACK")).length).toBeGreaterThan(0);
    }
  });

  it("find contacts of another worker: lookup of a rewritten user", async () => {
    const { peer, send, groups } = await start();
    const caller = peer(1);
    const callee = peer(2);
    await send(0, caller, register(userOf(1)));
    await send(0, caller, request("MESSAGE", userOf(0), `X-Alias: ${userOf(1)}`));
    expect(lines(callee)).toEqual([`MESSAGE sip:${userOf(1)}@10.0.0.2:5060 SIP/2.0`]);
    expect(groups[0]?.counters.calls).toBe(1);
    await send(0, caller, request("MESSAGE", userOf(0), "X-Alias: nobody", "z9hG4bK-2"));
    expect(lines(caller).at(-1)).toBe("SIP/2.0 404 Not here");
  });

  it("answer for each other: save, registered, fetched contacts, unregister", async () => {
    const { engines, peer, send } = await start();
    const phone = peer(1);
    const own = userOf(0);
    const foreign = userOf(1);
    const ask = async (what: string, extra = ""): Promise<string> => {
      const text = `X-Do: ${what}\nX-Uri: sip:${foreign}@example.com${extra}`;
      await send(0, phone, request("OPTIONS", own, text, `z9hG4bK-${phone.packets.length}`));
      return lines(phone).at(-1) ?? "";
    };
    expect(await ask("registered")).toBe("SIP/2.0 404 No");
    const contact = `sip:${foreign}@10.0.0.2:5060`;
    await send(0, phone, register(own, contact, `X-As: sip:${foreign}@example.com`));
    const reply = phone.packets.at(-1)?.text ?? "";
    expect(reply).toContain("SIP/2.0 200 OK");
    expect(reply).toContain(`Contact: <${contact}>;expires=600`);
    const contacts = (n: number): number | undefined =>
      engines[n]?.services.statistics.read("usrloc", "location_contacts");
    expect([contacts(0), contacts(1)]).toEqual([0, 1]);
    expect(await ask("registered")).toBe(`SIP/2.0 200 ${contact} green`);
    expect(await ask("fetch")).toBe(`SIP/2.0 200 1 ${contact}`);
    expect(await ask("unregister", "\nX-Ruid: nothing")).toBe("SIP/2.0 200 code -3");
    expect(await ask("unregister")).toBe("SIP/2.0 200 code 1");
    expect([contacts(0), contacts(1)]).toEqual([0, 0]);
  });

  it("tell each other about shared variables", async () => {
    const { peer, send } = await start();
    const phone = peer(1);
    const text = "X-Do: shared\nX-Uri: blue";
    await send(0, phone, request("OPTIONS", userOf(0), text));
    await send(0, phone, request("OPTIONS", userOf(1), text));
    expect(lines(phone)).toEqual(["SIP/2.0 200 before 0", "SIP/2.0 200 before blue"]);
  });

  it("add up statistics, and reset them everywhere", async () => {
    const { peer, send, rpc } = await start();
    const phone = peer(1);
    for (const owner of both) await send(0, phone, register(userOf(owner)));
    const read = async (): Promise<unknown> => {
      const [struct] = await rpc(
        "stats.fetchn",
        "registrar:accepted_regs",
        "registrar:max_expires",
      );
      return (struct as RpcStruct).entries;
    };
    expect(await read()).toEqual([
      ["registrar.accepted_regs", 2],
      ["registrar.max_expires", 0],
    ]);
    await rpc("stats.reset_statistics", "registrar:accepted_regs");
    expect(await read()).toContainEqual(["registrar.accepted_regs", 0]);
  });
});

describe("a worker that is not there", () => {
  it("has its users' registrations refused for now, and their calls answered", async () => {
    const { peer, send, groups } = await start();
    const phone = peer(1);
    groups[0]?.forget(1);
    const as = `X-As: sip:${userOf(1)}@example.com`;
    await send(0, phone, register(userOf(0), "sip:x@10.0.0.2", as));
    expect(lines(phone)).toEqual(["SIP/2.0 503 Service Unavailable"]);
    await send(0, phone, request("MESSAGE", userOf(0), `X-Alias: ${userOf(1)}`));
    expect(lines(phone).at(-1)).toBe("SIP/2.0 404 Not here");
    await send(0, phone, register(userOf(1)));
    expect(groups[0]?.counters.dropped).toBe(1);
  });
});

/** A reply of the callee. */
function answer(received: string, status: string): string {
  const headers = received
    .split("\r\n")
    .filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line))
    .map((line) => (line.startsWith("To:") ? `${line};tag=callee` : line));
  return `SIP/2.0 ${status}\r\n${headers.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`;
}
