/** Checks a configuration that was read: all rules in one walk, one finding for each fault. */
import type { Catalog } from "../catalog/catalog.ts";
import { checkCodes } from "../diagnostics/codes-checks.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { Positions } from "../diagnostics/positions.ts";
import type { ReadResult } from "../read.ts";
import type { Source } from "../source.ts";
import { CheckContext, type CheckOptions } from "./context.ts";
import { rules } from "./rules.ts";
import { Walker } from "./walk.ts";

export type { CheckOptions } from "./context.ts";

/**
 * All that reading and checking say about a configuration. When a misspelt directive is behind all errors of the checker, only
 * that is said.
 */
export function allFindings(
  read: ReadResult,
  catalog: Catalog,
  options: CheckOptions = {},
): Diagnostic[] {
  const all = [...read.diagnostics, ...checkConfig(read, catalog, options)];
  if (!all.some(isError)) return all;
  const meant = read.asMeant?.();
  if (meant === undefined) return all;
  const rest = [...meant.diagnostics, ...checkConfig(meant, catalog, options, true)];
  const isExplained = rest.every((entry) => entry.code === "E125" || !isError(entry));
  return isExplained ? rest : all;
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

/**
 * What is wrong with a configuration beyond its grammar, in the order of the text. What the reading said is not repeated; where
 * it found faults, the checker is silent about what probably follows from them.
 */
export function checkConfig(
  read: ReadResult,
  catalog: Catalog,
  options: CheckOptions = {},
  isMeant = false,
): Diagnostic[] {
  if (read.diagnostics.some((entry) => isAboutText(entry) && !(isMeant && entry.code === "E125"))) {
    return [];
  }
  const context = new CheckContext(read.config, read.preprocess, catalog);
  const visitors = rules.map((rule) => rule(context));
  new Walker(context, visitors).walk(read.config.items);
  const advice = options.advice ?? true;
  const findings = blameDefines(context.finish(), read).filter(
    ({ severity }) => advice || severity !== "info",
  );
  return inOrder(withoutEchoes(withoutHints(findings), read), read).slice(
    0,
    options.maxDiagnostics ?? 100,
  );
}

/**
 * What a misspelt `#!ifdef` leaves out may be what is missing elsewhere: then the name is the fault, and the rest follows from it.
 */
function blameDefines(findings: readonly Diagnostic[], read: ReadResult): readonly Diagnostic[] {
  const { misspeltDefine, brokenDefine } = checkCodes;
  const isBlamed = ({ code }: Diagnostic): boolean => code === misspeltDefine.code;
  if (!findings.some(isBlamed)) return findings;
  const leftOut = read.preprocess.skipped.map(({ source, start, end }) =>
    source.text.slice(start, end),
  );
  const isConsequence = (finding: Diagnostic): boolean =>
    dependsOnOthers.has(finding.code) && leftOut.some((text) => couldDeclare(text, finding));
  if (!findings.some(isConsequence)) return findings;
  const { code, severity } = brokenDefine;
  return findings
    .filter((finding) => !isConsequence(finding))
    .map((finding) => (isBlamed(finding) ? { ...finding, code, severity } : finding));
}

/** Whether a text that was left out may hold what a finding misses: the name that it points at, or a module. */
function couldDeclare(text: string, { span }: Diagnostic): boolean {
  if (text.includes("loadmodule")) return true;
  const name = /[\w.:-]+/.exec(span.source.text.slice(span.start, span.end))?.[0];
  return name === undefined || text.includes(name);
}

/** Open strings, comments and conditions change the meaning of all that follows. */
function isAboutText({ code }: Diagnostic): boolean {
  return code.startsWith("E1") || code === "W103";
}

/** A joined text is worth a word only where it is not a fault anyhow. */
function withoutHints(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const { code: joined } = checkCodes.joinedTexts;
  if (!findings.some(({ code }) => code === joined)) return findings;
  const positions = new Positions();
  const faults = new Set(findings.filter(isError).map(({ span }) => lineOf(span, positions)));
  return findings.filter(
    ({ code, span }) => code !== joined || !faults.has(lineOf(span, positions)),
  );
}

/** Keeps the first finding of each stretch, and leaves out what probably follows from faults of the text. */
function withoutEchoes(findings: readonly Diagnostic[], read: ReadResult): Diagnostic[] {
  const positions = new Positions();
  const faults = read.diagnostics.filter(
    ({ severity, code }) => severity === "error" || code === "W225",
  );
  const brokenLines = new Set(faults.map(({ span }) => lineOf(span, positions)));
  const broken = faults.filter(({ code }) => !leavesTreeWhole.has(code));
  const kept: Diagnostic[] = [];
  const taken = new Set<string>();
  for (const finding of findings) {
    const { span, severity, code } = finding;
    const place = `${span.source.name}\n${span.start}`;
    if (taken.has(place)) continue;
    if (broken.length > 0 && (severity !== "error" || dependsOnOthers.has(code))) continue;
    if (brokenLines.has(lineOf(span, positions))) continue;
    taken.add(place);
    kept.push(finding);
  }
  return kept;
}

/**
 * Faults of the grammar behind which nothing is lost: an assignment as a condition, an operator of another language, a bare name, a
 * case label.
 */
const leavesTreeWhole: ReadonlySet<string> = new Set([
  "E206",
  "E214",
  "E216",
  "E218",
  "E221",
  "E222",
  "E223",
]);

/** Findings that may vanish once the rest of the text can be read: something may be declared there. */
const dependsOnOthers: ReadonlySet<string> = new Set(
  [
    checkCodes.unknownRoute,
    checkCodes.unknownHandler,
    checkCodes.unknownFlag,
    checkCodes.unknownCustomGlobal,
    checkCodes.moduleNotLoaded,
    checkCodes.dependencyOrder,
    checkCodes.moduleLater,
    checkCodes.duplicateRoute,
    checkCodes.routeKind,
  ].map(({ code }) => code),
);

function lineOf({ source, start }: Diagnostic["span"], positions: Positions): string {
  return `${source.name}\n${positions.at(source, start).line}`;
}

function inOrder(findings: Diagnostic[], read: ReadResult): Diagnostic[] {
  const order = new Map<Source, number>();
  read.preprocess.sources.forEach((source, index) => order.set(source, index));
  return findings.sort(
    (a, b) =>
      (order.get(a.span.source) ?? 0) - (order.get(b.span.source) ?? 0) ||
      a.span.start - b.span.start,
  );
}
