/** The folder of control sockets: made private, never somebody else's. */
import {
  accessSync,
  constants,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { defaultRunDirectory, makeFolderOf } from "../../src/runtime/run-directory.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "run-"));
  made.push(path);
  return path;
}

describe("the folder of a socket", () => {
  it("is made with all above it, for the owner only", () => {
    const path = join(folder(), "a/b/socket");
    makeFolderOf(path);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    makeFolderOf(path);
  });

  it("is refused where something else stands in its way", () => {
    const base = folder();
    symlinkSync(join(base, "nowhere"), join(base, "run"));
    expect(() => makeFolderOf(join(base, "run/socket"))).toThrow(/EEXIST|ENOENT|ENOTDIR/);
  });
});

it("the default can be written to, or made", () => {
  const path = defaultRunDirectory();
  expect(path).toMatch(/^\/var\/run\/kamailio$|\/olelo-\d+$/);
  const nearest = existsSync(path) ? path : dirname(path);
  expect(() => accessSync(nearest, constants.W_OK)).not.toThrow();
});
