/** Chevrotain from the one file that the package brings for browsers: its usual entry loads hundreds of files at each start. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as Chevrotain from "chevrotain";

/** The package's main file says where it is; the one file lies beside it. Without it, the usual entry does. */
async function load(): Promise<typeof Chevrotain> {
  const entry = pathToFileURL(createRequire(import.meta.url).resolve("chevrotain"));
  try {
    return (await import(new URL("../chevrotain.min.mjs", entry).href)) as typeof Chevrotain;
  } catch {
    return import("chevrotain");
  }
}

const api = await load();

export const {
  createToken,
  EmbeddedActionsParser,
  EOF,
  isRecognitionException,
  Lexer,
  tokenLabel,
  tokenMatcher,
} = api;

export type EmbeddedActionsParser = Chevrotain.EmbeddedActionsParser;
export type Lexer = Chevrotain.Lexer;
export type {
  CustomPatternMatcherReturn,
  ILexingError,
  IParserErrorMessageProvider,
  IRecognitionException,
  IToken,
  TokenType,
} from "chevrotain";
