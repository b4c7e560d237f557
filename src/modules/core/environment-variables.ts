/** Variables on what the engine was started with: defines of the preprocessor and the environment. */
import type { Value } from "../../dsl/value.ts";
import type { VariableImplementation } from "../../runtime/module.ts";
import type { Services } from "../../runtime/services.ts";

/** `$def(NAME)`: value of a define, empty for one without; null when it is not defined. */
function definition(services: Pick<Services, "defines">): VariableImplementation {
  return (reference) => {
    const name = reference.inner ?? "";
    return { get: () => (services.defines.has(name) ? (services.defines.get(name) ?? "") : null) };
  };
}

/** `$defn(NAME)`: the same as a number where it is one; 0 when it is not defined. */
function numericDefinition(services: Pick<Services, "defines">): VariableImplementation {
  return (reference) => {
    const name = reference.inner ?? "";
    return {
      get: () => {
        const text = services.defines.get(name) ?? "0";
        return /^[+-]?\d+$/.test(text) ? Number(text) : text;
      },
    };
  };
}

/** `$env(NAME)`: a variable of the process's environment. */
const environment: VariableImplementation = (reference) => {
  const value: Value = process.env[reference.inner ?? ""] ?? null;
  return { get: () => value };
};

export function environmentVariables(services: Pick<Services, "defines">) {
  return {
    def: definition(services),
    defn: numericDefinition(services),
    env: environment,
  } as const;
}
