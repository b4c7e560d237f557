/** The examples as they are, as processes of their own, with sipsak and SIPp as the phones. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { control, eventually, type Ran, run } from "./support/commands.ts";
import { header, Peer } from "./support/peer.ts";
import { freePort, freeShortPort, type Server, startExample } from "./support/servers.ts";

const examples = resolve(import.meta.dirname, "../../examples");
const support = join(import.meta.dirname, "support");
const running: Server[] = [];
let folder = "";
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-examples-"));
});
afterAll(async () => {
  for (const server of running) await server.stop();
  rmSync(folder, { recursive: true });
});

async function started(starting: Promise<Server>): Promise<Server> {
  const server = await starting;
  running.push(server);
  return server;
}

/** `--substdef` for names and what they become. */
function substdefs(values: Record<string, string | number>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ["--substdef", `!${name}!${value}!g`]);
}

/** Registers a user's phone with sipsak; `expires` 0 removes it. */
async function register(server: Server, user: string, phone: number, expires = 60): Promise<void> {
  const contact = ["-C", `sip:${user}@127.0.0.1:${phone}`, "-x", String(expires), "-vv"];
  const at = ["-s", `sip:${user}@127.0.0.1:${server.port}`];
  const { output } = await run("sipsak", ["-U", ...at, ...contact]);
  expect(output).toContain("completed successful");
}

/** SIPp at work. */
interface Scenario {
  /** What it has logged so far. */
  log(): string;
  readonly ended: Promise<Ran>;
  stop(): Promise<Ran>;
}

/** Starts SIPp for one call on a port of its own, or the given one. */
function sipp(scenario: string, target: Server, options: readonly string[]): Scenario {
  const log = join(folder, `sipp-${++files}.log`);
  const stopping = new AbortController();
  const ended = run(
    "sipp",
    // prettier-ignore
    [`127.0.0.1:${target.port}`, "-sf", scenario, "-i", "127.0.0.1", "-m", "1", "-nostdin",
      "-trace_logs", "-log_file", log, "-timeout", "30s", ...options],
    { withinMs: 60_000, signal: stopping.signal },
  );
  return {
    log: () => {
      try {
        return readFileSync(log, "latin1");
      } catch {
        return "";
      }
    },
    ended,
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

/** Calls a user at a server: whether the call went through. */
async function calls(server: Server, user: string): Promise<boolean> {
  const own = ["-s", user, "-p", String(await freePort())];
  return (await sipp(join(support, "caller.xml"), server, own).ended).status === 0;
}

describe("examples/two-servers", () => {
  let a: Server;
  let b: Server;
  let startB: () => Promise<Server>;

  beforeAll(async () => {
    const [portA, portB] = [await freeShortPort(), await freePort()];
    const one = substdefs({ MY_PORT: portA, OTHER_PORT: portB });
    const other = substdefs({ MY_PORT: portB, OTHER_PORT: portA });
    const directory = join(folder, "b");
    a = await started(startExample("two-servers/a.cfg", { port: portA, options: one }));
    startB = () => startExample("two-servers/b.cfg", { port: portB, options: other, directory });
    b = await started(startB());
    await eventually(
      () => control(a, "reginfo.list"),
      (text) => text.includes("all@example.com"),
      20_000,
    );
  });

  const knows = (server: Server, user: string): Promise<string> =>
    eventually(
      () => control(server, "ul.dump"),
      (text) => text.includes(`AoR: ${user}`),
    );

  it("a phone at one is called through the other, until it is gone", async () => {
    const phone = await freePort();
    await register(a, "bob", phone);
    expect(await knows(b, "bob")).toContain("subscription to sip:all@example.com");
    const callee = sipp(join(support, "callee.xml"), b, ["-p", String(phone)]);
    expect(await calls(b, "bob")).toBe(true);
    expect((await callee.ended).status).toBe(0);
    await register(a, "bob", phone, 0);
    await eventually(
      () => control(b, "ul.dump"),
      (text) => !text.includes("AoR: bob"),
    );
    expect(await calls(b, "bob")).toBe(false);
  });

  it("one that was killed knows the other's phones when it starts, and tells its own again", async () => {
    const phone = await freePort();
    await register(a, "carol", phone);
    await knows(b, "carol");
    await b.stop("SIGKILL");
    b = await started(startB());
    await knows(b, "carol");
    const callee = sipp(join(support, "callee.xml"), b, ["-p", String(phone)]);
    expect(await calls(b, "carol")).toBe(true);
    expect((await callee.ended).status).toBe(0);
    const added = await control(
      b,
      "ul.add",
      "location",
      "dave",
      "sip:dave@127.0.0.1:9",
      60,
      1,
      ".",
      0,
      0,
      0,
    );
    expect(added).not.toContain("error");
    await knows(a, "dave");
  });
});

describe("examples/own-registration", () => {
  let server: Server;

  beforeAll(async () => {
    const port = await freeShortPort();
    const options = ["-l", `udp:127.0.0.1:${port}`];
    server = await started(startExample("own-registration/kamailio.cfg", { port, options }));
  });

  it("a phone hears at once that the operator has removed it, and why", async () => {
    await register(server, "alice", await freePort());
    const own = ["-s", "alice", "-p", String(await freePort())];
    const watch = sipp(join(examples, "own-registration/watch.xml"), server, own);
    const hears = (text: string): Promise<string> =>
      eventually(
        () => Promise.resolve(watch.log()),
        (log) => log.includes(text),
      );
    await hears('state="active"');
    await control(server, "reginfo.deactivate", "location", "alice");
    const told = await hears('event="deactivated"');
    expect(told).toMatch(/<registration [^>]*state="terminated"/);
    await register(server, "alice", await freePort());
    await control(server, "reginfo.reject", "location", "alice");
    await hears('event="rejected"');
    await watch.stop();
  });
});

describe("examples/stored-messages", () => {
  let registrar: Server;
  let messages: Server;
  let startMessages: () => Promise<Server>;
  let phone: Peer;

  beforeAll(async () => {
    const [registrarPort, messagesPort] = [await freeShortPort(), await freePort()];
    const options = substdefs({
      REGISTRAR_PORT: registrarPort,
      MESSAGES_PORT: messagesPort,
      MESSAGES_DB: `sqlite:///${join(folder, "messages.db")}`,
    });
    const directory = join(folder, "messages");
    const file = "stored-messages/registrar.cfg";
    registrar = await started(startExample(file, { port: registrarPort, options }));
    startMessages = () =>
      startExample("stored-messages/messages.cfg", { port: messagesPort, options, directory });
    messages = await started(startMessages());
  });
  beforeEach(async () => {
    phone = await Peer.open("phone");
    return () => phone.close();
  });

  /** Sends a message with SIPp; its exit code is 0 when it was taken. */
  async function send(user: string, text: string): Promise<void> {
    const own = ["-s", user, "-p", String(await freePort()), "-key", "text", text];
    const sent = await sipp(join(examples, "stored-messages/send.xml"), registrar, own).ended;
    expect(sent.status, sent.output).toBe(0);
  }

  /** The value of a statistic of msilo, when it has become that. */
  function counts(name: string, value: number): Promise<string> {
    return eventually(
      () => control(messages, "stats.get_statistics", "msilo:"),
      (text) => text.includes(`msilo:${name} = ${value}\n`),
      20_000,
    );
  }

  /** The text of the next MESSAGE that reaches the phone, which it answers so. */
  async function receives(status: number): Promise<string> {
    const request = await phone.take("MESSAGE", 15_000);
    phone.reply(request, status);
    expect(header(request.text, "From")).toContain("sip:alice@example.com");
    return request.text.slice(request.text.indexOf("\r\n\r\n") + 4).replace(/^\[.*?\] /, "");
  }

  it("a message for a user who is offline is delivered when the phone registers", async () => {
    await send("bob", "Are you there?");
    await counts("stored_messages", 1);
    const port = await freePort();
    const scenario = join(examples, "stored-messages/phone.xml");
    const taker = sipp(scenario, registrar, ["-p", String(port)]);
    await register(registrar, "bob", port);
    expect((await taker.ended).status).toBe(0);
    expect(taker.log()).toMatch(/\[Offline message - .*\] Are you there\?/);
    await counts("dumped_messages", 1);
  });

  it("messages wait while the messaging server is killed, and come in order when it is back", async () => {
    await send("carol", "one");
    await send("carol", "two");
    await messages.stop("SIGKILL");
    await register(registrar, "carol", phone.port);
    messages = await started(startMessages());
    expect([await receives(200), await receives(200)]).toEqual(["one", "two"]);
    await counts("dumped_messages", 2);
    // None of them comes again.
    await register(registrar, "carol", phone.port);
    await send("carol", "three");
    expect(await receives(200)).toBe("three");
  });

  it("a message that the phone refuses is kept for the next registration", async () => {
    await send("dave", "hello");
    await register(registrar, "dave", phone.port);
    expect(await receives(480)).toBe("hello");
    await counts("failed_messages", 1);
    await register(registrar, "dave", phone.port);
    expect(await receives(200)).toBe("hello");
  });

  it("a phone that is registered but does not answer counts as offline; the sender is told", async () => {
    const alice = await Peer.open("alice");
    await register(registrar, "alice", alice.port);
    await register(registrar, "eve", phone.port);
    await send("eve", "hello");
    const notice = await alice.take("MESSAGE");
    alice.reply(notice, 200);
    expect(notice.text).toContain("eve is offline and gets your message later.");
    alice.close();
    await register(registrar, "eve", phone.port);
    expect(await receives(200)).toBe("hello");
  });
});
