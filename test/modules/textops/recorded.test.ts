/** The module textops sends what Kamailio 5.6.3 was recorded to send. */
import { beforeAll, describe, expect, it } from "vitest";
import { readRecording, runScripts, type RecordedMessage } from "../recorded.ts";

const recordings = readRecording<RecordedMessage>("./textops/recorded.json");

describe("textops as recorded", () => {
  let results: Awaited<ReturnType<typeof runScripts>>;
  beforeAll(async () => {
    results = await runScripts(recordings);
  });

  it.each(recordings.map((recording, i) => [recording.script, i] as const))("%s", (_script, i) => {
    const recording = recordings[i] as RecordedMessage;
    const result = results[i];
    expect(result?.sent).toEqual(recording.departs ?? recording.sent);
    expect(result?.log).toEqual(recording.log);
  });
});
