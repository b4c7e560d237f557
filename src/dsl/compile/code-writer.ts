/** Collects lines of JavaScript with marks that tell which part of a configuration they stem from. */
import type { Span } from "../source.ts";
import type { Mapping } from "./source-map.ts";

/** A finished text with its mappings, in order. */
export interface MappedCode {
  readonly code: string;
  readonly mappings: readonly Mapping[];
}

/**
 * Marks are put into the text itself, between two control characters that no other text in it contains (string literals are
 * written by `literal`, which escapes them), and taken out at the end.
 */
export class CodeWriter {
  readonly #lines: string[] = [];
  readonly #spans: Span[] = [];
  #indent = 0;

  /** A mark that is to stand right before the code it belongs to. */
  mark(span: Span): string {
    return `\u0001${this.#spans.push(span) - 1}\u0002`;
  }

  line(text: string): void {
    this.#lines.push("  ".repeat(this.#indent) + text);
  }

  /** A line that opens a block. */
  open(text: string): void {
    this.line(text);
    this.#indent++;
  }

  close(text = "}"): void {
    this.#indent--;
    if (text !== "") this.line(text);
  }

  /** `} else {` and its like. */
  between(text: string): void {
    this.#indent--;
    this.line(text);
    this.#indent++;
  }

  /** Number of lines so far, to put declarations in later. */
  get place(): number {
    return this.#lines.length;
  }

  insert(place: number, lines: readonly string[]): void {
    const indent = "  ".repeat(this.#indent);
    const tail = this.#lines.splice(place);
    for (const line of lines) this.#lines.push(indent + line);
    for (const line of tail) this.#lines.push(line);
  }

  finish(): MappedCode {
    const mappings: Mapping[] = [];
    const code = this.#lines.map((marked, line) => {
      if (!marked.includes("\u0001")) return marked;
      let text = "";
      let at = 0;
      for (;;) {
        const start = marked.indexOf("\u0001", at);
        if (start < 0) return text + marked.slice(at);
        text += marked.slice(at, start);
        const end = marked.indexOf("\u0002", start);
        const span = this.#spans[Number(marked.slice(start + 1, end))] as Span;
        mappings.push({ line, column: text.length, span });
        at = end + 1;
      }
    });
    return { code: code.join("\n"), mappings };
  }
}

/** A string as a JavaScript literal, control characters escaped. */
export function literal(text: string): string {
  return JSON.stringify(text);
}
