/** What happens while an engine starts. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/modules/create-engine.ts";
import { VirtualClock } from "../../src/runtime/clock.ts";
import { MemoryNetwork } from "../../src/runtime/memory-network.ts";
import { declareModule, implementModule } from "../../src/runtime/module.ts";
import { sip } from "../support/engine.ts";

const options = (callId: string) => sip`
  OPTIONS sip:bob@10.0.0.100 SIP/2.0
  Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK${callId}
  From: <sip:a@x.com>;tag=1
  To: <sip:b@x.com>
  Call-ID: ${callId}
  CSeq: 1 OPTIONS
  Content-Length: 0
`;

const spec = declareModule()({
  name: "slow",
  doc: "Takes its time to start.",
  functions: { seen: { doc: "Notes a message.", routes: ["any"], args: [] } },
});

describe("packets that come while modules start", () => {
  it("are handled when all have started, in order, and none of too many", async () => {
    const clock = new VirtualClock();
    const network = new MemoryNetwork(clock);
    const notes: string[] = [];
    const send = (callId: string): void =>
      network.send({
        text: options(callId),
        fromAddress: "10.0.0.1",
        fromPort: 5060,
        toAddress: "10.0.0.100",
        toPort: 5060,
      });
    const slow = implementModule(spec, () => ({
      functions: {
        seen: (context) => {
          notes.push(context.msg.callId);
          return 1;
        },
      },
      start: async () => {
        for (let i = 0; i < 10_002; i++) send(`c${i}`);
        await clock.settle();
        await clock.settle();
        notes.push("started");
      },
    }));
    const engine = await createEngine({
      configText: 'loadmodule "slow.so"\nrequest_route { seen(); exit; }\n',
      listen: ["udp:10.0.0.100:5060"],
      transport: network.transport(),
      clock,
      modules: [slow],
    });
    await engine.start();
    expect(notes.slice(0, 3)).toEqual(["started", "c0", "c1"]);
    expect(notes.length).toBe(1 + 10_000);
    send("after");
    await clock.settle();
    expect(notes.at(-1)).toBe("after");
    await engine.stop();
  });
});
