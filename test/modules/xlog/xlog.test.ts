/** Lines of the script in the log. */
import { describe, expect, it } from "vitest";
import { levelOf } from "../../../src/modules/xlog/index.ts";
import { testEngine } from "../../support/engine.ts";
import { request } from "../requests.ts";

async function run(statements: string, globals = "", method = "OPTIONS") {
  const net = await testEngine(
    `debug=3\nloadmodule "pv"\nloadmodule "xlog"\n${globals}request_route {\n${statements}\n}\n`,
  );
  await net.send(request({ method }));
  await net.stop();
  const lines = net.log.lines.filter((line) => line.origin === "script");
  return lines.map((line) => [line.level, line.text] as const);
}

describe("levels", () => {
  it.each([
    ["L_ALERT", -5],
    ["L_BUG", -4],
    ["L_CRIT", -2],
    ["L_ERR", -1],
    ["L_ERROR", -1],
    ["L_WARN", 0],
    ["L_NOTICE", 1],
    ["L_INFO", 2],
    ["L_DBG", 3],
    ["2", 2],
    ["99", 3],
    ["", undefined],
  ])("%s", (name, level) => {
    expect(levelOf(name)).toBe(level);
  });

  it("are those of the functions", async () => {
    const lines = await run(
      'xlog("a"); xdbg("b"); xinfo("c"); xnotice("d"); xwarn("e"); xerr("f"); xbug("g"); xcrit("h"); xalert("i");',
    );
    expect(lines.map(([level, text]) => `${level}${text}`)).toEqual([
      "-1a",
      "3b",
      "2c",
      "1d",
      "0e",
      "-1f",
      "-4g",
      "-2h",
      "-5i",
    ]);
  });

  it("can come from a variable", async () => {
    expect(await run('$var(l) = 2; xlog("$var(l)", "x");')).toEqual([[2, "x"]]);
  });

  it("keep a line that is not written from being worked out", async () => {
    // The variable in the text would be created by being read.
    const lines = await run('xlog("L_DBG", "$rm"); xlog("L_ERR", "$rm");', "debug=0\n");
    expect(lines).toEqual([[-1, "OPTIONS"]]);
  });
});

describe("lines", () => {
  it("show $null within a text", async () => {
    expect(await run('xlog("[$avp(x)] [$(avp(x){s.len})]\\n");')).toEqual([[-1, "[<null>] []"]]);
  });
  it("take a facility, which has no meaning", async () => {
    expect(await run('xlog("LOG_LOCAL3", "L_WARN", "x");')).toEqual([[0, "x"]]);
  });
  it("are cut at buf_size", async () => {
    expect(await run('xlog("abcdef");', 'modparam("xlog", "buf_size", 3)\n')).toEqual([
      [-1, "abc"],
    ]);
  });
  it("name the place of the call", async () => {
    expect(await run('\nxlogl("x");\nxdbgl("y");')).toEqual([
      [-1, "6:x"],
      [3, "7:y"],
    ]);
  });
  it("name the file as well in the long form", async () => {
    const lines = await run('xlogl("x");', 'modparam("xlog", "long_format", 1)\n');
    expect(lines[0]?.[1]).toMatch(/test\.cfg:\d+:x$/);
  });
});

describe("xlogm", () => {
  it("is silent about all methods unless told otherwise", async () => {
    expect(await run('xlogm("L_ERR", "x");')).toEqual([]);
  });
  it("is silent about those in the filter", async () => {
    const filter = 'modparam("xlog", "methods_filter", 512)\n';
    expect(await run('xlogm("L_ERR", "x");', filter)).toEqual([]);
    expect(await run('xlogm("L_ERR", "x");', filter, "INFO")).toEqual([[-1, "x"]]);
  });
});
