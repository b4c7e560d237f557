/** Source maps (version 3) from compiled JavaScript to the files of a configuration. */
import { Positions } from "../diagnostics/positions.ts";
import type { Source, Span } from "../source.ts";

/** A place in the compiled text (line and column from 0) that stems from a place in a configuration. */
export interface Mapping {
  readonly line: number;
  readonly column: number;
  readonly span: Span;
}

/** The JSON form of a source map. */
export interface SourceMapJson {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A number as base 64 VLQ: sign in the lowest bit, five bits a digit. */
export function encodeVlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

/** Builds the map. `mappings` must be in the order of the compiled text. */
export function buildSourceMap(
  mappings: readonly Mapping[],
  nameOf: (source: Source) => string = (source) => source.name,
): SourceMapJson {
  const positions = new Positions();
  const sources = new Map<Source, number>();
  const last = { line: 0, column: 0, source: 0, sourceLine: 0, sourceColumn: 0 };
  let text = "";
  for (const { line, column, span } of mappings) {
    let separator = text === "" || text.endsWith(";") ? "" : ",";
    if (line > last.line) {
      separator = ";".repeat(line - last.line);
      last.line = line;
      last.column = 0;
    }
    let source = sources.get(span.source);
    if (source === undefined) sources.set(span.source, (source = sources.size));
    const place = positions.at(span.source, span.start);
    text +=
      separator +
      encodeVlq(column - last.column) +
      encodeVlq(source - last.source) +
      encodeVlq(place.line - 1 - last.sourceLine) +
      encodeVlq(place.column - 1 - last.sourceColumn);
    last.column = column;
    last.source = source;
    last.sourceLine = place.line - 1;
    last.sourceColumn = place.column - 1;
  }
  return {
    version: 3,
    sources: [...sources.keys()].map(nameOf),
    sourcesContent: [...sources.keys()].map((source) => source.text),
    names: [],
    mappings: text,
  };
}

/** The place in the configuration that a place in the compiled text (from 0) stems from: the last mapping before it. */
export function originalSpan(
  mappings: readonly Mapping[],
  line: number,
  column: number,
): Span | undefined {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const mapping = mappings[middle] as Mapping;
    const isBefore = mapping.line < line || (mapping.line === line && mapping.column <= column);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return mappings[low - 1]?.span;
}
