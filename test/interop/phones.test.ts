/** Real user agents against the example config: sipsak registers and pings, SIPp is called. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { control, run } from "./support/commands.ts";
import { freePort, freeShortPort, type Server, startOlelo } from "./support/servers.ts";

const root = resolve(import.meta.dirname, "../..");
let server: Server;

beforeAll(async () => {
  const config = readFileSync(join(root, "examples/kamailio.cfg"), "utf8")
    .replace("listen=udp:0.0.0.0:5060", "listen=udp:127.0.0.1:PORT")
    .replaceAll("127.0.0.1:5060", "127.0.0.1:PORT");
  server = await startOlelo(config, { port: await freeShortPort() });
});
afterAll(async () => {
  await server.stop();
});

it("sipsak pings it", async () => {
  const ping = await run("sipsak", ["-vv", "-s", `sip:127.0.0.1:${String(server.port)}`]);
  expect(ping.status, ping.output).toBe(0);
  expect(ping.output).toContain("200 Alive");
});

it("sipsak registers", async () => {
  const registers = await run("sipsak", [
    "-U",
    "-s",
    `sip:alice@127.0.0.1:${String(server.port)}`,
    "-C",
    "sip:alice@127.0.0.1:5099",
    "-x",
    "60",
    "-vv",
  ]);
  expect(registers.output).toContain("completed successful");
  expect(await control(server, "ul.dump")).toContain("AoR: alice");
});

it("a registered SIPp phone is called by another one", async () => {
  const phone = await freePort();
  const registers = await run("sipsak", [
    "-U",
    "-s",
    `sip:bob@127.0.0.1:${String(server.port)}`,
    "-C",
    `sip:bob@127.0.0.1:${String(phone)}`,
    "-x",
    "60",
    "-vv",
  ]);
  expect(registers.output).toContain("completed successful");
  const callee = join(import.meta.dirname, "support/callee.xml");
  const at = ["-i", "127.0.0.1", "-p", String(phone)];
  const called = run("sipp", ["-sf", callee, ...at, "-m", "1", "-nostdin", "-timeout", "20s"]);
  const target = `127.0.0.1:${String(server.port)}`;
  const own = ["-i", "127.0.0.1", "-p", String(await freePort())];
  const scenario = join(import.meta.dirname, "support/caller.xml");
  const caller = await run("sipp", [
    "-sf",
    scenario,
    "-s",
    "bob",
    ...own,
    "-m",
    "1",
    "-nostdin",
    "-timeout",
    "20s",
    target,
  ]);
  expect(caller.status, caller.output).toBe(0);
  expect((await called).status).toBe(0);
});
