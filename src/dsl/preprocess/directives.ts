/** What each directive does; conditions are entered, names defined, substitutions noted. */
import type { Report } from "../diagnostics/report.ts";
import type { Source, Span } from "../source.ts";
import { endOfString } from "../syntax/scan.ts";
import { stringValue } from "../syntax/string-literal.ts";
import { type Boundary, endOfLine, meantDirective } from "./active-text.ts";
import { endsOnGoodLine, withMissingQuote } from "./broken-string.ts";
import type { Conditions } from "./conditions.ts";
import type { DefineTable } from "./defines.ts";
import { evaluateExpression } from "./expression.ts";
import type { Substitution, TestedName } from "./result.ts";
import { readSubstitution, type SubstitutionResult } from "./substitution.ts";

/** What directives act on. */
export interface DirectiveContext {
  readonly report: Report;
  readonly defines: DefineTable;
  readonly conditions: Conditions;
  readonly substitutions: Substitution[];
  readonly tested: TestedName[];
  readonly used: Set<string>;
  readonly environment: (name: string) => string | undefined;
}

const NAME = /[ \t\b\r]*([A-Za-z_]\w*)/y;
const NAMES_IN_EXPRESSION = /"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z_]\w*/g;

/** Carries out directives of one source. */
export class Directives {
  readonly #context: DirectiveContext;

  constructor(context: DirectiveContext) {
    this.#context = context;
  }

  /** Carries out the directive at a boundary; gives back the offset behind it. */
  run(source: Source, at: Boundary): number {
    const { name } = at;
    if (name.startsWith("if")) return this.#condition(source, at);
    if (name === "else" || name === "endif") return this.#turn(source, at);
    if (name.startsWith("subst")) return this.#substitution(source, at);
    if (name.includes("env")) return this.#environment(source, at);
    if (name === "undef") return this.#undefine(source, at);
    if (/[A-Z]/.test(name)) return this.#dialect(source, at);
    return this.#define(source, at);
  }

  /** Notes text that looks like a directive and is none. */
  unknown(source: Source, at: Boundary): void {
    const meant = meantDirective(at.name);
    this.#context.report.add(
      "W110",
      `'#!${at.name}' is no directive, so this line is a comment`,
      this.#span(source, at),
      { help: meant && `did you mean '#!${meant}'?` },
    );
  }

  /** Reports a misspelt directive and carries out what was meant. */
  misspelt(source: Source, at: Boundary): number {
    const written = source.text.slice(at.offset, at.end);
    const message = `'${written}' is no directive, so this line is a comment`;
    this.#context.report.add("E125", message, this.#span(source, at), {
      help: `did you mean '#!${at.name}'?`,
    });
    return this.run(source, at);
  }

  #span(source: Source, at: Boundary): Span {
    return { source, start: at.offset, end: at.end };
  }

  #dialect(source: Source, at: Boundary): number {
    const { text } = source;
    const end = endOfLine(text, at.offset);
    if (text.slice(at.end, end).trim() === "" && /^(SER|MAXCOMPAT|ALL)$/.test(at.name)) {
      const message = `the dialect ${at.name} is read as KAMAILIO`;
      this.#context.report.add("W118", message, this.#span(source, at));
    }
    return end;
  }

  #name(source: Source, at: Boundary): { name: string; span: Span } | undefined {
    const { text } = source;
    NAME.lastIndex = at.end;
    const found = NAME.exec(text);
    const end = NAME.lastIndex;
    if (found === null || text[end] === "-") {
      const lineEnd = endOfLine(text, at.end);
      const word = /\S*/.exec(text.slice(at.end, lineEnd).trimStart())?.[0] ?? "";
      const message =
        word === ""
          ? `#!${at.name} needs a name`
          : `'${word}' cannot be a name: letters, digits and '_' only`;
      this.#context.report.add("E112", message, this.#span(source, at));
      return undefined;
    }
    const name = found[1] ?? "";
    return { name, span: { source, start: end - name.length, end } };
  }

  #condition(source: Source, at: Boundary): number {
    const lineEnd = endOfLine(source.text, at.end);
    const { conditions, defines, tested, used } = this.#context;
    const span = this.#span(source, at);
    if (at.name === "ifexp") {
      conditions.begin(this.#expressionHolds(source, at, lineEnd), span);
      return lineEnd;
    }
    const named = this.#name(source, at);
    const isDefined = named !== undefined && defines.get(named.name) !== undefined;
    if (named !== undefined) {
      used.add(named.name);
      tested.push({ name: named.name, span: named.span, defined: isDefined });
    }
    conditions.begin(isDefined === (at.name === "ifdef"), span);
    return lineEnd;
  }

  #expressionHolds(source: Source, at: Boundary, lineEnd: number): boolean {
    const value = this.#evaluate(source, at, lineEnd);
    return typeof value === "number" ? value !== 0 : value !== undefined && value !== "";
  }

  #evaluate(source: Source, at: Boundary, lineEnd: number): number | string | undefined {
    const { defines, tested, used, report } = this.#context;
    const text = source.text.slice(at.end, lineEnd);
    for (const found of text.matchAll(NAMES_IN_EXPRESSION)) {
      const name = found[0];
      if (name.startsWith('"') || name.startsWith("'")) continue;
      const start = at.end + found.index;
      used.add(name);
      tested.push({
        name,
        span: { source, start, end: start + name.length },
        defined: defines.get(name) !== undefined || name === "KAMAILIO_VERSION",
      });
    }
    const result = evaluateExpression(text, (name) => defines.valueOf(name));
    if (result.ok) return result.value;
    report.add("E116", result.problem, { source, start: at.offset, end: lineEnd });
    return undefined;
  }

  #turn(source: Source, at: Boundary): number {
    const { text } = source;
    const { report, conditions } = this.#context;
    const lineEnd = endOfLine(text, at.end);
    const rest = text.slice(at.end, lineEnd).trim();
    const span = this.#span(source, at);
    const isElse = at.name === "else";
    if (rest !== "" && isElse) {
      report.add("W122", "with text behind it, #!else is only a comment", span, {
        help: "put the text on a line of its own",
      });
      return lineEnd;
    }
    if (rest !== "") {
      report.add("E109", "with text behind it, #!endif is only a comment", span, {
        help: "put the text on a line of its own",
      });
    } else if (lineEnd === text.length && !isElse) {
      report.add("E120", "#!endif counts only with a newline behind it", span, {
        help: "end the file with a newline",
      });
    }
    if (isElse) conditions.turn(span);
    else conditions.end(span);
    return lineEnd;
  }

  #define(source: Source, at: Boundary): number {
    const { text } = source;
    const named = this.#name(source, at);
    if (named === undefined) return endOfLine(text, at.end);
    let end = endOfLine(text, named.span.end);
    while (end < text.length && /\\\r?$/.test(text.slice(Math.max(end - 2, named.span.end), end))) {
      end = endOfLine(text, end + 1);
    }
    const written = text
      .slice(named.span.end, end)
      .replace(/\\\r?\n/g, "")
      .trim();
    let value = written === "" ? undefined : written;
    if (at.name.startsWith("defexp")) {
      const result = this.#evaluate(source, { ...at, end: named.span.end }, end);
      if (result === undefined) return end;
      value = at.name === "defexps" ? JSON.stringify(String(result)) : String(result);
    }
    const mended = value === undefined ? undefined : withMissingQuote(value);
    if (value !== undefined && mended === undefined && !at.name.startsWith("defexp")) {
      this.#warnOfComment(value, named);
    }
    const mode = at.name.startsWith("try") ? "try" : at.name.startsWith("re") ? "re" : "plain";
    this.#set({ ...named, lacksQuote: mended !== undefined }, mended ?? value, mode);
    return end;
  }

  #warnOfComment(value: string, named: { name: string; span: Span }): void {
    const bare = value.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^)]*\)/g, "");
    if (!/#|\/\//.test(bare)) return;
    this.#context.report.add(
      "W117",
      `the comment is part of the value of '${named.name}' and hides the rest of each line that uses it`,
      named.span,
      { help: "put the comment on a line of its own" },
    );
  }

  #set(
    named: { name: string; span: Span; lacksQuote?: boolean },
    value: string | undefined,
    mode: "plain" | "try" | "re",
  ): void {
    const { defines, report } = this.#context;
    const before = defines.get(named.name);
    const { span, lacksQuote = false } = named;
    const from = { origin: "text", span, ...(lacksQuote ? { lacksQuote } : {}) } as const;
    if (defines.define(named.name, value, mode, from) !== "duplicate") return;
    const related = before?.span && [{ span: before.span, message: "first defined here" }];
    const where = before?.span === undefined ? " (not by this text)" : "";
    report.add("E111", `'${named.name}' is already defined${where}`, named.span, {
      related,
      help: "#!trydef keeps the first value, #!redef takes the new one",
    });
  }

  #undefine(source: Source, at: Boundary): number {
    const named = this.#name(source, at);
    if (named !== undefined) this.#context.defines.undefine(named.name);
    return endOfLine(source.text, at.end);
  }

  // #!defenv NAME or #!defenv NAME=VARIABLE
  #environment(source: Source, at: Boundary): number {
    const { text } = source;
    const lineEnd = endOfLine(text, at.end);
    const found = /^[ \t]*(\S+)/.exec(text.slice(at.end, lineEnd));
    const word = found?.[1] ?? "";
    const span = { source, start: at.offset, end: at.end + (found?.[0].length ?? 0) };
    const parts = /^([A-Za-z_]\w*)(?:=(.+))?$/.exec(word);
    if (parts === null) {
      this.#context.report.add("E112", `#!${at.name} is followed by NAME or NAME=VARIABLE`, span);
      return lineEnd;
    }
    const name = parts[1] ?? "";
    const variable = parts[2] ?? name;
    const value = this.#context.environment(variable);
    if (value !== undefined) {
      this.#set({ name, span }, at.name.endsWith("s") ? JSON.stringify(value) : value, "plain");
    } else if (!at.name.startsWith("try")) {
      this.#context.report.add("E115", `the environment has no variable '${variable}'`, span, {
        help: `#!try${at.name} does nothing in that case`,
      });
    }
    return lineEnd;
  }

  #substitution(source: Source, at: Boundary): number {
    const { text } = source;
    const { report } = this.#context;
    let start = at.end;
    while (/\s/.test(text.charAt(start))) start += 1;
    const quote = text.charAt(start);
    const isString = quote === '"' || quote === "'";
    const end = isString ? endOfString(text, start) : -1;
    const lineEnd = endOfLine(text, start);
    if (end < 0 || (end > lineEnd && endsOnGoodLine(text, { start, end }))) {
      const problem = isString ? "the string is never closed" : `#!${at.name} needs a string`;
      report.add("E114", problem, this.#span(source, at));
      this.#substituteMended(text.slice(start, lineEnd), { source, start, end: lineEnd }, at.name);
      return lineEnd;
    }
    const span = { source, start, end };
    const result = readSubstitution(stringValue(text.slice(start, end)), span);
    if (!result.ok) {
      report.add("E114", result.problem, span);
      return end;
    }
    this.#substitute(result, span, at.name);
    return end;
  }

  /** Carries out what was probably meant with a quote missing, so that nothing follows from it. */
  #substituteMended(written: string, span: Span, directive: string): void {
    const result = readSubstitution(written.trim().replace(/^["']|["']$/g, ""), span);
    if (result.ok) this.#substitute(result, span, directive);
  }

  #substitute(
    result: Extract<SubstitutionResult, { readonly ok: true }>,
    span: Span,
    directive: string,
  ): void {
    this.#context.substitutions.push(result.substitution);
    if (directive === "subst") return;
    const value = directive === "substdefs" ? JSON.stringify(result.text) : result.text;
    this.#set({ name: result.name, span }, value, "plain");
  }
}
