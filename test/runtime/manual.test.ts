/** Manual pages: made from declarations, and fresh in the tree. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { core } from "../../src/modules/core/spec.ts";
import { moduleDefinitions } from "../../src/modules/all.ts";
import { manualIndex, manualPage } from "../../src/runtime/manual.ts";
import { optional, required } from "../../src/runtime/module.ts";

const folder = resolve(import.meta.dirname, "../../docs/modules");
const specs = [core, ...moduleDefinitions.map((definition) => definition.spec)];

describe("manualPage", () => {
  it("says everything that a declaration says", () => {
    const page = manualPage({
      name: "demo",
      doc: "A module.",
      params: {
        mode: { type: "int", doc: "How.", default: 2, values: [1, 2] },
        later: { type: "str", doc: "Not yet.", implemented: false },
      },
      functions: {
        go: {
          doc: "Goes.",
          routes: ["request", "failure"],
          args: [required("where", "str", "The place."), optional("how", "int", "The way.")],
          async: true,
          examples: ['go("home");'],
          departs: "faster.",
        },
      },
      variables: { place: { doc: "Where it is.", type: "str", inner: "optional", writable: true } },
      transformations: { d: { up: { doc: "Goes up.", min: 1, max: 1, result: "str" } } },
      eventRoutes: [{ name: "demo:done", doc: "At the end." }],
      rpc: { "demo.list": { doc: "Lists.", params: "what" } },
      departures: ["It differs."],
    });
    for (const text of [
      "# demo\n\nA module.",
      "### `mode` (integer)",
      "Default: `2`. One of: 1, 2.",
      '`modparam("demo", "mode", 2)`',
      "*Not implemented yet.*",
      "### `go(where, [how])`",
      "- `where`: The place.\n- `how`: The way.",
      "May be used in: request, failure. May wait for an answer.",
      "Differs from Kamailio 5.6.3: faster.",
      '```\ngo("home");\n```',
      "### `$place[(name)]`",
      "### `{d.up}`\n\nGoes up. Arguments: 1.",
      "### `event_route[demo:done]`",
      "### `demo.list what`",
      "- It differs.",
    ]) {
      expect(page).toContain(text);
    }
  });
});

describe("docs/modules", () => {
  it("there is a page for each module, with every function", () => {
    for (const spec of specs) {
      const page = manualPage(spec);
      for (const name of Object.keys(spec.functions ?? {})) expect(page).toContain(`${name}(`);
    }
    expect(manualIndex(specs).split("\n- ").length - 1).toBe(specs.length);
  });

  it.runIf(existsSync(folder))("the pages are fresh (`npm run docs` writes them)", () => {
    const stale = specs.filter((spec) => {
      const path = join(folder, `${spec.name}.md`);
      return !existsSync(path) || readFileSync(path, "utf8") !== manualPage(spec);
    });
    expect(stale.map((spec) => spec.name)).toEqual([]);
    expect(readFileSync(join(folder, "README.md"), "utf8")).toBe(manualIndex(specs));
  });
});
