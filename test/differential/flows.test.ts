/** Plays each call flow on Kamailio and on olelo and compares, byte for byte, what every user agent received. */
import { expect, it } from "vitest";
import { freePort, startKamailio, startOlelo } from "../interop/support/servers.ts";
import { playFlow } from "./flow.ts";
import { editFlows } from "./flows/edits.ts";
import { forkFlows } from "./flows/forks.ts";
import { registrarFlows } from "./flows/registrar.ts";
import { relayFlows } from "./flows/relay.ts";
import { routingFlows } from "./flows/routing.ts";

const flows = [...relayFlows, ...forkFlows, ...routingFlows, ...registrarFlows, ...editFlows];

it("covers at least 15 flows", () => expect(flows.length).toBeGreaterThanOrEqual(15));

it.each(flows.map((flow) => [flow.name, flow] as const))("%s", async (_, flow) => {
  const server = await freePort();
  const agents = await Promise.all(flow.agents.map(() => freePort()));
  const wanted = await playFlow(flow, startKamailio, { server, agents });
  const got = await playFlow(flow, startOlelo, { server, agents });
  expect(got).toEqual(wanted);
});
