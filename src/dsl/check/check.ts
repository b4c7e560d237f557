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
 * What is wrong with a configuration beyond its grammar, in the order of the text. What the reading said is not repeated; where
 * it found faults, the checker is silent about what probably follows from them.
 */
export function checkConfig(
  read: ReadResult,
  catalog: Catalog,
  options: CheckOptions = {},
): Diagnostic[] {
  if (read.diagnostics.some(isAboutText)) return [];
  const context = new CheckContext(read.config, read.preprocess, catalog);
  const visitors = rules.map((rule) => rule(context));
  new Walker(context, visitors).walk(read.config.items);
  const advice = options.advice ?? true;
  const findings = blameDefines(context.finish()).filter(
    ({ severity }) => advice || severity !== "info",
  );
  return inOrder(withoutEchoes(findings, read), read).slice(0, options.maxDiagnostics ?? 100);
}

/**
 * What a misspelt `#!ifdef` leaves out may be all that is missing elsewhere: then the name is the fault, and the rest
 * follows from it.
 */
function blameDefines(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const { misspeltDefine, brokenDefine } = checkCodes;
  const isBlamed = ({ code }: Diagnostic): boolean => code === misspeltDefine.code;
  const isConsequence = ({ code }: Diagnostic): boolean => dependsOnOthers.has(code);
  if (!findings.some(isBlamed) || !findings.some(isConsequence)) return findings;
  const { code, severity } = brokenDefine;
  return findings
    .filter((finding) => !isConsequence(finding))
    .map((finding) => (isBlamed(finding) ? { ...finding, code, severity } : finding));
}

/** Open strings, comments and conditions change the meaning of all that follows. */
function isAboutText({ code }: Diagnostic): boolean {
  return code.startsWith("E1") || code === "W103" || code === "W127";
}

/** Keeps the first finding of each stretch, and leaves out what probably follows from faults of the text. */
function withoutEchoes(findings: readonly Diagnostic[], read: ReadResult): Diagnostic[] {
  const positions = new Positions();
  const broken = read.diagnostics.filter(({ severity }) => severity === "error");
  const brokenLines = new Set(broken.map(({ span }) => lineOf(span, positions)));
  const kept: Diagnostic[] = [];
  const taken = new Set<string>();
  for (const finding of findings) {
    const { span, severity, code } = finding;
    const place = `${span.source.name}\n${span.start}`;
    if (taken.has(place)) continue;
    if (broken.length > 0) {
      if (severity !== "error" || dependsOnOthers.has(code)) continue;
      if (brokenLines.has(lineOf(span, positions))) continue;
    }
    taken.add(place);
    kept.push(finding);
  }
  return kept;
}

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
