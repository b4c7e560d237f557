/** The module pv: variables and transformations of the core, and functions on them. */
import {
  implementModule,
  RpcError,
  RpcStruct,
  type ModuleBehaviour,
  type ModuleEnvironment,
  type RpcValue,
} from "../../runtime/module.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  aliasTransformations,
  nameAddrTransformations,
  toBodyTransformations,
  uriTransformations,
} from "./address-transformations.ts";
import { addressVariables } from "./address-variables.ts";
import { avpVariable, parseAliases } from "./avp-variables.ts";
import { branchVariable, StaticBranch } from "./branch-variables.ts";
import { codecTransformations } from "./codec-transformations.ts";
import { headerVariables } from "./header-variables.ts";
import {
  lineTransformations,
  paramTransformations,
  valueTransformations,
} from "./list-transformations.ts";
import { messageVariables } from "./message-variables.ts";
import { miscVariables } from "./misc-variables.ts";
import { networkVariables } from "./network-variables.ts";
import { parseInitialValue, ScriptVariables, SharedVariables } from "./script-variables.ts";
import { pv } from "./spec.ts";
import { stringTransformations } from "./string-transformations.ts";
import { timeVariables } from "./time-variables.ts";
import { uriVariables } from "./uri-variables.ts";
import {
  copyXavp,
  explodeList,
  explodeParams,
  implodeParams,
  printXavps,
  removeChild,
  removeNewest,
  setChild,
  variablesToXavp,
  xavpToVariables,
} from "./xavp-functions.ts";
import { countVariable, xavpVariable } from "./xavp-variables.ts";

type Environment = ModuleEnvironment<typeof pv>;
type Behaviour = ModuleBehaviour<typeof pv>;

/** State that the variables share, filled from the parameters. */
function prepare(environment: Environment) {
  const { params } = environment;
  const aliases = new Map<string, string>();
  if (params.avp_aliases !== undefined && !parseAliases(params.avp_aliases, aliases)) {
    environment.fail("avp_aliases", "it must be a list of name=avp, separated by semicolons");
  }
  const variables = new ScriptVariables();
  const shared = new SharedVariables();
  for (const text of params.varset) {
    const initial = parseInitialValue(text);
    if (initial === undefined)
      environment.fail("varset", `"${text}" is not name=i:number or name=s:text`);
    else variables.initialise(initial.name, initial.value);
  }
  for (const text of params.shvset) {
    const initial = parseInitialValue(text);
    if (initial === undefined)
      environment.fail("shvset", `"${text}" is not name=i:number or name=s:text`);
    else shared.set(initial.name, initial.value);
  }
  const { workers } = environment.services;
  if (workers !== null) shared.share(workers);
  return { aliases, variables, shared, staticBranch: new StaticBranch() };
}

type State = ReturnType<typeof prepare>;

type XavpFunctions = Pick<
  NonNullable<Behaviour["functions"]>,
  Extract<keyof NonNullable<Behaviour["functions"]>, `xav${string}` | `pv_xav${string}_print`>
>;

const xavpFunctions: XavpFunctions = {
  pv_xavp_print: (c) => printXavps(c, "xavp"),
  pv_xavu_print: (c) => printXavps(c, "xavu"),
  pv_xavi_print: (c) => printXavps(c, "xavi"),
  xavp_copy: {
    append: (c, name, index, to) => copyXavp(c, { name, index }, { name: to, index: undefined }),
    replace: (...[c, name, index, to, at]) => copyXavp(c, { name, index }, { name: to, index: at }),
  },
  xavp_params_explode: (c, text, name) => explodeParams(c, "xavp", text, name),
  xavp_params_implode: (c, name, target) => implodeParams(c, "xavp", name, target),
  xavu_params_explode: (c, text, name) => explodeParams(c, "xavu", text, name),
  xavu_params_implode: (c, name, target) => implodeParams(c, "xavu", name, target),
  xavp_slist_explode: (...[c, text, separators, mode, name]) =>
    explodeList(c, { text, separators, mode }, name),
  xavp_child_seti: (c, root, child, value) => setChild(c, "xavp", { root, child }, value),
  xavi_child_seti: (c, root, child, value) => setChild(c, "xavi", { root, child }, value),
  xavp_child_sets: (c, root, child, value) => setChild(c, "xavp", { root, child }, value),
  xavi_child_sets: (c, root, child, value) => setChild(c, "xavi", { root, child }, value),
  xavp_rm: (c, name) => removeNewest(c, "xavp", name),
  xavi_rm: (c, name) => removeNewest(c, "xavi", name),
  xavp_child_rm: (c, root, child) => removeChild(c, "xavp", root, child),
  xavi_child_rm: (c, root, child) => removeChild(c, "xavi", root, child),
};

function functions(
  { services }: Environment,
  { variables, staticBranch }: State,
): NonNullable<Behaviour["functions"]> {
  /** Text read as a format at most a few times: the formats are a handful per script. */
  const formats = new Map<string, (context: ScriptContext) => string>();
  const evaluate = (text: string, context: ScriptContext): string => {
    if (!text.includes("$")) return text;
    let format = formats.get(text);
    if (format === undefined) {
      if (formats.size >= 256) formats.clear();
      format = services.format(text);
      formats.set(text, format);
    }
    return format(context);
  };
  return {
    pv_isset: (c, variable) => (variable.get(c) === null ? -1 : 1),
    pv_unset: (c, variable) => {
      variable.set(c, null);
      return 1;
    },
    is_int: (c, variable) => (typeof variable.get(c) === "number" ? 1 : -1),
    typeof: (c, variable, type) => {
      const value = variable.get(c);
      const name = value === null ? "null" : typeof value === "number" ? "int" : "str";
      return name === type ? 1 : -1;
    },
    not_empty: (c, variable) => {
      const value = variable.get(c);
      return typeof value === "string" && value !== "" ? 1 : -1;
    },
    pv_evalx: (c, target, text) => {
      target.set(c, evaluate(text, c));
      return 1;
    },
    ...xavpFunctions,
    sbranch_set_ruri: (c) => staticBranch.setRequestUri(c),
    sbranch_append: (c) => staticBranch.append(c),
    sbranch_reset: (c) => staticBranch.reset(c),
    pv_var_to_xavp: (c, name, root) => variablesToXavp(c, variables, name, root),
    pv_xavp_to_var: (c, root) => xavpToVariables(c, variables, root),
  };
}

function allVariables({ services }: Environment, state: State) {
  return {
    ...uriVariables,
    ...addressVariables,
    ...headerVariables,
    ...messageVariables(),
    ...networkVariables,
    ...timeVariables(services.clock),
    ...miscVariables(services),
    branch: branchVariable,
    sbranch: state.staticBranch.variable,
    var: state.variables.zero,
    vz: state.variables.zero,
    vn: state.variables.nullable,
    shv: state.shared.variable,
    avp: avpVariable(state.aliases),
    xavp: xavpVariable("xavp"),
    xavu: xavpVariable("xavu"),
    xavi: xavpVariable("xavi"),
    cnt: countVariable(state.aliases),
  } as const;
}

function describeShared(name: string, value: string | number | null): RpcStruct {
  const type = typeof value === "number" ? "int" : "string";
  return new RpcStruct().add("name", name).add("type", type).add("value", value);
}

function rpcCommands({ shared }: State) {
  return {
    "pv.shvGet": (params: readonly (string | number)[]) => {
      const name = params[0];
      if (name !== undefined) {
        if (!shared.has(String(name))) throw new RpcError(404, "No such variable");
        return { values: [describeShared(String(name), shared.get(String(name)))] };
      }
      const items: RpcValue[] = [];
      for (const [each, value] of shared.entries()) items.push(describeShared(each, value));
      return { values: [new RpcStruct().add("items", items)] };
    },
    "pv.shvSet": (params: readonly (string | number)[]) => {
      const [name, type, value] = params;
      if (name === undefined || value === undefined)
        throw new RpcError(500, "Name, type and value expected");
      if (type === "int" && !/^[+-]?\d+$/.test(String(value)))
        throw new RpcError(500, "Not a number");
      if (type !== "int" && type !== "str") throw new RpcError(500, "The type is int or str");
      shared.set(String(name), type === "int" ? Number(value) : String(value));
      return { values: ["Ok. Variable set to new value."] };
    },
  } as const;
}

export default implementModule(pv, (environment) => {
  const state = prepare(environment);
  return {
    functions: functions(environment, state),
    variables: allVariables(environment, state),
    transformations: {
      s: { ...stringTransformations, ...codecTransformations },
      uri: uriTransformations,
      param: paramTransformations,
      nameaddr: nameAddrTransformations,
      tobody: toBodyTransformations,
      line: lineTransformations,
      urialias: aliasTransformations,
      val: valueTransformations,
    },
    rpc: rpcCommands(state),
    start: () => state.shared.catchUp(),
  };
});
