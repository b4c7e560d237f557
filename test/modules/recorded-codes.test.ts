/** Functions hand back the codes that Kamailio 5.6.3 was recorded to hand back. */
import { describe, expect, it } from "vitest";
import { readRecording, startRecorded } from "./recorded.ts";

interface RecordedCodes {
  readonly globals: string;
  readonly script: string;
  readonly packet: string;
  /** Call, Kamailio's code, and ours where it differs on purpose. They run in this order. */
  readonly calls: readonly (readonly [string, number, number?])[];
}

describe("codes as recorded", () => {
  const recordings = readRecording<RecordedCodes>("./recorded-codes.json");
  it.each(recordings.map((recording, i) => [i, recording] as const))(
    "set %i",
    async (_i, { globals, script, packet, calls }) => {
      const lines = calls.map(([call], i) => `${call}; xlog("L_ALERT", "${i}=$rc\\n");`);
      const net = await startRecorded(
        `${globals}\nrequest_route {\n${script}\n${lines.join("\n")}\nexit;\n}\n`,
      );
      await net.send(packet);
      const got = net.script.map((line) => {
        const [i, code] = line.split("=");
        return [calls[Number(i)]?.[0], Number(code)];
      });
      await net.stop();
      expect(got).toEqual(calls.map(([call, kamailio, ours]) => [call, ours ?? kamailio]));
    },
  );
});
