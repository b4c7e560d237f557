/** The ctl module in an engine: real sockets in a folder of the test's own. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TestEngine, testEngine } from "../../support/engine.ts";
import { exchange, frame, type Packet, readPacket, requestBytes } from "./client.ts";

let folder = "";
let engine: TestEngine | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-ctl-"));
});

afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  rmSync(folder, { recursive: true });
});

const path = (): string => join(folder, "kamailio_ctl");

async function start(params = ""): Promise<TestEngine> {
  const config = `loadmodule "ctl"\n${params}\nrequest_route { drop; }`;
  engine = await testEngine(config, { runDirectory: folder });
  return engine;
}

async function call(...values: (string | number)[]): Promise<Packet | undefined> {
  return (await exchange(path(), [requestBytes(values)])).packets[0];
}

describe("a Unix socket", () => {
  it("is in the run directory, for its owner only", async () => {
    await start();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(await call("core.echo", "a", 5)).toMatchObject({
      kind: 1,
      cookie: "12345678",
      values: ["a", 5],
    });
  });

  it("belongs to whom it is said, by number", async () => {
    const { uid, gid } = statSync(folder);
    await start(`modparam("ctl", "user", ${uid})\nmodparam("ctl", "group", "${gid}")`);
    expect(statSync(path())).toMatchObject({ uid, gid });
  });

  it("has the permissions that are asked for", async () => {
    await start(`modparam("ctl", "mode", 0660)`);
    expect(statSync(path()).mode & 0o777).toBe(0o660);
  });

  it("answers errors as faults", async () => {
    await start();
    expect(await call("nope")).toMatchObject({
      kind: 3,
      values: [500, "command nope not found"],
    });
  });

  it("answers requests in pieces, several at once, in order, on one connection", async () => {
    await start();
    const both = Buffer.concat([
      requestBytes(["core.echo", "first"], "01"),
      requestBytes(["core.echo", "second"], "0203"),
    ]);
    const pieces = [both.subarray(0, 1), both.subarray(1, 12), both.subarray(12)];
    const { packets } = await exchange(path(), pieces, 2);
    expect(packets.map((one) => [one.cookie, one.values])).toEqual([
      ["01", ["first"]],
      ["0203", ["second"]],
    ]);
  });

  it("tells what is wrong with bytes that are no request, and closes", async () => {
    await start();
    const { packets, isClosed } = await exchange(path(), [Buffer.from("GET / HTTP/1.0")], 9);
    expect(packets).toMatchObject([{ kind: 3, values: [400, "bad request: corrupted packet"] }]);
    expect(isClosed).toBe(true);
  });

  it("answers what came before a broken request", async () => {
    await start();
    const bytes = Buffer.concat([requestBytes(["core.echo", "good"]), frame(0, Buffer.alloc(0))]);
    const { packets, isClosed } = await exchange(path(), [bytes], 9);
    expect(packets.map((one) => one.kind)).toEqual([1, 3]);
    expect(isClosed).toBe(true);
  });

  it("refuses requests that are too large before they have come", async () => {
    await start(`modparam("ctl", "max_request_size", 100)`);
    const large = requestBytes(["core.echo", "x".repeat(200)]).subarray(0, 20);
    const { packets } = await exchange(path(), [large], 9);
    expect(packets).toMatchObject([{ kind: 3, values: [400, "bad request: too large"] }]);
  });

  it("closes connections beyond max_connections", async () => {
    await start(`modparam("ctl", "max_connections", 1)`);
    const held = connect(path());
    await once(held, "connect");
    held.write(requestBytes(["core.echo", "x"]));
    await once(held, "data");
    const { packets, isClosed } = await exchange(path(), [requestBytes(["core.echo"])]);
    expect({ packets, isClosed }).toEqual({ packets: [], isClosed: true });
    held.destroy();
  });

  it("replaces a socket that was left behind, but no other file", async () => {
    await start();
    await engine?.stop();
    await start();
    expect(await call("core.echo", "x")).toMatchObject({ values: ["x"] });
    await engine?.stop();
    engine = undefined;
    writeFileSync(path(), "precious");
    await expect(start()).rejects.toThrow(/EADDRINUSE|in use/);
  });

  it("is gone after the stop", async () => {
    await start();
    await engine?.stop();
    expect(statSync(path(), { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe("commands of the module", () => {
  it("list the sockets", async () => {
    await start();
    expect(await call("ctl.listen")).toMatchObject({
      values: ["binrpc", "unix_stream", path(), ""],
    });
  });

  it("list the connections", async () => {
    await start();
    expect(await call("ctl.connections")).toMatchObject({ values: [1] });
    expect(await call("ctl.who")).toMatchObject({
      values: ["binrpc", "unix_stream", "<anonymous unix socket>", "", path(), ""],
    });
  });

  it("say so when there is no connection", async () => {
    await start();
    await expect(engine?.rpc("ctl.who")).rejects.toThrow("no open stream connection");
    expect(await engine?.rpc("ctl.connections")).toEqual([0]);
  });
});

describe("UDP", () => {
  it("answers datagrams, and nothing to what is no request", async () => {
    const probe = createSocket("udp4");
    probe.bind(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    await once(probe, "close");
    await start(`modparam("ctl", "binrpc", "udp:127.0.0.1:${port}")`);
    const client = createSocket("udp4");
    client.send(frame(3, Buffer.from([0x10, 5])), port, "127.0.0.1");
    client.send(requestBytes(["core.echo", "over UDP"]), port, "127.0.0.1");
    const [bytes] = (await once(client, "message")) as [Buffer];
    client.close();
    expect(readPacket(bytes)).toMatchObject({ kind: 1, values: ["over UDP"] });
  });
});

describe("configurations", () => {
  it.each([
    [`modparam("ctl", "binrpc", "unixd:/tmp/x")`, /use unixs:PATH/],
    [`modparam("ctl", "user", "nobody-of-this-name")`, /no user "nobody-of-this-name"/],
    [`modparam("ctl", "group", "no-group-of-this-name")`, /no group/],
  ])("%s is refused", async (params, says) => {
    await expect(start(params)).rejects.toThrow(says);
  });
});
