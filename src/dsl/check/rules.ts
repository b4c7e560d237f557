/** The list of all rules, in the order that gives the clearest messages. */
import { addresses } from "./rules/addresses.ts";
import { argumentCount } from "./rules/argument-count.ts";
import { argumentValues } from "./rules/argument-values.ts";
import { assignedValues } from "./rules/assigned-values.ts";
import { chains } from "./rules/chains.ts";
import { comparisons } from "./rules/comparisons.ts";
import { conditions } from "./rules/conditions.ts";
import { coreWords } from "./rules/core-words.ts";
import { customGlobals } from "./rules/custom-globals.ts";
import { misspeltDefines } from "./rules/defines.ts";
import { duplicateRoutes } from "./rules/duplicate-routes.ts";
import { events } from "./rules/events.ts";
import { expressionTypes } from "./rules/expression-types.ts";
import { flagDeclarations } from "./rules/flags.ts";
import { globals } from "./rules/globals.ts";
import { headerLines } from "./rules/header-lines.ts";
import { knownFunctions } from "./rules/known-functions.ts";
import { knownRoutes } from "./rules/known-routes.ts";
import { knownVariables } from "./rules/known-variables.ts";
import { likelyNames } from "./rules/likely-names.ts";
import { endlessLoops } from "./rules/loops.ts";
import { moduleParams } from "./rules/module-params.ts";
import { modules } from "./rules/modules.ts";
import { reachability } from "./rules/reachability.ts";
import { endlessRecursion } from "./rules/recursion.ts";
import { routeKinds } from "./rules/route-kinds.ts";
import { selects } from "./rules/selects.ts";
import { switches } from "./rules/switches.ts";
import { texts } from "./rules/texts.ts";
import { transformations } from "./rules/transformations.ts";
import { variableShape } from "./rules/variable-shape.ts";
import type { Rule } from "./visitor.ts";

/**
 * Where two rules speak about the same stretch with the same severity, the earlier one is heard (see `check.ts`): first what
 * does not exist, then wrong shapes, then wrong values, then types, then flow.
 */
export const rules: readonly Rule[] = [
  modules,
  moduleParams,
  globals,
  addresses,
  customGlobals,
  flagDeclarations,
  duplicateRoutes,
  events,
  knownFunctions,
  knownVariables,
  selects,
  knownRoutes,
  routeKinds,
  argumentCount,
  argumentValues,
  headerLines,
  variableShape,
  transformations,
  texts,
  expressionTypes,
  coreWords,
  comparisons,
  assignedValues,
  switches,
  conditions,
  chains,
  endlessLoops,
  endlessRecursion,
  reachability,
  likelyNames,
  misspeltDefines,
];
