/** Assignments to variables, and lists of attributes, leave what Kamailio 5.6.3 was recorded to leave. */
import { describe, expect, it } from "vitest";
import { readRecording, startRecorded } from "../recorded.ts";

interface RecordedScript {
  readonly config: string;
  readonly packet: string;
  /** Lines of xlog(). */
  readonly log: readonly string[];
  /** Ours, by number of the line, where they differ on purpose. */
  readonly departs: Readonly<Record<string, string>>;
}

describe("scripts as recorded", () => {
  const recordings = readRecording<RecordedScript>("./pv/recorded-scripts.json");
  it.each(recordings.map((recording, i) => [i, recording] as const))(
    "script %i",
    async (_i, { config, packet, log, departs }) => {
      const net = await startRecorded(`${config}\n`);
      await net.send(packet);
      const got = net.script.map((line) => line.trim());
      await net.stop();
      expect(got).toEqual(log.map((line, i) => departs[i] ?? line));
    },
  );
});
