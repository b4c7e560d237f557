/** Which modules a `modparam` is for. */
import type { ModParam } from "../syntax/ast.ts";
import type { Facts, LoadedModule } from "./facts.ts";

/** The names in the module list of a `modparam`: `acc|auth_db` are two. */
export function moduleNames(item: ModParam): readonly string[] {
  return item.modules.text.split("|").map((name) => name.trim());
}

/** The loaded modules that a `modparam` is for; the list is a regular expression over their whole names. */
export function modulesOfParam(item: ModParam, facts: Facts): readonly LoadedModule[] {
  const modules: LoadedModule[] = [];
  const pattern = /^[\w|]*$/.test(item.modules.text) ? undefined : wholeName(item.modules.text);
  const names = moduleNames(item);
  for (const [name, module] of facts.modules) {
    if (pattern === undefined ? names.includes(name) : pattern.test(name)) modules.push(module);
  }
  return modules;
}

/** The pattern, when it is one that cannot take long (no repetitions of groups). */
function wholeName(text: string): RegExp | undefined {
  if (text.length > 200 || /[*+}]\)?[*+{]|\([^)]*[*+]/.test(text)) return undefined;
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return undefined;
  }
}
