/** Phones that come back with the Contact line that they sent before: what was kept of it saves work and changes nothing. */
import { describe, expect, it } from "vitest";
import { Random } from "../../support/random.ts";
import { Registrar, type RegisterFields } from "./harness.ts";

const lines = [
  "<sip:a@1.1.1.1>",
  "<sip:a@1.1.1.1>;expires=600",
  '"A" <sip:a@1.1.1.1:5070>;q=0.5;+sip.instance="<urn:uuid:1>";audio',
  '<sip:a@2.2.2.2:5070>;+sip.instance="<urn:uuid:1>";reg-id=1',
  '<sip:b@1.1.1.1>;methods="INVITE, BYE";received="sip:9.9.9.9:1"',
  "<sip:a@1.1.1.1>;expires=0",
  "<sip:c@1.1.1.1>;q=9",
  "<sip:a@1.1.1.1>, <sip:d@1.1.1.1>",
  "<sip:abc",
] as const;

const extras = [
  "",
  "",
  "Supported: gruu\r\n",
  "Allow: INVITE\r\n",
  "Allow: INVITE, MESSAGE\r\n",
  "X-Rcv: sip:8.8.8.8:1\r\n",
  "X-Q: 300\r\n",
  "X-Exp: 900\r\n",
  "X-Flags: 4\r\n",
  "Path: <sip:p.example.test;lr>\r\nSupported: path\r\n",
] as const;

interface Step {
  readonly line: string;
  readonly fields: RegisterFields;
  readonly waitMs: number;
}

/** Mostly what the phone sent before, now and then something else. */
function steps(seed: number, count: number): Step[] {
  const random = new Random(seed);
  let line: string = lines[0];
  let extra: string = "";
  const list: Step[] = [];
  for (let cseq = 1; cseq <= count; cseq++) {
    if (random.once(4)) line = random.pick(lines);
    if (random.once(4)) extra = random.pick(extras);
    const fields: RegisterFields = {
      aor: random.once(5) ? "sip:bob@example.test" : "sip:alice@example.test",
      callId: random.once(5) ? "c2" : "c1",
      cseq,
      extra,
      ...(random.once(3) ? { expires: random.pick([60, 1200]) } : {}),
    };
    list.push({ line, fields, waitMs: random.once(6) ? 100_000 : 10 });
  }
  return list;
}

async function play(list: readonly Step[], contactCache: number): Promise<string[]> {
  const registrar = await Registrar.start({ "usrloc.contact_cache": contactCache });
  const seen: string[] = [];
  for (const { line, fields, waitMs } of list) {
    const reply = await registrar.register(line, fields);
    seen.push(`${fields.cseq} ${line}\n${reply?.text ?? "no reply"}`);
    await registrar.net.advance(waitMs);
    seen.push(
      JSON.stringify(await registrar.net.rpc("ul.lookup", "location", "alice").catch(String)),
    );
  }
  await registrar.stop();
  return seen;
}

describe("a line that comes again", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "is answered and stored as it would be if it were read each time (seed %i)",
    async (seed) => {
      const list = steps(seed, 250);
      const kept = await play(list, 1000);
      expect(kept).toEqual(await play(list, 0));
      const accepted = kept.filter((text) => text.includes("SIP/2.0 200")).length;
      expect(accepted).toBeGreaterThan(100);
    },
  );
});
