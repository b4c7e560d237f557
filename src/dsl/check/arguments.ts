/** Checks a constant argument by the kind that its function wants. */
import type { ArgumentSpec, Kind } from "../catalog/spec.ts";
import { checkCodes } from "../diagnostics/codes-checks.ts";
import type { Expression } from "../syntax/ast.ts";
import type { CheckContext } from "./context.ts";
import { suggestion } from "../diagnostics/did-you-mean.ts";
import { checkHandlerName } from "./handlers.ts";
import { checkMethods } from "./methods.ts";
import { readSubstitution, regexProblem, slowPattern } from "./patterns.ts";

/** A constant in the place of an argument. */
export interface Constant {
  readonly spec: ArgumentSpec;
  readonly text: string;
  readonly argument: Expression;
  /** Name of the function. */
  readonly name: string;
}

type Checker = (context: CheckContext, constant: Constant) => boolean;

/** Characters of a token (RFC 3261, 25.1). */
const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** What a kind demands beyond what its declaration says. Each hands back whether the constant is right so far. */
const checkers: Partial<Readonly<Record<Kind, Checker>>> = {
  int: checkInt,
  flag: checkFlag,
  status: checkStatus,
  regex: checkRegex,
  "regex-fmt": checkRegex,
  subst: checkSubst,
  route: checkHandlerName,
  methods: checkMethods,
  header: checkHeader,
  uri: checkUri,
  host: checkHost,
};

/** Reports at most one fault of a constant argument. */
export function checkConstant(context: CheckContext, constant: Constant): void {
  const { spec, text, argument } = constant;
  const hasVariables = argument.kind === "string" && text.includes("$");
  if (hasVariables && spec.kind !== "regex" && spec.kind !== "subst") {
    if (spec.kind !== "regex-fmt" || /\$[A-Za-z_(]/.test(text)) return;
  }
  const check = checkers[spec.kind];
  if (check !== undefined && !check(context, constant)) return;
  if (!checkWords(context, constant)) return;
  checkPattern(context, constant);
}

function checkInt(context: CheckContext, { spec, text, argument, name }: Constant): boolean {
  const value = integer(text);
  if (value === undefined) {
    if (spec.values?.includes(text) === true) return true;
    const message = `${spec.name} of ${name}() must be a number, not "${text}"`;
    context.report(checkCodes.argumentKind, argument.span, message);
    return false;
  }
  const { min = -Infinity, max = Infinity } = spec;
  if (value >= min && value <= max) return true;
  const message = `${spec.name} of ${name}() must be ${range(min, max)}, not ${value}`;
  context.report(checkCodes.argumentRange, argument.span, message);
  return false;
}

function checkFlag(context: CheckContext, { text, argument, spec }: Constant): boolean {
  if (context.facts.flags.has(text)) return true;
  const value = integer(text);
  if (value === undefined) {
    context.report(checkCodes.unknownFlag, argument.span, `there is no flag ${text}`, {
      once: text,
      help: suggestion(text, context.facts.flags) ?? "write its number or declare it with flags",
    });
    return false;
  }
  const { min = 0, max = 31 } = spec;
  if (value >= min && value <= max) return true;
  const message = `a flag is a number from ${min} to ${max}, not ${value}`;
  context.report(checkCodes.flagRange, argument.span, message);
  return false;
}

/** RFC 3261, 7.2. */
function checkStatus(context: CheckContext, { text, argument, spec }: Constant): boolean {
  const value = integer(text);
  const { min = 100, max = 699 } = spec;
  if (value !== undefined && value >= min && value <= max) return true;
  const message = `a status code is a number from ${min} to ${max}, not ${text || "nothing"}`;
  context.report(checkCodes.badStatus, argument.span, message);
  return false;
}

function checkRegex(context: CheckContext, { text, argument }: Constant): boolean {
  const problem = regexProblem(text);
  if (problem !== undefined) {
    const message = `invalid regular expression: ${problem}`;
    context.report(checkCodes.badRegex, argument.span, message);
    return false;
  }
  if (slowPattern(text)) {
    const message = "this regular expression can take very long on some texts";
    context.report(checkCodes.slowRegex, argument.span, message);
  }
  return true;
}

function checkSubst(context: CheckContext, { text, argument }: Constant): boolean {
  const { problem } = readSubstitution(text);
  if (problem === undefined) return true;
  context.report(checkCodes.badSubstitution, argument.span, `bad substitution: ${problem}`, {
    help: "write /pattern/replacement/flags",
  });
  return false;
}

function checkHeader(context: CheckContext, { text, argument, spec, name }: Constant): boolean {
  const bare = text.replace(/\[-?\d+\]$/, "").replace(/:\s*$/, "");
  if (TOKEN.test(bare)) return true;
  const message =
    bare === ""
      ? `${spec.name} of ${name}() must be the name of a header, not empty`
      : `"${text}" is not a name that a header can have`;
  context.report(checkCodes.badHeaderName, argument.span, message);
  return false;
}

function checkUri(context: CheckContext, { text, argument }: Constant): boolean {
  if (text === "" || /^<?(?:sips?|tels?|urn|msrps?|https?|wss?):\S+$/i.test(text)) return true;
  const message = `"${text}" is not a URI`;
  const help = /\s/.test(text) ? undefined : `did you mean sip:${text}?`;
  context.report(checkCodes.argumentForm, argument.span, message, { help });
  return false;
}

function checkHost(context: CheckContext, { text, argument }: Constant): boolean {
  if (text === "" || /^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:]+|[A-Za-z0-9._-]+)$/.test(text)) {
    if (!/^\d+(?:\.\d+){3}$/.test(text) || isIpv4(text)) return true;
  }
  context.report(checkCodes.badAddress, argument.span, `"${text}" is not a host name or address`);
  return false;
}

function isIpv4(text: string): boolean {
  return text.split(".").every((part) => Number(part) <= 255);
}

function checkWords(context: CheckContext, constant: Constant): boolean {
  const { spec, text, argument, name } = constant;
  const values = spec.values ?? (isLogLevel(spec) ? logLevels : undefined);
  if (values === undefined) return true;
  const words = values.map(String);
  if (words.includes(text)) return true;
  const number = integer(text);
  if (number !== undefined && words.some((word) => integer(word) === number)) return true;
  if (words.some((word) => word.startsWith("L_"))) return checkLogLevel(context, constant, words);
  const message = `${spec.name} of ${name}() must be one of ${words.join(", ")}, not "${text}"`;
  context.report(checkCodes.argumentWord, argument.span, message, {
    help: suggestion(text, words),
  });
  return false;
}

const logLevels = "L_ALERT L_BUG L_CRIT L_ERR L_WARN L_NOTICE L_INFO L_DBG".split(" ");

/** Levels are texts with variables where they may be worked out at run time. */
function isLogLevel({ name, kind }: ArgumentSpec): boolean {
  return name === "level" && kind === "fmt";
}

/** Kamailio tells log levels apart by their third letter: `L_WARNING` and `L_ERROR` are right, too. */
function checkLogLevel(
  context: CheckContext,
  { text, argument }: Constant,
  words: readonly string[],
): boolean {
  if (/^L_(?:ALERT|BUG|CRIT2?|CRITICAL|ERR|ERROR|WARN|WARNING|NOTICE|INFO|DBG|DEBUG)$/.test(text)) {
    return true;
  }
  const isTaken = /^L_[ABCDEINW]/.test(text);
  const kind = isTaken ? checkCodes.oddLogLevel : checkCodes.unknownLogLevel;
  context.report(kind, argument.span, `there is no log level ${text}`, {
    help: suggestion(text, words) ?? `one of ${words.join(", ")}`,
  });
  return false;
}

function checkPattern(context: CheckContext, { spec, text, argument, name }: Constant): void {
  if (spec.pattern === undefined || new RegExp(spec.pattern.regex).test(text)) return;
  const message = `${spec.name} of ${name}() must be ${spec.pattern.says}, not "${text}"`;
  context.report(checkCodes.argumentForm, argument.span, message);
}

/** An integer as the language writes it: decimal, `0x1f`, `017`, `101b`. */
export function integer(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[-+]?\d+$/.test(trimmed)) return Number(trimmed);
  if (/^[-+]?0x[0-9a-f]+$/i.test(trimmed)) {
    const isNegative = trimmed.startsWith("-");
    const value = Number.parseInt(trimmed.replace(/^[-+]/, ""), 16);
    return isNegative ? -value : value;
  }
  return undefined;
}

function range(min: number, max: number): string {
  if (min === -Infinity) return `at most ${max}`;
  return max === Infinity ? `at least ${min}` : `${min} to ${max}`;
}
