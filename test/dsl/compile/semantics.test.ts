/** Expressions, conditions and return codes do what Kamailio's do. */
import { describe, expect, it } from "vitest";
import { probeContext, script } from "./harness.ts";
import { conditionTable } from "./kamailio-conditions.ts";
import { probeRoutes, probeVariables, valueTable } from "./kamailio-values.ts";

/** One script with a route for each probe: compiled once. */
function probes(bodies: readonly string[]) {
  const routes = bodies.map((body, i) => `route[PROBE${i}] { ${body} }`).join("\n");
  return script(`${probeRoutes}\n${routes}\nrequest_route { exit; }`);
}

describe("values", () => {
  const all = probes(
    valueTable.map(([expression]) => `$var(a) = "<unset>"; $var(a) = ${expression}; exit;`),
  );
  it.each(valueTable.map(([expression, value], i) => ({ expression, value, i })))(
    "$expression is $value",
    ({ value, i }) => {
      const context = probeContext(probeVariables);
      void all.run(context, `route_PROBE${i}`);
      expect(String(context.vars.get("a"))).toBe(value);
    },
  );
});

describe("conditions", () => {
  const all = probes(
    conditionTable.map(
      ([condition]) => `if (${condition}) { $var(a) = 1; } else { $var(a) = 0; } exit;`,
    ),
  );
  it.each(conditionTable.map(([condition, isTrue], i) => ({ condition, isTrue, i })))(
    "if ($condition) is $isTrue",
    ({ isTrue, i }) => {
      const context = probeContext(probeVariables);
      void all.run(context, `route_PROBE${i}`);
      expect(context.vars.get("a")).toBe(isTrue ? 1 : 0);
    },
  );
});
