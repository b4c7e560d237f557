/** The server for event state: times, tags, watchers, script functions, remote commands. */
import { describe, expect, it } from "vitest";
import { presence } from "../../../src/modules/presence/spec.ts";
import { declareModule, implementModule } from "../../../src/runtime/module.ts";
import { isNotify, replyText, Watcher } from "../../support/watcher.ts";
import { ALICE, PresenceServer, published } from "./harness.ts";

const A = "c1 sip:a@10.0.0.1 registered 500";

/** A package with documents of any text, and watchers that are decided over. */
function notePackage() {
  const status = { value: "active" as "active" | "pending" | "terminated" };
  const spec = declareModule()({ name: "notes", doc: "Notes.", needs: { presence } });
  const module = implementModule(spec, ({ use }) => {
    for (const name of ["note", "presence"]) {
      use.presence.addEvent({
        name,
        contentType: "text/plain",
        defaultExpires: 1000,
        authorise: () => status.value,
      });
    }
    return {};
  });
  return { status, modules: [{ name: "notes", module }] };
}

const note = { event: "note", type: "text/plain" };

describe("publications", () => {
  it("last as long as was granted, within the limits", async () => {
    const server = await PresenceServer.start({
      settings: {
        "presence.min_expires": 30,
        "presence.max_expires": 100,
        "presence.expires_offset": 10,
      },
    });
    const watcher = server.watcher();
    await watcher.subscribe({ expires: 100 });
    const short = await server.publish(published([A]), { expires: 5 });
    expect(short.reply?.message.statusCode).toBe(423);
    expect(short.reply?.header("Min-Expires")).toBe("30");
    const long = await server.publish(published([A]), { expires: 60 }, watcher);
    expect(long.reply?.header("Expires")).toBe("50");
    expect(await watcher.wait(59_000)).toEqual([]);
    expect(await watcher.wait(2000)).toHaveLength(1);
  });

  it("row 6: that are too short are answered with 423 and Min-Expires, but may be removed", async () => {
    const server = await PresenceServer.start({ settings: { "presence.min_expires": 30 } });
    for (const expires of [1, 29]) {
      const { reply } = await server.publish(published([A]), { expires });
      expect(reply?.message.statusCode).toBe(423);
      expect(reply?.header("Min-Expires")).toBe("30");
    }
    expect(await server.net.rpc("presence.presentity_list")).toEqual([]);
    const { reply, tag } = await server.publish(published([A]), { expires: 30 });
    expect(reply?.message.statusCode).toBe(200);
    const refresh = await server.publish("", { expires: 29, tag });
    expect(refresh.reply?.message.statusCode).toBe(423);
    const removal = await server.publish("", { expires: 0, tag });
    expect(removal.reply?.message.statusCode).toBe(200);
  });

  it("that are too short are made longer with min_expires_action 2", async () => {
    const server = await PresenceServer.start({
      settings: { "presence.min_expires": 30, "presence.min_expires_action": 2 },
    });
    const { reply } = await server.publish(published([A]), { expires: 5 });
    expect(reply?.header("Expires")).toBe("30");
    const subscribed = await server.watcher().subscribe({ expires: 5 });
    expect(subscribed.reply?.header("Expires")).toBe("30");
  });

  it("that expire go silently with force_delete", async () => {
    const server = await PresenceServer.start({ settings: { "presence.force_delete": 1 } });
    const watcher = server.watcher();
    await watcher.subscribe();
    await server.publish(published([A]), { expires: 60 }, watcher);
    expect(await watcher.wait(62_000)).toEqual([]);
    expect(await server.net.rpc("presence.presentity_list")).toEqual([]);
  });

  it("for no time are accepted and change nothing", async () => {
    const server = await PresenceServer.start();
    const { reply } = await server.publish(published([A]), { expires: 0 });
    expect(reply?.line).toBe("SIP/2.0 200 OK");
    expect(reply?.header("Expires")).toBe("0");
    expect(await server.net.rpc("presence.presentity_list")).toEqual([]);
  });

  it("of an unknown event are answered with 489, malformed ones with 400", async () => {
    const server = await PresenceServer.start();
    const { reply } = await server.publish("x", { event: "unknown" });
    expect(reply?.message.statusCode).toBe(489);
    expect(reply?.header("Allow-Events")).toBe("reg");
    const twice = await server.publish("", { tag: "a", extra: "SIP-If-Match: b\r\n" });
    expect(twice.reply?.message.statusCode).toBe(400);
    const list = await server.publish("", { tag: "a, b" });
    expect(list.reply?.message.statusCode).toBe(400);
    const expires = await server.publish("", { expires: null, extra: "Expires: x\r\n" });
    expect(expires.reply?.message.statusCode).toBe(400);
  });

  it("are refused beyond the limits of size and number", async () => {
    const server = await PresenceServer.start({
      settings: { "presence.max_body": 1000, "presence.max_publications": 1 },
    });
    const long = await server.publish(published([A, `c2 sip:${"x".repeat(1000)}@h`]));
    expect(long.reply?.message.statusCode).toBe(413);
    await server.publish(published([A]));
    expect((await server.publish(published([A]))).reply?.message.statusCode).toBe(503);
  });

  it("are not told to the sender that the script names", async () => {
    const server = await PresenceServer.start({ publish: 'handle_publish("sip:w@example.test");' });
    const silent = server.watcher(ALICE, "sip:w@EXAMPLE.test;x=1");
    const other = server.watcher(ALICE, "sip:v@example.test");
    await silent.subscribe();
    await other.subscribe();
    const sent = await server.send(published([A]));
    expect(sent.filter(isNotify).map((one) => one.to)).toEqual([other.address]);
  });

  it("are in order of time, or of the priority that the script gives", async () => {
    const publish = "$xavp(pres=>priority) = $(hdr(X-Priority){s.int}); handle_publish();";
    for (const [order, expected] of [
      [0, "two"],
      [1, "one"],
    ] as const) {
      const { modules } = notePackage();
      const settings = { "presence.xavp_cfg": "pres", "presence.retrieve_order": order };
      const server = await PresenceServer.start({ settings, modules, publish });
      await server.publish("one", { ...note, extra: "X-Priority: 9\r\n" });
      await server.publish("two", { ...note, extra: "X-Priority: 1\r\n" });
      const { notifies } = await server.watcher().subscribe({ event: "note" });
      expect(notifies[0]?.body).toBe(expected);
    }
  });
});

describe("watchers", () => {
  it("get a NOTIFY without a body when a package has nothing to say", async () => {
    const server = await PresenceServer.start({ modules: notePackage().modules });
    const { reply, notifies } = await server
      .watcher()
      .subscribe({ event: "note;id=7", expires: null });
    expect(reply?.header("Expires")).toBe("1000");
    expect(reply?.header("Contact")).toBe("<sip:presence@10.0.0.100:5060>");
    expect(notifies[0]?.body).toBe("");
    expect(notifies[0]?.header("Content-Type")).toBe("");
    expect(notifies[0]?.header("Event")).toBe("note;id=7");
    expect(notifies[0]?.header("Subscription-State")).toBe("active;expires=1000");
  });

  it("wait for permission, get it, and lose it again", async () => {
    const { status, modules } = notePackage();
    status.value = "pending";
    const server = await PresenceServer.start({ modules });
    const watcher = server.watcher();
    const { notifies } = await watcher.subscribe({ event: "note" });
    expect(notifies[0]?.header("Subscription-State")).toBe("pending;expires=600");
    expect((await server.publish("secret", note, watcher)).notifies).toEqual([]);
    status.value = "active";
    await server.net.rpc("presence.updateWatchers", ALICE, "note");
    const [allowed] = await watcher.take(server.net.take());
    expect(allowed?.header("Subscription-State")).toBe("active;expires=600");
    expect(allowed?.body).toBe("secret");
    status.value = "terminated";
    await server.net.rpc("presence.refreshWatchers", ALICE, "note", 0);
    const [ended] = await watcher.take(server.net.take());
    expect(ended?.header("Subscription-State")).toBe("terminated;reason=rejected");
    expect((await server.watcher().subscribe({ event: "note" })).reply?.message.statusCode).toBe(
      403,
    );
  });

  it("are accepted with 202 when subs_respond_200 is off", async () => {
    const server = await PresenceServer.start({ settings: { "presence.subs_respond_200": 0 } });
    expect((await server.watcher().subscribe()).reply?.message.statusCode).toBe(202);
  });

  it("may come a little out of order with cseq_offset", async () => {
    const server = await PresenceServer.start({ settings: { "presence.cseq_offset": 2 } });
    const watcher = server.watcher();
    await watcher.subscribe({ cseq: 9 });
    expect((await watcher.subscribe({ cseq: 7 })).reply?.message.statusCode).toBe(200);
    expect((await watcher.subscribe({ cseq: 6 })).reply?.message.statusCode).toBe(500);
  });

  it("take the place of their earlier subscription with delete_same_subs", async () => {
    const server = await PresenceServer.start({ settings: { "presence.delete_same_subs": 1 } });
    const watcher = server.watcher();
    await watcher.subscribe();
    await watcher.subscribe({ toTag: "", fromTag: "other" });
    expect(await server.net.rpc("presence.watcher_list")).toHaveLength(1);
    expect((await server.publish(published([A]), {}, watcher)).notifies).toHaveLength(1);
  });

  it("differ by the case of the user unless sip_uri_match is 1", async () => {
    for (const [mode, count] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const server = await PresenceServer.start({ settings: { "presence.sip_uri_match": mode } });
      const watcher = server.watcher("sip:ALICE@Example.test");
      await watcher.subscribe();
      const body = published([A]);
      expect((await server.publish(body, {}, watcher)).notifies).toHaveLength(count);
    }
  });

  it("are told to come back when the engine stops", async () => {
    const server = await PresenceServer.start();
    await server.watcher().subscribe();
    await server.net.stop();
    expect(server.net.take().map((one) => one.header("Subscription-State"))).toEqual([
      "terminated;reason=probation;retry-after=10",
    ]);
  });
});

describe("the script", () => {
  it("sees return codes and the subscription", async () => {
    const server = await PresenceServer.start();
    await server.watcher().subscribe({ event: "reg;id=5" });
    await server.watcher().subscribe({ event: "other" });
    await server.publish(published([A]));
    await server.publish("bad");
    expect(server.net.script).toEqual([
      `subscribe 1 uri=${ALICE} id=5 status=1 expires=600`,
      "subscribe -1 uri=<null> id=<null> status=<null> expires=<null>",
      "publish 1",
      "publish -1",
    ]);
  });

  it("sees each NOTIFY go and its answer come", async () => {
    const routes = `
event_route[tm:local-request] { xlog("sent $rm $subs(uri) $subs(local_cseq) $subs(status)\\n"); }
event_route[presence:notify-reply] {
  xlog("answered $rm $subs(watcher_username) $notify_reply($rs) $notify_reply($hdr(X-Note))\\n");
}`;
    const server = await PresenceServer.start({ routes });
    const watcher = server.watcher();
    watcher.answer = () => ({ code: 202, extra: "X-Note: hi\r\n" });
    await watcher.subscribe();
    await watcher.subscribe({ expires: 0 });
    const lines = server.net.script.filter((line) => !line.startsWith("subscribe"));
    expect(lines).toEqual([
      `sent NOTIFY ${ALICE} 1 1`,
      "answered NOTIFY w 202 hi",
      `sent NOTIFY ${ALICE} 2 3`,
      "answered NOTIFY w 202 hi",
    ]);
  });

  it("is told of a NOTIFY that nobody answers, and may end subscriptions", async () => {
    const routes = `
event_route[presence:notify-reply] {
  xlog("code $notify_reply($rs)\\n");
  if ($notify_reply($rs) == 500) $xavp(pres=>delete_subscription) = 1;
}`;
    const server = await PresenceServer.start({
      routes,
      settings: { "presence.xavp_cfg": "pres", "presence.timeout_rm_subs": 0 },
    });
    const watcher = server.watcher();
    watcher.answer = () => null;
    await watcher.subscribe();
    await watcher.wait(40_000);
    expect(server.net.script.at(-1)).toBe("code 408");
    expect(await server.net.rpc("presence.watcher_list")).toHaveLength(1);
    watcher.answer = () => ({ code: 500 });
    await server.publish(published([A]), {}, watcher);
    expect(await server.net.rpc("presence.watcher_list")).toEqual([]);
  });

  it("has functions about watchers", async () => {
    const { status, modules } = notePackage();
    const publish = `
pres_has_subscribers("$ru", "reg"); $var(has) = $rc;
pres_has_subscribers("$ru", "none"); $var(none) = $rc;
pres_auth_status("$fu", "$ru"); $var(auth) = $rc;
pres_update_watchers("$ru", "reg"); $var(update) = $rc;
pres_refresh_watchers("$ru", "reg", 1); $var(refresh) = $rc;
pres_refresh_watchers("$ru", "none", 1); $var(wrong) = $rc;
pres_refresh_watchers("$ru", "reg", 2, "sip:x", "f"); $var(file) = $rc;
xlog("$var(has) $var(none) $var(auth) $var(update) $var(refresh) $var(wrong) $var(file)\\n");
`;
    const server = await PresenceServer.start({ modules, publish });
    const watcher = server.watcher();
    await watcher.subscribe();
    status.value = "pending";
    const sent = await server.send("x");
    expect(server.net.script.at(-2)).toBe("1 -1 2 -1 1 -1 -1");
    expect(await watcher.take(sent)).toHaveLength(1);
  });

  it("sees nothing in $subs with pres_subs_mode 0", async () => {
    const server = await PresenceServer.start({ settings: { "presence.pres_subs_mode": 0 } });
    await server.watcher().subscribe();
    expect(server.net.script[0]).toContain("uri=<null>");
  });
});

describe("remote commands", () => {
  it("list what is published and who watches", async () => {
    const server = await PresenceServer.start();
    const { tag } = await server.publish(published([A]));
    await server.watcher().subscribe();
    const entries = async (command: string, ...args: string[]) => {
      const [one] = (await server.net.rpc(command, ...args)) as { entries: [string, unknown][] }[];
      return Object.fromEntries(one?.entries ?? []);
    };
    expect(await entries("presence.presentity_list")).toEqual({
      user: "alice",
      domain: "example.test",
      event: "reg",
      etag: tag,
      sender: "",
      expires: 1_700_000_600,
    });
    expect(await entries("presence.presentity_list", "full")).toMatchObject({
      received_time: 1_700_000_000,
      priority: 0,
      body: published([A]),
    });
    expect(await entries("presence.watcher_list")).toMatchObject({
      presentity: ALICE,
      watcher: "sip:w@example.test",
      event: "reg",
      status: "active",
      expires: 600,
    });
    expect(await server.net.rpc("presence.cleanup")).toEqual(["Reload OK"]);
  });

  it("say what is wrong", async () => {
    const server = await PresenceServer.start();
    await expect(server.net.rpc("presence.refreshWatchers", ALICE)).rejects.toThrow("Too few");
    await expect(server.net.rpc("presence.refreshWatchers", ALICE, "x", 1)).rejects.toThrow(
      "No such event",
    );
    await expect(server.net.rpc("presence.updateWatchers", ALICE, "reg")).rejects.toThrow(
      "Nobody decides",
    );
  });
});

describe("memory", () => {
  it("is given back when nobody publishes or watches any more", async () => {
    const server = await PresenceServer.start();
    for (let i = 0; i < 50; i++) {
      const resource = `sip:u${i}@example.test`;
      await new Watcher(server.net, resource).subscribe({ expires: 0 });
      const watcher = new Watcher(server.net, resource);
      await watcher.subscribe({ expires: 100 });
      const body = published([A], { aor: resource });
      await server.publish(body, { resource, expires: 100 }, watcher);
    }
    for (const notify of await server.net.advance(101_000)) {
      if (isNotify(notify)) await server.net.send(replyText(notify, 200), notify.to);
    }
    const { statistics } = server.net.engine.services;
    expect(statistics.read("presence", "subscriptions")).toBe(0);
    expect(statistics.read("presence", "publications")).toBe(0);
    expect(statistics.read("presence", "presentities")).toBe(0);
  });
});
