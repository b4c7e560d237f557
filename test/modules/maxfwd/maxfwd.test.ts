/** The limit on hops. */
import { describe, expect, it } from "vitest";
import { testEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

const modules = 'loadmodule "pv"\nloadmodule "xlog"\nloadmodule "maxfwd"\n';

async function run(statements: string, headers: string, globals = "") {
  const net = await testEngine(
    `${modules}${globals}request_route { ${statements} $du = "sip:10.0.0.9"; forward(); }\n`,
  );
  const sent = await net.send(request({ headers }));
  await net.stop();
  return { codes: net.script, header: sent[0]?.headers("Max-Forwards") };
}

const process = (value: number): string =>
  `mf_process_maxfwd_header("${value}"); xlog("L_ALERT", "$rc");`;

describe("mf_process_maxfwd_header", () => {
  it("counts down", async () => {
    expect(await run(process(10), "Max-Forwards: 70\r\n")).toEqual({
      codes: ["1"],
      header: ["69"],
    });
  });
  it("counts down once per call", async () => {
    const twice = process(10) + process(10);
    expect(await run(twice, "Max-Forwards: 7\r\n")).toEqual({ codes: ["1", "1"], header: ["5"] });
  });
  it("adds a header in front of all others", async () => {
    expect(await run(process(10), "")).toEqual({ codes: ["2"], header: ["10"] });
  });
  it("refuses 0", async () => {
    const header = "Max-Forwards: 0\r\n";
    expect(await run(process(10), header)).toEqual({ codes: ["-1"], header: ["0"] });
  });
  it("refuses what is no number", async () => {
    const { codes } = await run(process(10), "Max-Forwards: many\r\n");
    expect(codes).toEqual(["-2"]);
  });
  it("lowers what is above the limit", async () => {
    const limit = 'modparam("maxfwd", "max_limit", 20)\n';
    expect(await run(process(10), "Max-Forwards: 70\r\n", limit)).toEqual({
      codes: ["1"],
      header: ["20"],
    });
  });
});

describe("is_maxfwd_lt", () => {
  const test = (value: number): string => `is_maxfwd_lt("${value}"); xlog("L_ALERT", "$rc");`;
  it("looks at the value that will be sent", async () => {
    const { codes } = await run(process(10) + test(70) + test(69), "Max-Forwards: 70\r\n");
    expect(codes).toEqual(["1", "1", "-1"]);
  });
  it("looks at a header that was added", async () => {
    expect((await run(process(10) + test(11) + test(10), "")).codes).toEqual(["2", "1", "-1"]);
  });
  it("tells a missing header from a bad one", async () => {
    expect((await run(test(5), "")).codes).toEqual(["-2"]);
    expect((await run(test(5), "Max-Forwards: x\r\n")).codes).toEqual(["-3"]);
  });
});
