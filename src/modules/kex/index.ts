/** The module kex: flags, own addresses, statistics over RPC. */
import { parseUri } from "../../sip/uri.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule, RpcStruct, type RpcReply, type RpcValue } from "../../runtime/module.ts";
import type { Proto } from "../../runtime/transport.ts";
import type { Services, Statistics } from "../../runtime/services.ts";
import { kex } from "./spec.ts";

const isFlag = (flag: number): boolean => flag >= 0 && flag < 32;
const withFlag = (flags: number, flag: number): number => (flags | (1 << flag)) >>> 0;
const withoutFlag = (flags: number, flag: number): number => (flags & ~(1 << flag)) >>> 0;
const hasFlag = (flags: number, flag: number): boolean => ((flags >>> flag) & 1) === 1;

type Change = (flags: number, flag: number) => number;

function changeScriptFlag(context: ScriptContext, flag: number, change: Change): number {
  if (!isFlag(flag)) return -1;
  context.scriptFlags = change(context.scriptFlags, flag);
  return 1;
}

/** Changes the flags of a branch; 0 is the Request-URI's. */
function changeBranchFlag(
  context: ScriptContext,
  flag: number,
  index: number,
  change: Change,
): number {
  if (!isFlag(flag)) return -1;
  if (index === 0) {
    context.branchFlags = change(context.branchFlags, flag);
    return 1;
  }
  const branch = context.branches[index - 1];
  if (branch === undefined) return -1;
  branch.flags = change(branch.flags, flag);
  return 1;
}

function branchFlagIsSet(context: ScriptContext, flag: number, index: number): number {
  const flags = index === 0 ? context.branchFlags : context.branches[index - 1]?.flags;
  return isFlag(flag) && flags !== undefined && hasFlag(flags, flag) ? 1 : -1;
}

/** A URI's host and port, or an address; without a port any of ours will do. */
function isOurs(services: Services, text: string): boolean {
  const uri = parseUri(text);
  if (uri === undefined) return services.isMyself(text, 0, undefined);
  const proto = uri.transport?.toLowerCase() as Proto | undefined;
  return services.isMyself(uri.host, uri.port, proto);
}

interface Entry {
  readonly group: string;
  readonly name: string;
  readonly value: number;
}

/** The statistics that `all`, `group:`, `name`, `group.name` and `group:name` stand for. */
function chosen(statistics: Statistics, ids: readonly (string | number)[]): Entry[] {
  const all = [...statistics.entries()];
  const found: Entry[] = [];
  for (const id of ids.map(String)) {
    if (id === "all") return all;
    for (const entry of all) {
      const { group, name } = entry;
      if (
        id === `${group}:` ||
        id === name ||
        id === `${group}.${name}` ||
        id === `${group}:${name}`
      ) {
        found.push(entry);
      }
    }
  }
  return found;
}

function statisticsCommands(statistics: Statistics) {
  const fields = (ids: readonly (string | number)[], asText: boolean): RpcReply => {
    const struct = new RpcStruct();
    for (const { group, name, value } of chosen(statistics, ids)) {
      struct.add(`${group}.${name}`, asText ? String(value) : value);
    }
    return { values: [struct] };
  };
  const reset = (ids: readonly (string | number)[], tell: boolean): RpcReply => {
    const lines: RpcValue[] = [];
    for (const { group, name, value } of chosen(statistics, ids)) {
      const isReset = statistics.reset(group, name);
      if (tell) lines.push(`${group}:${name} = ${isReset ? 0 : value} (${value})`);
    }
    return { values: lines };
  };
  return {
    "stats.get_statistics": (ids: readonly (string | number)[]): RpcReply => ({
      values: chosen(statistics, ids).map(
        ({ group, name, value }) => `${group}:${name} = ${value}`,
      ),
    }),
    "stats.fetch": (ids: readonly (string | number)[]) => fields(ids, true),
    "stats.fetchn": (ids: readonly (string | number)[]) => fields(ids, false),
    "stats.reset_statistics": (ids: readonly (string | number)[]) => reset(ids, false),
    "stats.clear_statistics": (ids: readonly (string | number)[]) => reset(ids, true),
  } as const;
}

/** One process, so one entry: the heap of V8 stands where Kamailio has its private memory. */
function memoryOfProcess(): RpcStruct {
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  return new RpcStruct()
    .add("entry", 0)
    .add("pid", process.pid)
    .add("rank", 0)
    .add("used", heapUsed)
    .add("free", heapTotal - heapUsed)
    .add("real_used", rss)
    .add("total_size", heapTotal)
    .add("total_frags", 0)
    .add("desc", "main");
}

export default implementModule(kex, ({ services }) => {
  const printed = (
    context: ScriptContext,
    variable: { set(context: ScriptContext, value: string): void },
    text: string,
  ): number => {
    variable.set(context, text);
    return 1;
  };
  return {
    functions: {
      setsflag: (c, flag) => changeScriptFlag(c, flag, withFlag),
      resetsflag: (c, flag) => changeScriptFlag(c, flag, withoutFlag),
      issflagset: (c, flag) => (isFlag(flag) && hasFlag(c.scriptFlags, flag) ? 1 : -1),
      setbflag: (c, flag, branch) => changeBranchFlag(c, flag, branch ?? 0, withFlag),
      resetbflag: (c, flag, branch) => changeBranchFlag(c, flag, branch ?? 0, withoutFlag),
      isbflagset: (c, flag, branch) => branchFlagIsSet(c, flag, branch ?? 0),
      setdsturi: (c, uri) => {
        c.dstUri = uri;
        return 1;
      },
      resetdsturi: (c) => {
        c.dstUri = null;
        return 1;
      },
      isdsturiset: (c) => (c.dstUri === null ? -1 : 1),
      pv_printf: printed,
      avp_printf: printed,
      is_myself: (_c, uri) => (isOurs(services, uri) ? 1 : -1),
      setdebug: (_c, level) => {
        services.log.level = level;
        return 1;
      },
      resetdebug: () => {
        services.log.level = services.globals.int("debug");
        return 1;
      },
    },
    rpc: {
      ...statisticsCommands(services.statistics),
      "pkg.stats": () => ({ values: [memoryOfProcess()] }),
      "pkg.info": () => ({ values: [new RpcStruct().add("name", "v8")] }),
    },
  };
});
