/** The command as a whole, as far as it opens no socket. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "../../src/cli/main.ts";

let folder: string;
const before = process.exitCode;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "olelo-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = before;
});

/** Runs the command; what it wrote and its exit code. */
async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0);
  process.exitCode = 0;
  await main(argv);
  const code = process.exitCode;
  vi.restoreAllMocks();
  return { out: out.join(""), err: err.join(""), code };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("olelo -c", () => {
  it("is content with a configuration that can run", async () => {
    const { err, code } = await run("-c", "-f", file("good.cfg", "request_route { exit; }\n"));
    expect(code).toBe(0);
    expect(err).toContain("config file ok");
  });

  it("shows errors with their line and fails", async () => {
    const path = file("bad.cfg", "request_route {\n  no_such_thing();\n}\n");
    const { err, code } = await run("-c", "-f", path);
    expect(code).toBe(1);
    expect(err).toContain("bad.cfg:2:3");
    expect(err).toContain("   |   ^^^^^^^^^^^^^");
    expect(err).toContain("1 error");
  });

  it("fails for warnings only when it is strict", async () => {
    const path = file("warn.cfg", "request_route {\n  exit;\n  forward();\n}\n");
    expect((await run("-c", "-f", path)).code).toBe(0);
    expect((await run("-c", "--strict", "-f", path)).code).toBe(1);
  });

  it("fails for a file that is not there", async () => {
    expect((await run("-c", "-f", join(folder, "none.cfg"))).code).toBe(1);
  });

  it("gives findings as JSON", async () => {
    const path = file("json.cfg", "request_route { no_such_thing(); }\n");
    const { out, code } = await run("-c", "--json", "-f", path);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ code: "E301", severity: "error", line: 1 }]);
  });

  it("knows modules and parameters from the command line", async () => {
    const path = file("more.cfg", "request_route { exit; }\n");
    const { err, code } = await run("-c", "-f", path, "--loadmodule=nothing.so");
    expect(code).toBe(1);
    expect(err).toContain("<command line>:1");
  });
});

describe("olelo check", () => {
  it("checks several files", async () => {
    const good = file("a.cfg", "request_route { exit; }\n");
    const bad = file("b.cfg", "request_route { nothing(); }\n");
    const { err, code } = await run("check", good, bad);
    expect(code).toBe(1);
    expect(err).toContain("a.cfg: nothing found");
    expect(err).toContain("b.cfg: 1 error");
  });
});

describe("olelo --cfg-print", () => {
  it("puts includes in and leaves out what conditions leave out", async () => {
    file("part.cfg", "debug=2\n");
    const path = file(
      "whole.cfg",
      '#!ifdef NOT_SET\nchildren=9\n#!else\ninclude_file "part.cfg"\n#!endif\nrequest_route { exit; }\n',
    );
    const { out, code } = await run("--cfg-print", "-f", path);
    expect(code).toBe(0);
    expect(out).not.toContain("children");
    expect(out).not.toContain("ifdef");
    expect(out).toContain("debug=2");
    expect(out).toContain("request_route { exit; }");
  });
});

describe("olelo -v and mistakes", () => {
  it("says its version", async () => {
    expect((await run("-v")).out).toMatch(/^version: olelo \d/);
    expect((await run("-I")).out).toContain("language: kamailio 5.6.3");
  });

  it("refuses options that do not exist, and values that make no sense", async () => {
    const unknown = await run("--nothing");
    expect(unknown.code).toBe(255);
    expect(unknown.err).toContain("olelo --help");
    expect((await run("-c", "-a", "perhaps")).code).toBe(255);
  });
});
