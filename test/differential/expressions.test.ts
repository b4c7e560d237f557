/** Runs one config with hundreds of expressions on olelo and on Kamailio and compares every value for every packet. */
import { expect, it } from "vitest";
import { Peer } from "../interop/support/peer.ts";
import { freePort, type Server, startKamailio, startOlelo } from "../interop/support/servers.ts";
import { cases, expressionConfig, readValues } from "./expression-config.ts";
import { packets } from "./packets.ts";

/** Values for each packet, by case. */
type Results = Record<string, Map<number, string>>;

async function run(
  start: (config: string, options: { port: number }) => Promise<Server>,
  port: number,
  peerPort: number,
): Promise<Results> {
  const server = await start(expressionConfig(), { port });
  const peer = await Peer.open("peer", peerPort);
  const results: Results = {};
  try {
    for (const [name, write] of Object.entries(packets)) {
      const before = server.log().length;
      peer.send(write({ port: peer.port, serverPort: port }), port);
      await peer.take("200");
      await server.logged(
        new RegExp(
          `(?:@@${String(cases.length - 1)} [\\s\\S]*?){${String(Object.keys(results).length + 1)}}`,
        ),
      );
      results[name] = readValues(server.log().slice(before));
    }
  } finally {
    peer.close();
    await server.stop();
  }
  return results;
}

it("means the same as Kamailio for every expression", async () => {
  expect(cases.length).toBeGreaterThanOrEqual(150);
  process.env["OLELO_TEST"] = "environment";
  const port = await freePort();
  const peerPort = await freePort();
  const wanted = await run(startKamailio, port, peerPort);
  const got = await run(startOlelo, port, peerPort);
  const differences: string[] = [];
  for (const name of Object.keys(packets))
    for (const [id, one] of cases.entries()) {
      const expected = wanted[name]?.get(id);
      const actual = got[name]?.get(id);
      expect(expected, `Kamailio's value of ${one.name}`).toBeDefined();
      if (expected !== actual)
        differences.push(
          `${name}: ${one.name}: Kamailio [${String(expected)}], olelo [${String(actual)}]`,
        );
    }
  expect(differences).toEqual([]);
});
