/** Reads a configuration: from text to a tree with diagnostics. */
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { Report } from "./diagnostics/report.ts";
import { withoutEchoes } from "./echoes.ts";
import { hasMisspeltDirective } from "./preprocess/active-text.ts";
import { preprocess } from "./preprocess/preprocessor.ts";
import { Remedies, type Suspect } from "./preprocess/remedies.ts";
import type { FileReader, PreprocessResult } from "./preprocess/result.ts";
import type { Source, Span } from "./source.ts";
import type { Config } from "./syntax/ast.ts";
import { ConfigLexer, type ConfigToken } from "./syntax/lexer.ts";
import { mend, type Parsed } from "./syntax/mend/mend.ts";
import { ConfigParser } from "./syntax/parser.ts";

/** A file to be read through `ReadOptions.files`, or a text at hand. */
export type ReadInput =
  | { readonly path: string }
  | { readonly text: string; readonly name?: string };

export interface ReadOptions {
  /** Access to the configuration and the files it includes; without it, none can be included. */
  readonly files?: FileReader;
  /** Looks up environment variables for `#!defenv` and its like; without it none is set. */
  readonly environment?: (name: string) => string | undefined;
  /** Names from the command line as `-A` takes them: `NAME` or `NAME=value`. */
  readonly defines?: readonly string[];
  /** How many diagnostics are collected at most; default 100. */
  readonly maxDiagnostics?: number;
}

export interface ReadResult {
  /** The main text. */
  readonly source: Source;
  readonly config: Config;
  readonly diagnostics: readonly Diagnostic[];
  readonly preprocess: PreprocessResult;
  /** The same text read with misspelt directives taken as what was probably meant; none where nothing is misspelt. */
  readonly asMeant?: () => ReadResult;
}

/** Holds the tables of the language, which take some time to build; reads any number of configurations. */
export class ConfigReader {
  static #shared: ConfigReader | undefined;
  readonly #lexer = new ConfigLexer();
  readonly #parser = new ConfigParser();

  /** One reader for everybody: it keeps nothing of what it has read. */
  static shared(): ConfigReader {
    ConfigReader.#shared ??= new ConfigReader();
    return ConfigReader.#shared;
  }

  read(input: ReadInput, options: ReadOptions = {}): ReadResult {
    const source = sourceOf(input, options.files);
    if (source === undefined) return unreadable(input);
    return this.#finish(source, options, this.#withRemedies(source, options));
  }

  /** What is said about a reading, each fault once. */
  #finish(source: Source, options: ReadOptions, reading: Reading): ReadResult {
    const { tokens, parsed, ofText, result, remedies } = reading;
    const parse = (stream: ConfigToken[]): Parsed => {
      const grammar = new Report();
      const tree = this.#parser.parse(stream, grammar, source);
      return { config: tree, diagnostics: withoutEchoes(grammar.diagnostics, ofText) };
    };
    const limit = options.maxDiagnostics ?? MAX_DIAGNOSTICS;
    const { config, diagnostics } = mend(tokens, parsed, parse);
    const isEmpty = ofText.length > 0 && tokens.length === 0;
    const all = isEmpty ? ofText : withoutEchoes([...ofText, ...diagnostics], ofText);
    return {
      source,
      config,
      diagnostics: inTextOrder(all, result.sources).slice(0, limit),
      preprocess: result,
      ...(mayBeMisspelt(reading)
        ? {
            asMeant: () => {
              const meant = this.#attempt(source, options, remedies.and(directiveIn(source)));
              return this.#finish(source, options, meant);
            },
          }
        : {}),
    };
  }

  /** Reads a text; after faults, again with remedies for what may have caused them, as long as that helps. */
  #withRemedies(source: Source, options: ReadOptions): Reading {
    let best = this.#attempt(source, options, Remedies.none);
    const dismissed = new Set<string>();
    while (best.faults > 0) {
      const next = suspectsOf(best).find((entry) => !dismissed.has(keyOf(entry)));
      if (next === undefined || best.characters > limitOf(source)) break;
      const trial = this.#try(source, options, best, next);
      if (isBetter(trial, best, next)) best = trial;
      else {
        dismissed.add(keyOf(next));
        best = { ...best, characters: trial.characters };
      }
    }
    return best;
  }

  /** A reading with a suspect cured, and with those strings cured that are then seen to lack their quotes, too. */
  #try(source: Source, options: ReadOptions, before: Reading, suspect: Suspect): Reading {
    let { characters } = before;
    let next: Suspect | undefined = suspect;
    let trial = before;
    for (let count = 0; next !== undefined && count < MAX_IN_A_ROW; count++) {
      if (count > 0 && characters > limitOf(source)) break;
      const { start }: Span = next.span;
      trial = this.#attempt(source, options, trial.remedies.and(next));
      characters += trial.characters;
      next = suspectsOf(trial).find(
        ({ kind, isStrong, span }) => kind === "string" && isStrong && span.start > start,
      );
    }
    return { ...trial, characters };
  }

  #attempt(source: Source, options: ReadOptions, remedies: Remedies): Reading {
    const { tokens, report, result, suspects } = preprocess(source, this.#lexer, options, remedies);
    const grammar = new Report(options.maxDiagnostics);
    const config = this.#parser.parse(tokens, grammar, source);
    const ofText = report.diagnostics;
    const ofGrammar = withoutEchoes(grammar.diagnostics, ofText);
    const diagnostics = [...withoutEchoes(ofText, ofText), ...ofGrammar];
    const faults = diagnostics.filter(({ severity }) => severity === "error").length;
    const rest = suspects.filter((entry) => !remedies.covers(entry));
    const open = rest.filter(({ isCertain }) => isCertain).length;
    return {
      tokens,
      parsed: { config, diagnostics: ofGrammar },
      ofText,
      result,
      suspects: rest,
      remedies,
      diagnostics,
      faults,
      weight: faults * ERROR_WEIGHT + (diagnostics.length - faults) + open * OPEN_WEIGHT,
      characters: result.sources.reduce((sum, { text }) => sum + text.length + FILE_COST, 0),
    };
  }
}

function limitOf({ text }: Source): number {
  return Math.max(MAX_CHARACTERS, text.length * MAX_TIMES);
}

/** Whether a reading with remedies explains more than the one without, or the same in a more likely way. */
function isBetter(trial: Reading, before: Reading, { isStrong }: Suspect): boolean {
  if (trial.weight < before.weight) return true;
  if (!isStrong) return false;
  return trial.weight === before.weight || (hasGrammarFaults(before) && !hasGrammarFaults(trial));
}

function hasGrammarFaults({ diagnostics }: Reading): boolean {
  return diagnostics.some(({ code }) => code.startsWith("E2"));
}

/** All readings of one configuration together go through no more characters than these, or than a few times the text. */
const MAX_CHARACTERS = 1_000_000;
const MAX_TIMES = 4;
const MAX_DIAGNOSTICS = 100;
/** How many broken strings one attempt may cure. */
const MAX_IN_A_ROW = 8;
/** What a further file costs, in characters. */
const FILE_COST = 500;
/** An error counts as much as so many warnings. */
const ERROR_WEIGHT = 4;
/** A string that swallows the rest of the file counts as much as some errors. */
const OPEN_WEIGHT = 40;

/** What came out of reading a text in one way. */
interface Reading {
  readonly tokens: ConfigToken[];
  readonly parsed: Parsed;
  /** Findings of the preprocessor. */
  readonly ofText: readonly Diagnostic[];
  readonly result: PreprocessResult;
  /** What may be the fault. */
  readonly suspects: readonly Suspect[];
  readonly remedies: Remedies;
  /** All findings but those that follow from others. */
  readonly diagnostics: readonly Diagnostic[];
  /** Number of errors. */
  readonly faults: number;
  /** How bad it is. */
  readonly weight: number;
  /** How much text was gone through so far. */
  readonly characters: number;
}

function keyOf({ kind, span }: Suspect): string {
  return `${kind} ${span.start} ${span.source.name}`;
}

/** Also a misspelt directive may be the fault, most of all where conditions do not match. */
function suspectsOf(reading: Reading): readonly Suspect[] {
  const { suspects, diagnostics, result } = reading;
  const [source] = result.sources;
  if (source === undefined || !mayBeMisspelt(reading)) return suspects;
  const isStrong = diagnostics.some(({ code }) => code === "E107" || code === "E108");
  const directive = { ...directiveIn(source), isStrong };
  return isStrong ? [directive, ...suspects] : [...suspects, directive];
}

function mayBeMisspelt({ remedies, result }: Reading): boolean {
  if (remedies.directives) return false;
  return result.sources.some(({ text }) => hasMisspeltDirective(text));
}

function directiveIn(source: Source): Suspect {
  const span = { source, start: 0, end: 0 };
  return { kind: "directive", span, isStrong: false, isCertain: false };
}

function sourceOf(input: ReadInput, files: FileReader | undefined): Source | undefined {
  const text = "text" in input ? input.text : files?.read(input.path);
  if (text === undefined) return undefined;
  const name = "path" in input ? input.path : (input.name ?? "<text>");
  return { name, text: text.startsWith("\uFEFF") ? text.slice(1) : text };
}

/** Findings file by file as these were read, from top to bottom. */
function inTextOrder(
  diagnostics: readonly Diagnostic[],
  sources: readonly Source[],
): readonly Diagnostic[] {
  const order = new Map(sources.map((source, index) => [source, index]));
  const rank = (entry: Diagnostic): number => order.get(entry.span.source) ?? sources.length;
  return diagnostics.toSorted(
    (a, b) => rank(a) - rank(b) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
}

function unreadable(input: ReadInput): ReadResult {
  const name = "path" in input ? input.path : "<text>";
  const source: Source = { name, text: "" };
  const report = new Report();
  report.add("E101", `the file '${name}' cannot be read`, { source, start: 0, end: 0 });
  return {
    source,
    config: { kind: "config", items: [] },
    diagnostics: report.diagnostics,
    preprocess: {
      sources: [source],
      defines: new Map(),
      tested: [],
      used: new Set(),
      substitutions: [],
      skipped: [],
      expansions: [],
      missingImports: [],
    },
  };
}

/** Reads a configuration. Never throws; what is wrong with the text is in `diagnostics`. */
export function readConfig(input: ReadInput, options: ReadOptions = {}): ReadResult {
  return ConfigReader.shared().read(input, options);
}
