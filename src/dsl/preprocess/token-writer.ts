/** Puts tokens into the stream: expands definitions, substitutes in strings, joins them, notices loaded modules. */
import type { Report } from "../diagnostics/report.ts";
import type { Source, Span } from "../source.ts";
import type { ConfigLexer, ConfigToken, Lexed } from "../syntax/lexer.ts";
import { spanOf, stringValue } from "../syntax/string-literal.ts";
import { DoubleQuoted, SingleQuoted, VariableToken } from "../syntax/tokens/literals.ts";
import {
  Identifier,
  ImportFile,
  ImportFiles,
  IncludeFile,
  LoadModule,
  LoadModuleX,
} from "../syntax/tokens/words.ts";
import type { Conditions } from "./conditions.ts";
import type { DefineTable } from "./defines.ts";
import type { Define, Substitution } from "./result.ts";
import { applySubstitutions } from "./substitution.ts";

/** More tokens than any configuration has; definitions can multiply. */
const MAX_TOKENS = 2_000_000;
const MAX_EXPANSION_DEPTH = 64;

/** An include statement whose file name has been read. */
export type IncludeHandler = (keyword: ConfigToken, file: ConfigToken) => void;

/** What the writer works with. */
export interface WriterContext {
  readonly lexer: ConfigLexer;
  readonly report: Report;
  readonly defines: DefineTable;
  readonly conditions: Conditions;
  readonly onInclude: IncludeHandler;
}

interface Replacement {
  readonly tokens: readonly ConfigToken[];
  /** A comment in the value: the rest of the line where the name stands is lost. */
  readonly hasComment: boolean;
}

/** The token stream under construction. */
export class TokenWriter {
  readonly tokens: ConfigToken[] = [];
  readonly substitutions: Substitution[] = [];
  readonly used = new Set<string>();
  readonly expansions: { span: Span; define: Define }[] = [];
  readonly #lexer: ConfigLexer;
  readonly #report: Report;
  readonly #defines: DefineTable;
  readonly #conditions: Conditions;
  readonly #onInclude: IncludeHandler;
  readonly #replacements = new Map<Define, Replacement>();
  readonly #expanding: string[] = [];
  #include: ConfigToken | undefined;
  /** After a bad include statement, the rest of its line is dropped. */
  #lostUntil = -1;
  #isFull = false;

  constructor(context: WriterContext) {
    this.#lexer = context.lexer;
    this.#report = context.report;
    this.#defines = context.defines;
    this.#conditions = context.conditions;
    this.#onInclude = context.onInclude;
  }

  /** No room for more tokens: reading ends. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /**
   * Adds the tokens of a stretch of text; gives back the offset behind what was added. That is less than `end` when an included
   * file has left a condition open that does not hold.
   */
  write(source: Source, start: number, end: number): number {
    const lexed = this.#lexer.lex(source, start, end);
    this.#reportErrors(lexed, source, start);
    let lost = -1;
    this.#lostUntil = -1;
    for (const token of lexed.tokens) {
      if (this.#isFull) return end;
      if (token.startOffset < Math.max(lost, this.#lostUntil)) continue;
      if (this.#add(token)) {
        const newline = source.text.indexOf("\n", token.startOffset);
        lost = newline < 0 ? source.text.length : newline;
      }
      if (!this.#conditions.isActive) return (token.endOffset ?? token.startOffset) + 1;
    }
    return end;
  }

  /** Whether the value of a name was put anywhere. */
  hasExpanded(define: Define): boolean {
    return this.#replacements.has(define);
  }

  /** Adds a token made by hand; its name is not looked up. */
  push(token: ConfigToken): void {
    this.#push(token);
  }

  /** At the end of a text: an include statement must not lack its file name. */
  finishText(): void {
    if (this.#include !== undefined) this.#badInclude(this.#include);
    this.#include = undefined;
  }

  #reportErrors(lexed: Lexed, source: Source, start: number): void {
    for (const error of lexed.errors) {
      const at = start + error.offset;
      const text = source.text.slice(at, at + error.length);
      if (text === "\uFEFF") continue;
      const span = { source, start: at, end: at + error.length };
      this.#report.add("W104", `'${text}' means nothing here and is passed over`, span);
    }
  }

  /** Adds a token or what it stands for; true when a comment swallows the rest of the line. */
  #add(token: ConfigToken): boolean {
    if (token.tokenType !== Identifier) {
      this.#push(token);
      return false;
    }
    const define = this.#defines.get(token.image);
    if (define === undefined) {
      this.#push(token);
      return false;
    }
    return this.#expand(token, define);
  }

  #expand(token: ConfigToken, define: Define): boolean {
    this.used.add(define.name);
    if (define.value === undefined) return false;
    if (this.#expanding.includes(define.name) || this.#expanding.length >= MAX_EXPANSION_DEPTH) {
      const related = define.span && [{ span: define.span, message: "defined here" }];
      const message = `'${define.name}' is defined by itself`;
      this.#report.add("E113", message, spanOf(token), { related });
      return false;
    }
    if (this.#expanding.length === 0) this.expansions.push({ span: spanOf(token), define });
    const { tokens, hasComment } = this.#replacement(define, token);
    this.#expanding.push(define.name);
    let swallows = hasComment;
    for (const part of tokens) {
      if (this.#isFull) break;
      const copy: ConfigToken = {
        ...part,
        startOffset: token.startOffset,
        endOffset: token.endOffset ?? token.startOffset,
        source: token.source,
        define,
      };
      if (this.#add(copy)) swallows = true;
    }
    this.#expanding.pop();
    return swallows;
  }

  #replacement(define: Define, use: ConfigToken): Replacement {
    const known = this.#replacements.get(define);
    if (known !== undefined) return known;
    const source: Source = { name: `<${define.name}>`, text: define.value ?? "" };
    const lexed = this.#lexer.lex(source, 0, source.text.length);
    const place = define.span ?? spanOf(use);
    if (define.lacksQuote === true) {
      const message = `the value of '${define.name}' has a string that is not closed`;
      this.#report.add("E102", message, place);
    }
    for (const error of lexed.errors) {
      const text = source.text.slice(error.offset, error.offset + error.length);
      if (text.startsWith('"') || text.startsWith("'")) {
        this.#report.add(
          "E102",
          `the value of '${define.name}' has a string that is not closed`,
          place,
        );
      } else
        this.#report.add("W104", `'${text}' in the value of '${define.name}' means nothing`, place);
    }
    const replacement = { tokens: lexed.tokens, hasComment: lexed.comments.length > 0 };
    this.#replacements.set(define, replacement);
    return replacement;
  }

  #push(token: ConfigToken): void {
    if (this.tokens.length >= MAX_TOKENS) {
      if (!this.#isFull) {
        this.#report.add("E121", `the text grows beyond ${MAX_TOKENS} words`, spanOf(token));
      }
      this.#isFull = true;
      return;
    }
    const type = token.tokenType;
    if (this.#include !== undefined && this.#takeFileName(this.#include, token)) return;
    if (type === IncludeFile || type === ImportFile || type === ImportFiles) {
      this.#include = token;
      return;
    }
    if (type === DoubleQuoted || type === SingleQuoted) {
      this.#substitute(token);
      if (this.#join(token)) return;
      this.#noticeModule(token);
    } else if (type === VariableToken) this.#substitute(token);
    this.tokens.push(token);
  }

  /** What stands behind an include keyword; true when it is used up. */
  #takeFileName(keyword: ConfigToken, token: ConfigToken): boolean {
    this.#include = undefined;
    if (token.tokenType === DoubleQuoted) {
      this.#substitute(token);
      this.#onInclude(keyword, token);
      return true;
    }
    this.#badInclude(keyword);
    const { text } = token.source;
    const newline = text.indexOf("\n", keyword.startOffset);
    const lineEnd = newline < 0 ? text.length : newline;
    if (token.source !== keyword.source || token.startOffset >= lineEnd) return false;
    this.#lostUntil = lineEnd;
    return true;
  }

  #badInclude(keyword: ConfigToken): void {
    const message = `${keyword.image} needs a file name in double quotes`;
    this.#report.add("E105", message, spanOf(keyword));
  }

  #substitute(token: ConfigToken): void {
    if (this.substitutions.length === 0) return;
    const isVariable = token.tokenType === VariableToken;
    const before = isVariable ? token.image : stringValue(token.image);
    const after = applySubstitutions(before, this.substitutions);
    if (after !== before) token.value = after;
  }

  /** A string right behind one that came from a definition continues it. */
  #join(token: ConfigToken): boolean {
    const previous = this.tokens.at(-1);
    if (previous?.tokenType !== DoubleQuoted || previous.define === undefined) return false;
    if (token.tokenType !== DoubleQuoted || token.define !== undefined) return false;
    if (previous.source === token.source) {
      const between = token.source.text.slice((previous.endOffset ?? 0) + 1, token.startOffset);
      if (between.trim() !== "") return false;
      previous.endOffset = token.endOffset ?? token.startOffset;
    }
    previous.value =
      (previous.value ?? stringValue(previous.image)) + (token.value ?? stringValue(token.image));
    return true;
  }

  #noticeModule(token: ConfigToken): void {
    const previous = this.tokens.at(-1)?.tokenType;
    if (previous !== LoadModule && previous !== LoadModuleX) return;
    const path = token.value ?? stringValue(token.image);
    const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
    if (!/^\w{1,60}$/.test(name)) return;
    this.#defines.define(`MOD_${name}`, undefined, "try", {
      origin: "module",
      span: spanOf(token),
    });
  }
}
