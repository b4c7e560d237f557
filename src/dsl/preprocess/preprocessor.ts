/** Puts a configuration together: follows includes and conditions, and delivers one stream of tokens. */
import { Report } from "../diagnostics/report.ts";
import type { Source } from "../source.ts";
import type { ConfigLexer, ConfigToken } from "../syntax/lexer.ts";
import { spanOf, stringValue } from "../syntax/string-literal.ts";
import { DoubleQuoted, VariableToken } from "../syntax/tokens/literals.ts";
import { ImportFile, ImportFiles } from "../syntax/tokens/words.ts";
import { type Boundary, endOfLine, nextBoundary, nextCondition, type Scan } from "./active-text.ts";
import { endsOnGoodLine, looksLikeCode, plausibleEnd } from "./broken-string.ts";
import { Conditions } from "./conditions.ts";
import { DefineTable } from "./defines.ts";
import { Directives } from "./directives.ts";
import { Remedies, type Suspect } from "./remedies.ts";
import type { FileReader, PreprocessResult, TestedName } from "./result.ts";
import { TokenWriter } from "./token-writer.ts";
import type { Span } from "../source.ts";

/** As Kamailio. */
const MAX_INCLUDE_DEPTH = 10;
const MAX_INCLUDES = 5000;

export interface PreprocessOptions {
  readonly files?: FileReader | undefined;
  readonly environment?: ((name: string) => string | undefined) | undefined;
  readonly defines?: readonly string[] | undefined;
  readonly maxDiagnostics?: number | undefined;
}

/** The tokens of a whole configuration. */
export interface Preprocessed {
  readonly tokens: ConfigToken[];
  readonly report: Report;
  readonly result: PreprocessResult;
  /** What may be the fault, if there is one. */
  readonly suspects: readonly Suspect[];
}

class Preprocessor {
  readonly report: Report;
  readonly writer: TokenWriter;
  readonly #files: FileReader | undefined;
  readonly #remedies: Remedies;
  readonly #conditions: Conditions;
  readonly #defines: DefineTable;
  readonly #directives: Directives;
  readonly #sources: Source[] = [];
  readonly #tested: TestedName[] = [];
  readonly #skipped: Span[] = [];
  readonly #missing: Span[] = [];
  readonly #suspects: Suspect[] = [];
  #depth = 0;

  constructor(lexer: ConfigLexer, options: PreprocessOptions, remedies: Remedies) {
    this.report = new Report(options.maxDiagnostics);
    this.#files = options.files;
    this.#remedies = remedies;
    this.#conditions = new Conditions(this.report);
    this.#defines = new DefineTable(options.defines ?? []);
    this.writer = new TokenWriter({
      lexer,
      report: this.report,
      defines: this.#defines,
      conditions: this.#conditions,
      onInclude: (keyword, file) => {
        this.#include(keyword, file);
      },
    });
    this.#directives = new Directives({
      report: this.report,
      defines: this.#defines,
      conditions: this.#conditions,
      substitutions: this.writer.substitutions,
      tested: this.#tested,
      used: this.writer.used,
      environment: options.environment ?? (() => undefined),
    });
  }

  run(source: Source): Preprocessed {
    this.#read(source);
    this.#conditions.finish();
    this.#warnOfOpenValues();
    return {
      tokens: this.writer.tokens,
      report: this.report,
      suspects: this.#suspects,
      result: {
        sources: this.#sources,
        defines: this.#defines.all,
        tested: this.#tested,
        used: this.writer.used,
        substitutions: this.writer.substitutions,
        skipped: this.#skipped,
        expansions: this.writer.expansions,
        missingImports: this.#missing,
      },
    };
  }

  #read(source: Source): void {
    this.#sources.push(source);
    const { text } = source;
    const { directives: lenient } = this.#remedies;
    const scan: Scan = {
      ends: this.#remedies.endsIn(source.name),
      lenient,
      onLongString: (start, end) => {
        this.#suspectString({ source, start, end });
      },
    };
    let at = 0;
    while (at < text.length && !this.writer.isFull) {
      if (!this.#conditions.isActive) {
        const boundary = nextCondition(text, at, lenient);
        this.#skipped.push({ source, start: at, end: boundary.offset });
        at = this.#pass(source, boundary);
        continue;
      }
      const boundary = nextBoundary(text, at, scan);
      const written = this.writer.write(source, at, boundary.offset);
      at = written < boundary.offset ? written : this.#pass(source, boundary);
    }
    this.writer.finishText();
  }

  #suspectString(span: Span): void {
    const isStrong = endsOnGoodLine(span.source.text, span);
    if (!isStrong && !looksLikeCode(span.source.text, span)) return;
    this.#suspects.push({ kind: "string", span, isStrong, isCertain: false });
  }

  #warnOfOpenValues(): void {
    for (const define of this.#defines.all.values()) {
      if (define.lacksQuote !== true || define.span === undefined) continue;
      if (this.writer.hasExpanded(define)) continue;
      const message = `the value of '${define.name}' has a string that is not closed`;
      this.report.add("W127", message, define.span);
    }
  }

  /** Goes past a boundary; gives back where the text goes on. */
  #pass(source: Source, boundary: Boundary): number {
    const { text } = source;
    switch (boundary.kind) {
      case "end":
        return text.length;
      case "directive":
        return this.#directives.run(source, boundary);
      case "misspelt-directive":
        return this.#directives.misspelt(source, boundary);
      case "unknown-directive":
        this.#directives.unknown(source, boundary);
        return endOfLine(text, boundary.offset);
      case "comment":
        return this.#closeComment(source, boundary);
      case "string":
        return this.#closeString(source, boundary.offset);
      case "variable":
        return this.#closeVariable(source, boundary.offset);
      case "foreign-quote":
        return this.#closeForeign(source, boundary);
    }
  }

  #closeComment(source: Source, { offset: start, end }: Boundary): number {
    const known = this.#remedies.endsIn(source.name)?.get(start);
    const span = { source, start, end };
    if (known === undefined) {
      this.#suspects.push({ kind: "comment", span, isStrong: false, isCertain: false });
      const message = "this comment is never closed, so the rest of the file is part of it";
      this.report.add("W103", message, span);
      return source.text.length;
    }
    const message = "this comment is never closed and swallows the statements behind it";
    this.report.add("E124", message, span, { help: "a comment inside a comment has its own '*/'" });
    return known;
  }

  #closeForeign(source: Source, { offset: start, end }: Boundary): number {
    const span = { source, start, end };
    const message = "a string has straight quotes, not typographic ones";
    this.report.add("E126", message, span, { help: "write \" or '" });
    this.#pushRepaired(source, start, end, "string");
    return end;
  }

  #closeString(source: Source, start: number): number {
    const end = plausibleEnd(source.text, start);
    const span = { source, start, end };
    if (this.#remedies.endsIn(source.name)?.has(start) !== true) {
      this.#suspects.push({ kind: "string", span, isStrong: true, isCertain: true });
    }
    this.report.add("E102", "this string is never closed", span);
    this.#pushRepaired(source, start, end, "string");
    return end;
  }

  #closeVariable(source: Source, start: number): number {
    const line = source.text.slice(start, endOfLine(source.text, start));
    const tail = /\s*(?:;|\)?\s*\{)?\s*$/.exec(line);
    const end = start + Math.max(1, tail?.index ?? line.length);
    const message = "the parenthesis of this variable is not closed on its line";
    this.report.add("E119", message, { source, start, end });
    this.#pushRepaired(source, start, end, "variable");
    return end;
  }

  /** A token in the place of text that was reported already. */
  #pushRepaired(source: Source, start: number, end: number, kind: "string" | "variable"): void {
    const type = kind === "string" ? DoubleQuoted : VariableToken;
    this.writer.push({
      image: kind === "string" ? '""' : "$null",
      startOffset: start,
      endOffset: Math.max(start, end - 1),
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx ?? 0,
      source,
      define: undefined,
      value: kind === "string" ? source.text.slice(start + 1, end) : "$null",
    });
  }

  #include(keyword: ConfigToken, file: ConfigToken): void {
    const span = spanOf(file);
    const name = file.value ?? stringValue(file.image);
    const behind = span.source.text.charAt(span.end);
    if (behind !== "" && !/\s/.test(behind)) {
      const message = `nothing may stand right behind the file name of ${keyword.image}`;
      this.report.add("E105", message, { source: span.source, start: span.end, end: span.end + 1 });
    }
    if (this.#depth >= MAX_INCLUDE_DEPTH || this.#sources.length >= MAX_INCLUDES) {
      const message =
        this.#depth >= MAX_INCLUDE_DEPTH
          ? `includes are nested deeper than ${MAX_INCLUDE_DEPTH} files`
          : `more than ${MAX_INCLUDES} files are included`;
      this.report.add("E106", message, span);
      return;
    }
    const from = span.source.name;
    const paths =
      keyword.tokenType === ImportFiles
        ? this.#files?.glob(from, name)
        : this.#files?.resolve(from, name);
    const isFound = this.#readFiles(paths ?? [], keyword.tokenType === ImportFiles);
    if (isFound || keyword.tokenType === ImportFiles) return;
    if (keyword.tokenType === ImportFile) this.#missing.push(span);
    else this.report.add("E101", `the file '${name}' cannot be read`, span);
  }

  /** Reads all files, or the first that can be read. */
  #readFiles(paths: readonly string[], all: boolean): boolean {
    let isFound = false;
    for (const path of paths) {
      const text = this.#files?.read(path);
      if (text === undefined) continue;
      isFound = true;
      this.#depth += 1;
      this.#read({ name: path, text });
      this.#depth -= 1;
      if (!all) return true;
    }
    return isFound;
  }
}

/** Reads a source with all that it includes, with what `remedies` say about places that are broken. */
export function preprocess(
  source: Source,
  lexer: ConfigLexer,
  options: PreprocessOptions = {},
  remedies: Remedies = Remedies.none,
): Preprocessed {
  return new Preprocessor(lexer, options, remedies).run(source);
}
