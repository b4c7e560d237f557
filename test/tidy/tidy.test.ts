/** Holds the rules of the tree that no linter knows: layers, file heads, clocks, state, what may stand in texts. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.includes("node_modules"))
    .sort();
}

const sources = filesBelow("src", /\.ts$/);
const tests = filesBelow("test", /\.ts$/);
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** Which layers each layer may import. */
const mayImport: Record<string, readonly string[]> = {
  dsl: ["dsl"],
  sip: ["sip"],
  runtime: ["runtime", "dsl", "sip"],
  modules: ["modules", "runtime", "dsl", "sip"],
  cli: ["cli", "modules", "runtime", "dsl", "sip"],
};

function importsOf(path: string): string[] {
  const found = [...text(path).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)];
  return found.map((match) =>
    relative(root, resolve(root, path, "..", match[1] ?? ""))
      .split(sep)
      .join("/"),
  );
}

describe("layers", () => {
  it.each(sources.filter((path) => path.split("/").length > 2))("%s imports downwards", (path) => {
    const layer = path.split("/")[1] ?? "";
    const wrong = importsOf(path).filter((target) => {
      const [top, other] = target.split("/");
      return top === "src" && other !== undefined && !mayImport[layer]?.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  it("a module uses another one only through its spec", () => {
    const wrong: string[] = [];
    for (const path of sources.filter((name) => /^src\/modules\/[^/]+\//.test(name))) {
      const own = path.split("/")[2];
      for (const target of importsOf(path)) {
        const [, folder, module, file] = target.split("/");
        if (folder === "modules" && module !== own && file !== undefined && file !== "spec.ts")
          wrong.push(`${path} -> ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("files", () => {
  it.each([...sources, ...tests])("%s says in its first line what it is", (path) => {
    const [first = "", second = ""] = text(path).split("\n");
    const head = first.startsWith("#!") ? second : first;
    expect(head).toMatch(/^\/\*\*/);
  });

  it.each(sources)("%s has a kebab-case name", (path) => {
    expect(path.split("/").pop()).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/);
  });

  it.each(sources.filter((path) => !/^src\/runtime\/clock|^src\/runtime\/.*clock/.test(path)))(
    "%s takes its time from a Clock",
    (path) => {
      const code = withoutComments(text(path));
      expect(code).not.toMatch(/\b(setTimeout|setInterval|setImmediate)\s*\(/);
      expect(code).not.toMatch(/\bDate\.now\b|\bperformance\.now\b|\bnew Date\(\)/);
    },
  );

  it.each(tests)("%s does not sleep", (path) => {
    if (path === "test/tidy/tidy.test.ts" || path.startsWith("test/interop/support")) return;
    expect(withoutComments(text(path))).not.toMatch(/\bsetTimeout\s*\(|timers\/promises/);
  });

  it.each(sources)("%s has only named exports", (path) => {
    if (/^src\/modules\/[^/]+\/index\.ts$/.test(path)) return;
    expect(withoutComments(text(path))).not.toMatch(/^export default/m);
  });

  it("no state lives in a file", () => {
    const wrong = sources.filter((path) => /^(export )?let /m.test(withoutComments(text(path))));
    expect(wrong).toEqual([]);
  });
});

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}
