/** The transports of the jsonrpcs module: real FIFOs and sockets in a folder of the test's own. */
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type TestEngine, testEngine } from "../../support/engine.ts";

let folder = "";
let engine: TestEngine | undefined;
const open: Socket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-json-"));
});

afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await engine?.stop();
  engine = undefined;
  rmSync(folder, { recursive: true });
});

async function start(transport: number, params = ""): Promise<TestEngine> {
  engine = await testEngine(
    `loadmodule "jsonrpcs"
     modparam("jsonrpcs", "transport", ${transport})
     modparam("jsonrpcs", "pretty_format", 0)
     modparam("jsonrpcs", "fifo_reply_dir", "${folder}")
     ${params}
     request_route { drop; }`,
    { runDirectory: folder },
  );
  return engine;
}

/** Asks until there is an answer, and lets the engine's time go on in between. */
async function eventually<T>(ask: () => T): Promise<T> {
  return await vi.waitFor(
    async () => {
      await engine?.advance(50);
      return ask();
    },
    { interval: 1, timeout: 5000 },
  );
}

async function logged(text: string): Promise<void> {
  await eventually(() => {
    expect(engine?.log.lines.map((line) => line.text)).toContain(text);
  });
}

/** What can be read without waiting. */
function available(descriptor: number): string {
  const buffer = Buffer.alloc(65_536);
  try {
    return buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } catch {
    return "";
  }
}

const echo = (text: string, more: object = {}): string =>
  JSON.stringify({ jsonrpc: "2.0", method: "core.echo", params: [text], id: 1, ...more });
const echoed = (text: string): unknown => ({ jsonrpc: "2.0", result: [text], id: 1 });

describe("the FIFO", () => {
  const fifo = (): string => join(folder, "kamailio_rpc.fifo");

  /** Not to be waited for: it ends when the engine has read it. */
  function write(text: string): Promise<void> {
    return writeFile(fifo(), text);
  }

  function makeFifo(name: string): string {
    const path = join(folder, name);
    spawnSync("mkfifo", [path]);
    return path;
  }

  /** A FIFO for replies, with a reader: what comes out of it, once it is a whole document. */
  async function reply(name: string): Promise<unknown> {
    const path = makeFifo(name);
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    let text = "";
    try {
      return await eventually(() => {
        text += available(descriptor);
        return JSON.parse(text) as unknown;
      });
    } finally {
      closeSync(descriptor);
    }
  }

  it("takes documents and writes to the FIFO that they name", async () => {
    await start(2);
    expect(statSync(fifo()).mode & 0o777).toBe(0o600);
    const document = echo("x", { reply_name: "reply.1" });
    await write(document.slice(0, 20));
    await write(`${document.slice(20)}\n`);
    expect(await reply("reply.1")).toEqual(echoed("x"));
  });

  it("answers each of several documents", async () => {
    await start(2);
    await write(echo("one", { reply_name: "r1" }) + echo("two", { reply_name: "r2" }));
    expect(await Promise.all([reply("r1"), reply("r2")])).toEqual([echoed("one"), echoed("two")]);
  });

  it("writes replies that are larger than the FIFO", async () => {
    await start(2, `modparam("jsonrpcs", "max_request_size", 300000)`);
    const large = "x".repeat(200_000);
    const [received] = await Promise.all([reply("r"), write(echo(large, { reply_name: "r" }))]);
    expect(received).toEqual(echoed(large));
  });

  it("waits a little for a client to read", async () => {
    await start(2);
    makeFifo("late");
    await write(echo("x", { reply_name: "late" }));
    await eventually(() => expect(engine?.clock.now()).toBeGreaterThan(150));
    expect(await reply("late")).toEqual(echoed("x"));
  });

  it("gives up when no client reads", async () => {
    await start(2);
    makeFifo("never");
    await write(echo("x", { reply_name: "never" }));
    await logged("jsonrpcs: reply not written");
  });

  it.each(["../outside", "a/b", "..", ""])("writes nothing to %j", async (name) => {
    await start(2);
    await write(echo("x", { reply_name: name }));
    await logged("jsonrpcs: refused the name of a reply FIFO");
  });

  it("writes to FIFOs only", async () => {
    await start(2);
    writeFileSync(join(folder, "file"), "precious");
    await write(echo("x", { reply_name: "file" }));
    await logged("jsonrpcs: reply not written");
    expect(statSync(join(folder, "file")).size).toBe(8);
  });

  it("says what is no request", async () => {
    await start(2);
    await write("junk\n");
    await logged("jsonrpcs: not a request: the document is not JSON");
  });

  it("forgets a document whose rest does not come, or that is too large", async () => {
    await start(2, `modparam("jsonrpcs", "max_request_size", 100)`);
    await write('{"method": "unfinished');
    await logged("jsonrpcs: the rest of a document has not come");
    await write(`{"method": "${"x".repeat(100)}`);
    await logged("jsonrpcs: a document is larger than max_request_size");
    await write(echo("after", { reply_name: "r" }));
    expect(await reply("r")).toEqual(echoed("after"));
  });

  it("replaces a FIFO that was left behind, but no other file, and is gone after the stop", async () => {
    spawnSync("mkfifo", [fifo()]);
    await start(2);
    await engine?.stop();
    expect(statSync(fifo(), { throwIfNoEntry: false })).toBeUndefined();
    writeFileSync(fifo(), "precious");
    await expect(start(2)).rejects.toThrow(/cannot make the FIFO/);
  });
});

describe("the datagram socket", () => {
  it("is a stream where it is a path", async () => {
    await start(4);
    const path = join(folder, "kamailio_rpc.sock");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const socket = connect(path);
    open.push(socket);
    socket.write(`${echo("one")}[1\n`);
    let text = "";
    socket.on("data", (bytes: Buffer) => (text += bytes.toString()));
    await vi.waitFor(() => expect(text.split("\n")).toHaveLength(3));
    const [first = "", second = ""] = text.split("\n");
    expect(JSON.parse(first)).toEqual(echoed("one"));
    expect(JSON.parse(second)).toMatchObject({ error: { code: -32700 } });
  });

  it("closes a stream whose document is too large", async () => {
    await start(4, `modparam("jsonrpcs", "max_request_size", 64)`);
    const socket = connect(join(folder, "kamailio_rpc.sock"));
    open.push(socket);
    socket.write(`{"x": "${"y".repeat(100)}`);
    socket.resume();
    await once(socket, "close");
    expect(socket.destroyed).toBe(true);
  });

  it("sends a list of any length bit by bit, and takes no harm from a client that leaves", async () => {
    const net = await start(4, `loadmodule "usrloc"\nmodparam("usrloc", "preload", "location")`);
    const users = 3000;
    for (let i = 0; i < users; i++) {
      await net.rpc("ul.add", "location", `u${i}`, `sip:u${i}@10.0.0.1`, 60, "1", ".", 0, 0, -1);
    }
    const dump = '{"jsonrpc": "2.0", "method": "ul.dump", "id": 1}';
    const leaving = connect(join(folder, "kamailio_rpc.sock"));
    leaving.write(dump);
    await once(leaving, "data");
    leaving.destroy();
    const socket = connect(join(folder, "kamailio_rpc.sock"));
    open.push(socket);
    // Nothing more will be asked; that is no reason to be answered less.
    socket.end(`${dump}${echo("after it")}`);
    const [first = "", second = ""] = (await text(socket)).split("\n");
    const table = JSON.parse(first).result.Domains[0].Domain;
    expect(table.AoRs).toHaveLength(users);
    expect(table.Stats.Records).toBe(users);
    expect(JSON.parse(second)).toEqual(echoed("after it"));
    expect(net.log.lines.filter(({ text }) => text.includes("breaks off"))).toEqual([]);
  });

  it("over UDP answers requests, and nothing else", async () => {
    const probe = createSocket("udp4");
    probe.bind(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    await once(probe, "close");
    await start(4, `modparam("jsonrpcs", "dgram_socket", "udp:127.0.0.1:${port}")`);
    const client = createSocket("udp4");
    client.send('{"error": {"code": 1}, "id": 1}', port, "127.0.0.1");
    client.send(echo("over UDP"), port, "127.0.0.1");
    const [bytes] = (await once(client, "message")) as [Buffer];
    client.close();
    expect(JSON.parse(bytes.toString())).toEqual(echoed("over UDP"));
  });
});

describe("configurations", () => {
  it.each([
    [`modparam("jsonrpcs", "dgram_socket", "udp:1.2.3.4")`, /udp:ADDRESS:PORT/],
    [`modparam("jsonrpcs", "fifo_user", "nobody-of-this-name")`, /nobody-of-this-name/],
  ])("%s is refused", async (params, says) => {
    await expect(start(6, params)).rejects.toThrow(says);
  });

  it("HTTP is warned about", async () => {
    const { engine: started } = await start(1);
    expect(started.diagnostics.map((one) => one.message).join()).toMatch(/xhttp/);
  });
});
