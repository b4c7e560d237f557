/** How faults of the grammar are worded and carried to where reading goes on. */
import {
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  tokenLabel,
  type TokenType,
} from "../chevrotain.ts";
import type { SyntaxCode } from "../../diagnostics/codes.ts";
import type { ReportExtras } from "../../diagnostics/report.ts";
import type { Span } from "../../source.ts";

/** A fault inside a statement; caught by the list of statements, which goes on behind it. */
export class SyntaxFault extends Error {
  readonly code: SyntaxCode;
  readonly span: Span;
  readonly extras: ReportExtras;

  constructor(code: SyntaxCode, message: string, span: Span, extras: ReportExtras = {}) {
    super(message);
    this.name = "SyntaxFault";
    this.code = code;
    this.span = span;
    this.extras = extras;
  }
}

/** What a rule reads, for the sentence "expected ..."; rules not named here read an expression. */
const RULE_WORDS: Readonly<Record<string, string>> = {
  item: "a parameter, a module statement or a route",
  statement: "a statement",
  jump: "a statement",
  routeName: "the name of a route",
  routeBlock: "a route",
  globalValue: "a value",
  socket: "an address",
  host: "an address or a host name",
  flagName: "the name of a flag",
  port: "a port number",
  string: "a string",
  stringName: "a string",
  signedNumber: "a number",
  numberLiteral: "a number",
  parameterValue: "a string or a number",
  customValue: "a string or a number",
  caseClause: "'case' or 'default'",
  switchStatement: "'case', 'default' or '}'",
};

/** A token as it is named in a sentence. */
export function nameToken(token: IToken): string {
  if (token.tokenType === EOF) return "the end of the file";
  const { image } = token;
  return image.length > 30 ? `'${image.slice(0, 27)}...'` : `'${image}'`;
}

function ruleWord(rule: string): string {
  return RULE_WORDS[rule] ?? "an expression";
}

/** Sentences for the faults that Chevrotain finds by itself. */
export const FAULT_MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }: { expected: TokenType; actual: IToken }) =>
    `expected ${tokenLabel(expected)}, not ${nameToken(actual)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) => `${nameToken(firstRedundant)} is too much`,
  buildNoViableAltMessage: ({ actual, ruleName }) =>
    `expected ${ruleWord(ruleName)}, not ${nameToken(actual[0] ?? { ...NOTHING })}`,
  buildEarlyExitMessage: ({ actual, ruleName }) =>
    `expected ${ruleWord(ruleName)}, not ${nameToken(actual[0] ?? { ...NOTHING })}`,
};

const NOTHING: IToken = {
  image: "",
  startOffset: 0,
  tokenType: EOF,
  tokenTypeIdx: EOF.tokenTypeIdx ?? 1,
};
