/** Rule: modules exist, are loaded once, and after the modules that they need. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Item } from "../../syntax/ast.ts";
import type { CheckContext } from "../context.ts";
import type { LoadedModule } from "../facts.ts";
import type { Visitor } from "../visitor.ts";

export function modules(context: CheckContext): Visitor {
  const loads = new Map(context.facts.loads.map((load) => [load.order, load]));
  return {
    item(item: Item, order: number): void {
      const load = item.kind === "loadmodule" ? loads.get(order) : undefined;
      if (load === undefined) return;
      if (!checkExists(context, load)) return;
      if (load.repeats !== undefined) {
        context.report(checkCodes.moduleTwice, load.span, `module ${load.name} is loaded twice`, {
          related: [{ span: load.repeats, message: "first loaded here" }],
        });
        return;
      }
      checkNeeds(context, load);
    },
  };
}

const driverHelp =
  'databases are SQLite files here: loadmodule "db_sqlite.so", and a db_url such as "sqlite:////var/lib/olelo/olelo.db"';

function checkExists(context: CheckContext, load: LoadedModule): boolean {
  if (load.state === "exists") return true;
  if (load.state === "other") {
    const message = `Kamailio's module ${load.name} is not implemented in olelo yet`;
    const isDriver = load.name.startsWith("db_");
    context.report(checkCodes.moduleNotBuilt, load.span, message, {
      help: isDriver ? driverHelp : undefined,
    });
  } else {
    context.report(checkCodes.unknownModule, load.span, `there is no module ${load.name}`, {
      help: load.meant === undefined ? undefined : `did you mean ${load.meant}.so?`,
    });
  }
  return false;
}

function checkNeeds(context: CheckContext, load: LoadedModule): void {
  for (const needed of Object.keys(load.spec?.needs ?? {})) {
    const other = context.facts.modules.get(needed);
    if (other === undefined) {
      context.reportMissing(needed, load.span, load.name);
    } else if (other.order > load.order) {
      const message = `module ${load.name} needs ${needed}, which is loaded after it`;
      context.report(checkCodes.dependencyOrder, load.span, message, {
        help: `load ${needed} first`,
        related: [{ span: other.span, message: `${needed} is loaded here` }],
      });
      return;
    }
  }
}
