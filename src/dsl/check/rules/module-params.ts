/** Rule: parameters of modules exist, and get values of their type, range and form. */
import type { ParamSpec } from "../../catalog/spec.ts";
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import { parseVariable } from "../../format/format.ts";
import type { Item, ModParam } from "../../syntax/ast.ts";
import { addressProblem } from "../addresses.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { LoadedModule } from "../facts.ts";
import { moduleNames, modulesOfParam } from "../params.ts";
import { regexProblem } from "../patterns.ts";
import type { Visitor } from "../visitor.ts";

export function moduleParams(context: CheckContext): Visitor {
  return {
    item(item: Item, order: number): void {
      if (item.kind === "modparam") checkParam(context, item, order);
    },
  };
}

function checkParam(context: CheckContext, item: ModParam, order: number): void {
  const modules = modulesOfParam(item, context.facts);
  if (modules.length === 0) return reportNoModule(context, item);
  const loaded = modules.filter((module) => module.order < order);
  const [later] = modules;
  if (loaded.length === 0 && later !== undefined) {
    const message = `module ${later.name} is loaded after its parameter is set`;
    context.report(checkCodes.moduleLater, item.modules.span, message, {
      related: [{ span: later.span, message: "loaded here" }],
    });
    return;
  }
  for (const module of loaded) {
    if (!checkForModule(context, item, module)) return;
  }
  checkOtherNames(context, item);
}

function reportNoModule(context: CheckContext, item: ModParam): void {
  const [name = ""] = moduleNames(item);
  const exists = context.catalog.modules.has(name);
  const near = suggestion(name, context.facts.modules.keys());
  if (exists || near === undefined) {
    return context.reportMissing(name, item.modules.span, `parameter ${item.param.text}`);
  }
  const message = `module ${name} is not loaded`;
  context.report(checkCodes.moduleNotLoaded, item.modules.span, message, { help: near });
}

/** Names beside right ones in `a|b` are passed over by Kamailio; probably they were meant. */
function checkOtherNames(context: CheckContext, item: ModParam): void {
  for (const name of moduleNames(item)) {
    if (context.facts.modules.has(name) || !/^\w+$/.test(name)) continue;
    const near = suggestion(name, context.facts.modules.keys());
    if (near === undefined) continue;
    const message = `module ${name} is not loaded: the parameter is set for the others only`;
    context.report(checkCodes.paramNoModule, item.modules.span, message, { help: near });
    return;
  }
}

/** Hands back false when something was reported: one finding for each line. */
function checkForModule(context: CheckContext, item: ModParam, module: LoadedModule): boolean {
  const { spec } = module;
  if (spec === undefined) return true;
  const { text } = item.param;
  const param = spec.params?.[text];
  if (param === undefined || !Object.hasOwn(spec.params ?? {}, text)) {
    const message = `module ${spec.name} has no parameter ${text}`;
    context.report(checkCodes.unknownParam, item.param.span, message, {
      help: suggestion(text, Object.keys(spec.params ?? {})),
    });
    return false;
  }
  if (param.implemented === false) {
    const message = `parameter ${text} of ${spec.name} is not implemented in olelo yet`;
    context.report(checkCodes.notImplemented, item.param.span, message);
    return false;
  }
  return checkType(context, item, param) && checkValue(context, item, param);
}

function checkType(context: CheckContext, item: ModParam, param: ParamSpec): boolean {
  const wantsText = param.type === "str";
  const isText = typeof item.value === "string";
  if (wantsText === isText || item.evaluates || param.orNumber === true) return true;
  const message = wantsText
    ? `${item.param.text} takes a text, not the number ${item.value}`
    : `${item.param.text} takes a number, not the text "${item.value}"`;
  context.report(checkCodes.paramType, item.valueSpan, message, {
    help: wantsText ? `write "${item.value}"` : numberHelp(String(item.value)),
  });
  return false;
}

function numberHelp(text: string): string | undefined {
  return /^-?\d+$/.test(text) ? `leave the quotes away: ${text}` : undefined;
}

function checkValue(context: CheckContext, item: ModParam, param: ParamSpec): boolean {
  const problem = item.evaluates ? undefined : valueProblem(context, param, item.value);
  if (problem !== undefined) {
    const message = `${item.param.text} ${problem}`;
    context.report(checkCodes.paramValue, item.valueSpan, message);
    return false;
  }
  if (param.ignored === undefined) return true;
  const message = `${item.param.text} has no effect: ${param.ignored}`;
  context.report(checkCodes.paramIgnored, item.param.span, message);
  return true;
}

function valueProblem(
  context: CheckContext,
  param: ParamSpec,
  value: string | number,
): string | undefined {
  if (param.values !== undefined && !param.values.includes(value)) {
    const shown = typeof value === "string" ? `"${value}"` : value;
    return `is one of ${param.values.join(", ")}, not ${shown}`;
  }
  if (typeof value === "number") {
    const { min = -Infinity, max = Infinity } = param;
    if (value >= min && value <= max) return undefined;
    return max === Infinity
      ? `must be at least ${min}, not ${value}`
      : `must be ${min === -Infinity ? "at most" : `${min} to`} ${max}, not ${value}`;
  }
  return value === "" ? undefined : formProblem(context, param, value);
}

function formProblem(context: CheckContext, param: ParamSpec, text: string): string | undefined {
  return param.form === undefined ? undefined : forms[param.form](text, context);
}

type Form = (text: string, context: CheckContext) => string | undefined;

/** What is wrong with a text of each form. */
const forms: Readonly<Record<NonNullable<ParamSpec["form"]>, Form>> = {
  // The variables in it are checked as variables.
  variables: () => undefined,
  variable: (text) =>
    parseVariable(text) === undefined
      ? `must be a variable such as $avp(name), not "${text}"`
      : undefined,
  avp(text, context) {
    const name = parseVariable(text)?.name;
    const isUnknown = name !== undefined && !context.names.loaded.variables.has(name);
    if (isUnknown || ["avp", "xavp", "var"].includes(name ?? "")) return undefined;
    return `must be an avp such as $avp(name), not "${text}"`;
  },
  uri: (text) =>
    /^<?(?:sips?|tel|urn):\S+$/i.test(text) ? undefined : `must be a URI, not "${text}"`,
  regex(text) {
    const problem = regexProblem(text);
    return problem === undefined ? undefined : `is no valid regular expression: ${problem}`;
  },
  address: (text) => addressProblem(text.replace(/^[a-z]+:/, "").replace(/:\d+$/, "")),
  route: (text, context) =>
    hasRoute(context, text, "request") ? undefined : `names route[${text}], which does not exist`,
  "reply-route": (text, context) =>
    hasRoute(context, text, "reply")
      ? undefined
      : `names onreply_route[${text}], which does not exist`,
  "event-route": (text, context) =>
    hasRoute(context, text, "event")
      ? undefined
      : `names event_route[${text}], which does not exist`,
};

function hasRoute(
  context: CheckContext,
  name: string,
  kind: "request" | "reply" | "event",
): boolean {
  return context.facts.routes.get(kind)?.has(name) === true;
}
