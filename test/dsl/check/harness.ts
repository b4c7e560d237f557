/** Checks a text and hands back what was said about it, reading included. */
import { allFindings } from "../../../src/dsl/check/check.ts";
import type { Catalog } from "../../../src/dsl/catalog/catalog.ts";
import type { Diagnostic } from "../../../src/dsl/diagnostics/diagnostic.ts";
import { readConfig } from "../../../src/dsl/read.ts";
import { testCatalog } from "./catalog.ts";

/** All findings about a text, without advice unless it is asked for. */
export function findings(
  text: string,
  catalog: Catalog = testCatalog,
  advice = false,
): readonly Diagnostic[] {
  const read = readConfig({ text, name: "test.cfg" });
  return allFindings(read, catalog, { advice });
}

/** The line of a finding, from 1. */
export function lineOf({ span }: Diagnostic): number {
  return span.source.text.slice(0, span.start).split("\n").length;
}

/** `12 E301 there is no function foo()`, as tests compare it. */
export function summary(diagnostic: Diagnostic): string {
  return `${lineOf(diagnostic)} ${diagnostic.code} ${diagnostic.message}`;
}
