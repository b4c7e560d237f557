/** loose_route() follows route sets as Kamailio 5.6.3 was recorded to. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestEngine } from "../../support/engine.ts";
import { comparable, readRecording, startRecorded } from "../recorded.ts";

interface RecordedRoutes {
  readonly config: string;
  readonly cases: readonly {
    readonly name: string;
    readonly packet: string;
    readonly sent: readonly string[];
    readonly log: readonly string[];
  }[];
}

describe.each(readRecording<RecordedRoutes>("./rr/recorded-routes.json"))(
  "route sets",
  ({ config, cases }) => {
    let net: TestEngine;
    beforeAll(async () => {
      net = await startRecorded(`${config}\n`);
    });
    afterAll(() => net.stop());

    it.each(cases)("$name", async ({ packet, sent, log }) => {
      const before = net.script.length;
      const got = await net.send(packet);
      expect(got.map((one) => comparable(one.text))).toEqual(sent);
      expect(net.script.slice(before)).toEqual(log);
    });
  },
);
