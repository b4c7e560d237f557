/** Prints diagnostics: as a frame with a caret, as plain data for JSON, or in one line. */
import type { Span } from "../source.ts";
import type { Diagnostic, Severity } from "./diagnostic.ts";
import { Positions } from "./positions.ts";

export interface RenderOptions {
  /** ANSI colours; default none. */
  readonly colour?: boolean;
  /** Line tables to share between calls. */
  readonly positions?: Positions;
}

/** The form for machines; lines and columns count from 1, the end is exclusive. */
export interface DiagnosticData {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly help?: string;
  readonly related?: readonly { file: string; line: number; column: number; message: string }[];
}

/** Longest source line that is printed; longer ones are cut around the caret. */
const FRAME_WIDTH = 120;

const COLOURS = { error: "31", warning: "33", info: "36", dim: "2", bold: "1" } as const;

function paint(text: string, colour: keyof typeof COLOURS, on: boolean): string {
  return on ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
}

/** A window of a long line around the marked columns, with the mark moved accordingly. */
function cut(line: string, column: number): { text: string; shift: number } {
  if (line.length <= FRAME_WIDTH) return { text: line, shift: 0 };
  const from = Math.max(0, Math.min(column - FRAME_WIDTH / 2, line.length - FRAME_WIDTH));
  const head = from > 0 ? "..." : "";
  const tail = from + FRAME_WIDTH < line.length ? "..." : "";
  return {
    text: head + line.slice(from, from + FRAME_WIDTH) + tail,
    shift: from - head.length,
  };
}

/** The marked line with its number and carets below; `label` stands behind the carets. */
function frame(span: Span, label: string, positions: Positions): string[] {
  const start = positions.at(span.source, span.start);
  const end = positions.at(span.source, Math.max(span.start, span.end));
  const line = positions.line(span.source, start.line);
  const { text, shift } = cut(line, start.column - 1);
  const number = String(start.line);
  const gap = " ".repeat(number.length);
  const lastColumn = end.line === start.line ? end.column : line.length + 1;
  const width = Math.max(1, Math.min(lastColumn, shift + text.length + 1) - start.column);
  const before = text.slice(0, Math.max(0, start.column - 1 - shift));
  // Tabs are kept, so that the caret stands below its character whatever a tab is worth.
  const indent = before.replace(/[^\t]/g, " ");
  const more = end.line === start.line ? "" : "...";
  const note = label === "" ? "" : ` ${label}`;
  return [` ${number} | ${text}`, ` ${gap} | ${indent}${"^".repeat(width)}${more}${note}`];
}

function place(span: Span, positions: Positions): string {
  const { line, column } = positions.at(span.source, span.start);
  return `${span.source.name}:${line}:${column}`;
}

/** The finding with its source line, a caret, further places and the cure. */
export function renderFrame(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const positions = options.positions ?? new Positions();
  const colour = options.colour === true;
  const head = `${diagnostic.severity} ${diagnostic.code}`;
  const lines = [
    `${paint(place(diagnostic.span, positions), "bold", colour)}: ` +
      `${paint(head, diagnostic.severity, colour)}: ${diagnostic.message}`,
    ...frame(diagnostic.span, "", positions),
  ];
  for (const entry of diagnostic.related ?? []) {
    lines.push(paint(` --> ${place(entry.span, positions)}`, "dim", colour));
    lines.push(...frame(entry.span, entry.message, positions));
  }
  if (diagnostic.help !== undefined) lines.push(` = help: ${diagnostic.help}`);
  return lines.join("\n");
}

/** The finding as plain data. */
export function toData(diagnostic: Diagnostic, positions = new Positions()): DiagnosticData {
  const { span } = diagnostic;
  const start = positions.at(span.source, span.start);
  const end = positions.at(span.source, Math.max(span.start, span.end));
  return {
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    file: span.source.name,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    ...(diagnostic.help === undefined ? {} : { help: diagnostic.help }),
    ...(diagnostic.related === undefined
      ? {}
      : {
          related: diagnostic.related.map((entry) => ({
            file: entry.span.source.name,
            ...positions.at(entry.span.source, entry.span.start),
            message: entry.message,
          })),
        }),
  };
}

/** The finding in the words that watchers of Kamailio's log look for. */
export function renderLine(diagnostic: Diagnostic, positions = new Positions()): string {
  const data = toData(diagnostic, positions);
  const kind = data.severity === "error" ? "parse error" : data.severity;
  const lastColumn = Math.max(data.column, data.endColumn - 1);
  const where =
    data.line === data.endLine
      ? `line ${data.line}, column ${data.column}${lastColumn > data.column ? `-${lastColumn}` : ""}`
      : `from line ${data.line}, column ${data.column} to line ${data.endLine}, column ${data.endColumn}`;
  return `${kind} in config file ${data.file}, ${where}: ${data.message} [${data.code}]`;
}
