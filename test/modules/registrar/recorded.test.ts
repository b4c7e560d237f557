/** Sequences of REGISTER requests as Kamailio 5.6.3 answered them: status, code of save, and headers must be equal. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Registrar } from "./harness.ts";

interface Step {
  readonly contact: string | null;
  readonly aor: string;
  readonly callId: string;
  readonly cseq: number;
  readonly expires: number | null;
  readonly extra: string;
  readonly status: number;
  readonly code: number;
  readonly headers: readonly string[];
}

interface Session {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly steps: readonly Step[];
}

const sessions = JSON.parse(
  readFileSync(new URL("recorded.json", import.meta.url), "utf8"),
) as Session[];

/** Lifetimes that the sequences ask for: the recording took some seconds, so those shown there may be less. */
const lifetimes = [60, 77, 90, 100, 200, 300, 600, 700, 1000, 3000, 3600];

/** Headers that are the same whatever the engine: times rounded up, own ids and words left out. */
function comparable(lines: readonly string[]): string[] {
  return lines
    .filter(
      (line) =>
        line !== "" &&
        !/^(Via|From|To|Call-ID|CSeq|Server|Content-Length|P-Registrar-Error):/.test(line),
    )
    .map((line) =>
      line
        .replace(/expires=(\d+)/g, (_all, seconds: string) => {
          return `expires=${lifetimes.find((lifetime) => lifetime >= Number(seconds))}`;
        })
        .replace(/temp-gruu="sip:uloc-[^"@]+@/g, 'temp-gruu="sip:@'),
    );
}

describe("REGISTER as Kamailio answers it", () => {
  it.each(
    sessions.map((session, index) => [index, JSON.stringify(session.settings), session] as const),
  )("sequence %i with %s", async (_index, _name, session) => {
    const registrar = await Registrar.start(session.settings);
    for (const [index, step] of session.steps.entries()) {
      const { aor, callId, cseq, extra } = step;
      const expires = step.expires === null ? {} : { expires: step.expires };
      const reply = await registrar.register(step.contact, {
        aor,
        callId,
        cseq,
        extra,
        ...expires,
      });
      const lines = (reply?.text ?? "").split("\r\n").slice(1);
      expect({
        index,
        status: Number(reply?.line.split(" ")[1]),
        code: registrar.code,
        headers: comparable(lines),
      }).toEqual({
        index,
        status: step.status,
        code: step.code,
        headers: comparable(step.headers),
      });
    }
    await registrar.stop();
  });
});
