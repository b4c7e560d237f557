/** The checker hands back on any tree that the reader makes, soon. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/dsl/check/check.ts";
import { readConfig } from "../../../src/dsl/read.ts";
import { loadAll, testCatalog } from "./catalog.ts";
import { findings } from "./harness.ts";
import { argumentFaults } from "./planted/arguments.ts";
import { clean } from "./planted/clean.ts";
import { names } from "./planted/names.ts";
import { routeFaults } from "./planted/routes.ts";

const samples = [
  ...[...argumentFaults, ...names, ...routeFaults].map(({ text }) => text),
  ...clean.map(([, text]) => text),
];

/** A route as configurations have many of. */
function block(index: number): string {
  return `route[R${index}] {
  if (is_method("INVITE|BYE") && $rU != $null) {
    xlog("L_INFO", "[$ci] $rm from $fu to $(ru{uri.user}) at $si:$sp\\n");
    $var(x${index}) = "sip:" + $rU + "@" + $rd;
    if ($hdr(X-${index}) =~ "^[0-9]{1,5}(a|b)$" || src_ip == 10.0.0.0/8) {
      setflag(${index % 32});
      append_hf("X-Route: $(ru{s.substr,0,5})\\r\\n");
    } else if (!has_totag()) {
      sl_send_reply("404", "Not found $rU");
      exit;
    }
    switch ($var(x${index})) {
      case "a": return 1;
      default: return -1;
    }
  }
  route(R${index + 1});
}
`;
}

describe("bounds", () => {
  it("never throws on damaged configurations", () => {
    const damage = fc.record({
      sample: fc.constantFrom(...samples),
      at: fc.nat(),
      remove: fc.nat(20),
      insert: fc.constantFrom(
        "",
        "(",
        ")",
        "{",
        "}",
        '"',
        "$",
        ";",
        "$(",
        "[",
        "if",
        "\\",
        "#!",
        "'",
      ),
    });
    fc.assert(
      fc.property(damage, ({ sample, at, remove, insert }) => {
        const place = at % (sample.length + 1);
        const text = sample.slice(0, place) + insert + sample.slice(place + remove);
        expect(Array.isArray(findings(text))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("never throws on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(Array.isArray(findings(text))).toBe(true);
        expect(Array.isArray(findings(`request_route {\n${text}\n}`))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("checks ten thousand lines in well under a second of its own", () => {
    const count = Math.ceil(10_000 / 18);
    const blocks = Array.from({ length: count }, (_, index) => block(index)).join("");
    const text = `${loadAll}request_route {\n  route(R0);\n}\n${blocks}route[R${count}] {\n  exit;\n}\n`;
    expect(text.split("\n").length).toBeGreaterThan(10_000);
    const read = readConfig({ text });
    expect(read.diagnostics).toEqual([]);
    const before = process.cpuUsage();
    const found = checkConfig(read, testCatalog);
    const { user, system } = process.cpuUsage(before);
    expect(found).toEqual([]);
    expect((user + system) / 1000).toBeLessThan(1000);
  });

  it("stops at the number of findings that was asked for", () => {
    const lines = Array.from({ length: 300 }, (_, index) => `  foo${index}();`).join("\n");
    const read = readConfig({ text: `${loadAll}request_route {\n${lines}\n}\n` });
    expect(checkConfig(read, testCatalog)).toHaveLength(100);
    expect(checkConfig(read, testCatalog, { maxDiagnostics: 7 })).toHaveLength(7);
  });

  it("follows long chains without running out of stack", () => {
    const sum = Array.from({ length: 400 }, () => `"a"`).join(" + ");
    const chain = Array.from({ length: 300 }, (_, i) => `if ($rU == "${i}") { exit; }`).join(
      " else ",
    );
    const text = `${loadAll}request_route {\n  $var(x) = ${sum};\n  ${chain}\n}\n`;
    expect(findings(text)).toEqual([]);
  });
});
