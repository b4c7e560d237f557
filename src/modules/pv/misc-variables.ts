/** Variables that stand alone: `$_s`, `$stat`, `$sel`, `$ccp`, `$version`, `$ksr`, `$pp`, `$sid`, `$err.*`, `$true`. */
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import { reads, type VariableImplementation } from "../../runtime/module.ts";
import type { Services } from "../../runtime/services.ts";

/** The release of Kamailio whose behaviour is the contract: scripts compare with it. */
const COMPATIBLE = "5.6.3";
const COMPATIBLE_NUMBER = 5_006_003;

const dynamicText: VariableImplementation = (reference) => ({ get: reference.innerText });

function statistic(services: Services): VariableImplementation {
  return (reference) => {
    const wanted = reference.inner;
    return {
      get: (context) => {
        const name = wanted ?? reference.innerText(context);
        for (const entry of services.statistics.entries()) {
          if (entry.name === name) return entry.value;
        }
        return null;
      },
    };
  };
}

/** `$sel(path)`: a select, bound when it is first read, because modules that offer selects may be set up later. */
function select(services: Services): VariableImplementation {
  return (reference) => {
    let bound: ((context: ScriptContext) => Value) | undefined;
    return {
      get: (context) => {
        bound ??= services.select?.(reference.node.inner ?? "") ?? (() => null);
        return bound(context);
      },
    };
  };
}

/** `$ccp(group.name)`: a custom global parameter, which can also be set. */
function customParameter(services: Services): VariableImplementation {
  return (reference) => {
    const text = reference.inner ?? "";
    const dot = text.indexOf(".");
    const group = text.slice(0, dot);
    const name = text.slice(dot + 1);
    return {
      get: () => services.globals.custom.get(group)?.get(name) ?? null,
      set: (_context, value) => {
        const parameters = services.globals.custom.get(group);
        if (parameters?.has(name) && value !== null) parameters.set(name, value);
        else services.log.error(`$ccp(${text}) is not a custom parameter that can be set so`);
      },
    };
  };
}

const version: VariableImplementation = (reference) => {
  const texts: Readonly<Record<string, string>> = {
    num: COMPATIBLE,
    full: `olelo ${COMPATIBLE} (${process.arch}/${process.platform})`,
    hash: "unknown",
  };
  const text = texts[reference.inner ?? ""] ?? null;
  return { get: () => text };
};

const engine: VariableImplementation = (reference) => {
  const value: Value = reference.inner === "verval" ? COMPATIBLE_NUMBER : COMPATIBLE;
  return { get: () => value };
};

export function miscVariables(services: Services) {
  return {
    _s: dynamicText,
    stat: statistic(services),
    sel: select(services),
    ccp: customParameter(services),
    version,
    ksr: engine,
    pp: reads(() => process.pid),
    sid: reads(() => services.globals.int("server_id")),
    true: reads(() => 1),
    "err.class": reads(() => null),
    "err.level": reads(() => null),
    "err.info": reads(() => null),
    "err.rcode": reads(() => null),
    "err.rreason": reads(() => null),
  } as const;
}
