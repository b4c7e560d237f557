/** From the command line to the options of an engine. */
import type { EngineOptions, OutsideParam } from "../runtime/engine-options.ts";
import type { RunArguments } from "./options.ts";

/** A command line that makes no sense; its message is for the user. */
export class UsageError extends Error {}

/** Which file is read when none is named: Kamailio's, if it is there. */
export const defaultConfigPath = "/etc/kamailio/kamailio.cfg";

/** The part of the engine's options that the command line decides. */
export function engineOptions(args: RunArguments): EngineOptions {
  return {
    configPath: args.f ?? defaultConfigPath,
    defines: args.A ?? [],
    substitutions: [
      ...(args.subst ?? []).map((text) => `subst "${text}"`),
      ...(args.substdef ?? []).map((text) => `substdef "${text}"`),
      ...(args.substdefs ?? []).map((text) => `substdefs "${text}"`),
    ],
    loadModules: args.loadmodule ?? [],
    params: (args.modparam ?? []).map(parseModparam),
    globals: globalsOf(args),
    listen: args.l ?? [],
    aliases: args.alias ?? [],
    environment: (name) => process.env[name],
    ...(args.Y === undefined ? {} : { runDirectory: args.Y }),
  };
}

function globalsOf(args: RunArguments): Record<string, number | string> {
  const globals: Record<string, number | string> = {};
  if (args.debug !== undefined) globals["debug"] = numberOf("--debug", args.debug);
  else if (args.d > 0) globals["debug"] = args.d;
  if (args["server-id"] !== undefined) {
    globals["server_id"] = numberOf("--server-id", args["server-id"]);
  }
  if (args.workers !== undefined) globals["workers"] = args.workers;
  if (args.b !== undefined) globals["maxbuffer"] = numberOf("-b", args.b);
  if (args.E === true) globals["log_stderror"] = 1;
  if (args.e === true) globals["log_color"] = 1;
  const auto = args.a?.toLowerCase();
  if (auto !== undefined) {
    const value = switchWords[auto];
    if (value === undefined) throw new UsageError(`-a takes yes or no, not ${args.a}`);
    globals["auto_aliases"] = value;
  }
  return globals;
}

const switchWords: Readonly<Record<string, number>> = { yes: 1, on: 1, no: 0, off: 0 };

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isInteger(value)) {
    throw new UsageError(`${option} takes a number, not ${text}`);
  }
  return value;
}

/** `module:name:type:value` with the type `s` or `i`; the value may hold colons. */
function parseModparam(text: string): OutsideParam {
  const match = /^([^:]+):([^:]+):([si]):(.*)$/s.exec(text);
  if (match === null) {
    throw new UsageError(`--modparam takes module:name:type:value with type s or i, not ${text}`);
  }
  const [, module = "", name = "", type = "", value = ""] = match;
  return { module, name, value: type === "i" ? numberOf("--modparam", value) : value };
}
