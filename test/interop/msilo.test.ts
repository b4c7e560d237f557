/** Stored messages: olelo and Kamailio with one configuration and one database file, one after the other. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { header, headers, Peer } from "./support/peer.ts";
import { type Server, startKamailio, startOlelo } from "./support/servers.ts";

const settings = `debug=2
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
alias="example.com"
listen=udp:127.0.0.1:PORT
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "db_sqlite.so"
loadmodule "msilo.so"
modparam("msilo", "db_url", "sqlite:///DATABASE")
modparam("msilo", "from_address", "sip:office@example.com")
modparam("msilo", "contact_hdr", "Contact: <sip:null@example.com>\\r\\n")
modparam("msilo", "content_type_hdr", "Content-Type: text/plain\\r\\n")
modparam("msilo", "offline_message", "*** User $rU is offline!")
modparam("msilo", "outbound_proxy", "sip:127.0.0.1:PHONE")
modparam("msilo", "extra_hdrs", "X-Extra: $tu\\r\\n")
modparam("msilo", "snd_time_avp", "$avp(when)")
modparam("msilo", "reminder", "sip:calendar@example.com")
modparam("msilo", "send_time", 1)
modparam("msilo", "check_time", 1)
request_route {
  if (is_method("REGISTER")) {
    save("location");
    m_dump();
    exit;
  }
  if (is_present_hf("X-When")) $avp(when) = $hdr(X-When);
  if (m_store()) sl_send_reply("202", "Stored");
  else sl_send_reply("503", "Not Stored");
}
`;

let folder = "";
let phone: Peer;
let server: Server | undefined;
let serial = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-silo-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  phone = await Peer.open("phone");
});
afterEach(async () => {
  phone.close();
  await stop();
});

type Kind = "olelo" | "kamailio";

/** Kamailio needs a minute for a clean stop now and then. */
async function stop(): Promise<void> {
  await server?.stop(server.kind === "kamailio" ? "SIGKILL" : "SIGTERM");
  server = undefined;
}

/** Stops what runs, and starts the other one on the same file. */
async function change(kind: Kind, database: string): Promise<void> {
  await stop();
  const file = join(folder, `${database}.db`);
  const config = settings.replace("DATABASE", file).replace("PHONE", String(phone.port));
  server = await (kind === "olelo" ? startOlelo : startKamailio)(config);
}

function ask(method: string, user: string, rest: string): void {
  const uri = method === "REGISTER" ? "sip:example.com" : `sip:${user}@example.com`;
  const from = method === "REGISTER" ? user : "alice";
  phone.send(
    `${method} ${uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${phone.port};branch=z9hG4bKs${++serial}\r\n` +
      `Max-Forwards: 70\r\nFrom: <sip:${from}@example.com>;tag=f${serial}\r\nTo: <sip:${user}@example.com>\r\n` +
      `Call-ID: s${serial}\r\nCSeq: ${serial} ${method}\r\n${rest}`,
    server?.port ?? 0,
  );
}

/** Sends a message that is stored; what the sender is told. */
async function store(user: string, body: string, more = ""): Promise<string[]> {
  ask(
    "MESSAGE",
    user,
    `${more}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const isNotice = (text: string): boolean => text.includes("is offline!");
  const notice = await phone.take(isNotice);
  phone.reply(notice, 200);
  return shown(notice.text);
}

/** Registers, or just waits; the next message that comes, answered with 200. */
async function receives(user?: string): Promise<string[]> {
  if (user !== undefined) {
    const contact = `Contact: <sip:${user}@127.0.0.1:${phone.port}>\r\nExpires: 60\r\n`;
    ask("REGISTER", user, `${contact}Content-Length: 0\r\n\r\n`);
  }
  const isStored = (text: string): boolean =>
    text.startsWith("MESSAGE ") && !text.includes("is offline!");
  const message = await phone.take(isStored);
  phone.reply(message, 200);
  return shown(message.text);
}

/** What must be the same at both: the first line, what belongs to the message, and the body, without times. */
function shown(text: string): string[] {
  const names = ["To", "Contact", "Content-Type", "Content-Length", "X-Extra", "X-Foo", "X-When"];
  const [first = ""] = text.split("\r\n", 1);
  return [
    first,
    header(text, "From").replace(/;tag=.*/, ""),
    ...names.map((name) => `${name}: ${headers(text, name).join()}`),
    String(header(text, "Date") !== ""),
    text.slice(text.indexOf("\r\n\r\n") + 4).replace(/ - [^\]]*\]/, " - TIME]"),
  ];
}

describe("msilo", () => {
  it.each([
    ["olelo", "kamailio"],
    ["kamailio", "olelo"],
  ] as const)("what %s has stored, %s delivers as it would its own", async (first, second) => {
    const file = `${first}-first`;
    // Makes the tables.
    await change("olelo", file);
    const own: Record<string, string[]> = {};
    for (const kind of [first, second]) {
      await change(kind, file);
      own[`${kind} told`] = await store("bob", "hello", "X-Foo: bar\r\n");
      own[kind] = await receives("bob");
      await store("carol", "for carol", "X-Foo: baz\r\n");
      if (kind === second) break;
      await change(second, file);
      own["handed over"] = await receives("carol");
    }
    expect(own[second]).toEqual(own[first]);
    expect(own[`${second} told`]).toEqual(own[`${first} told`]);
    expect(own[first]?.at(-1)).toBe("[Offline message - TIME] hello");
    expect(own["handed over"]?.at(-1)).toBe("[Offline message - TIME] for carol");
    // What olelo delivered is gone at once (Kamailio deletes after check_time): the second one sends but its own.
    if (first === "kamailio") return;
    const texts = phone.received
      .map(({ text }) => text)
      .filter((text) => text.startsWith("MESSAGE sip:bob@"));
    expect(new Set(texts.map((text) => header(text, "Call-ID"))).size).toBe(2);
  });

  it("reminders of both are the same", async () => {
    const reminders: string[][] = [];
    for (const kind of ["olelo", "kamailio"] as const) {
      await change(kind, "reminders");
      await store("bob", "tea", "X-When: 20200101000000\r\n");
      reminders.push(await receives());
    }
    expect(reminders[1]).toEqual(reminders[0]);
    expect(reminders[0]?.at(-1)).toBe("[Reminder message - TIME] tea");
  });
});
