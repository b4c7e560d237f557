/** Variables and transformations have the values that Kamailio 5.6.3 was recorded to have. */
import { describe, expect, it } from "vitest";
import { evaluate, readRecording, type RecordedValues } from "../recorded.ts";

const recordings = [
  ...readRecording<RecordedValues>("./pv/recorded-variables.json"),
  ...readRecording<RecordedValues>("./pv/recorded-transformations.json"),
];

describe("values as recorded", () => {
  it.each(recordings.map((recording, i) => [i, recording] as const))(
    "set %i",
    async (_i, recording) => {
      const expressions = Object.keys(recording.same);
      const texts = await evaluate(recording, expressions);
      const got = Object.fromEntries(expressions.map((text, i) => [text, texts[i]]));
      expect(got).toEqual(recording.same);
    },
  );

  it.each(recordings.map((recording, i) => [i, recording] as const))(
    "known differences of set %i",
    async (_i, recording) => {
      const expressions = Object.keys(recording.departs);
      const texts = await evaluate(recording, expressions);
      const got = Object.fromEntries(expressions.map((text, i) => [text, texts[i]]));
      const wanted = Object.entries(recording.departs).map(([text, { olelo }]) => [text, olelo]);
      expect(got).toEqual(Object.fromEntries(wanted));
    },
  );
});
