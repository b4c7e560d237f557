/** The counters module. */
import {
  bound,
  implementModule,
  RpcError,
  type RpcReply,
  RpcStruct,
} from "../../runtime/module.ts";
import type { Counter, Statistics } from "../../runtime/services.ts";
import { counters } from "./spec.ts";

interface Declared {
  readonly group: string;
  readonly name: string;
  readonly doc: string;
}

/** Reads `[group.]name[( |:)description]`; undefined when there is no name in it. */
export function parseDeclaration(text: string, defaultGroup: string): Declared | undefined {
  const match = /^\s*(?:([\w-]+)\.)?([\w-]+)(?:[\s:]+(.*))?$/s.exec(text);
  const [, group = defaultGroup, name, doc = "custom script counter."] = match ?? [];
  return name === undefined ? undefined : { group, name, doc: doc.trim() };
}

export default implementModule(counters, ({ params, services, fail }) => {
  const { statistics } = services;
  const declared = new Map<string, Counter>();
  for (const text of params.script_counter) {
    const one =
      parseDeclaration(text, params.script_cnt_grp_name) ??
      fail("script_counter", `"${text}" is not of the form [group.]name description`);
    declared.set(`${one.group}.${one.name}`, statistics.counter(one.group, one.name, one.doc));
  }

  /** The declared counter of that name. */
  function find(name: string): Counter {
    const full = name.includes(".") ? name : `${params.script_cnt_grp_name}.${name}`;
    return declared.get(full) ?? fail("script_counter", `there is no counter "${full}"`);
  }

  const rpc = counterCommands(statistics);
  return {
    functions: {
      cnt_inc: bound((name) => {
        const counter = find(name.constant ?? "");
        return () => {
          counter.value++;
          return 1;
        };
      }),
      cnt_add: bound((name, number) => {
        const counter = find(name.constant ?? "");
        return (context) => {
          counter.value += number.get(context);
          return 1;
        };
      }),
      cnt_reset: bound((name) => {
        const counter = find(name.constant ?? "");
        return () => {
          counter.value = 0;
          return 1;
        };
      }),
    },
    rpc,
  };
});

type Params = readonly (string | number)[];

interface Shown {
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly doc: string;
}

function counterCommands(statistics: Statistics) {
  /** Counters of a group by name; of a group that is not there, none. */
  const ofGroup = (params: Params): Shown[] =>
    [...statistics.entries()]
      .filter((entry) => entry.group === String(params[0] ?? ""))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  const one = (params: Params): Shown => {
    const found = ofGroup(params).find((entry) => entry.name === String(params[1] ?? ""));
    if (found !== undefined) return found;
    throw new RpcError(400, `non-existent counter ${params.map(String).join(".")}`);
  };
  const groups = (): RpcReply => ({
    values: [[...new Set([...statistics.entries()].map((entry) => entry.group))].sort()],
  });
  const names = (params: Params): RpcReply => ({
    values: [ofGroup(params).map((entry) => entry.name)],
  });
  const values = (params: Params): RpcReply => {
    const struct = new RpcStruct();
    for (const entry of ofGroup(params)) struct.add(entry.name, entry.value);
    return { values: [struct] };
  };
  return {
    "cnt.get": (params: Params): RpcReply =>
      params.length === 1 ? values(params) : { values: [one(params).value] },
    "cnt.reset": (params: Params): RpcReply => {
      const { group, name } = one(params);
      if (!statistics.reset(group, name))
        throw new RpcError(400, "the value is worked out and cannot be reset");
      return { values: [] };
    },
    "cnt.list_groups": groups,
    "cnt.grps_list": groups,
    "cnt.list_vars": names,
    "cnt.var_list": names,
    "cnt.get_vars": values,
    "cnt.grp_get_all": values,
    "cnt.help": (params: Params): RpcReply => ({ values: [one(params).doc] }),
  };
}
