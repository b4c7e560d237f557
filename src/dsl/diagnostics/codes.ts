/** All diagnostic codes for the text and the grammar; a released code is never used for anything else. */
import type { Severity } from "./diagnostic.ts";

/** What is known about a code apart from a single finding. */
export interface CodeEntry {
  readonly code: string;
  readonly severity: Severity;
  /** A short title for lists and manuals. */
  readonly title: string;
}

/** Codes 1xx (text, includes, preprocessor) and 2xx (grammar). */
export const SYNTAX_CODES = [
  { code: "E101", severity: "error", title: "file cannot be read" },
  { code: "E102", severity: "error", title: "string is not closed" },
  { code: "W103", severity: "warning", title: "comment is not closed" },
  { code: "W104", severity: "warning", title: "character without meaning" },
  { code: "E105", severity: "error", title: "bad include statement" },
  { code: "E106", severity: "error", title: "includes too deep or too many" },
  { code: "E107", severity: "error", title: "condition without #!endif" },
  { code: "E108", severity: "error", title: "#!endif or #!else without condition" },
  { code: "E109", severity: "error", title: "text behind #!endif" },
  { code: "W110", severity: "warning", title: "unknown directive taken as a comment" },
  { code: "E111", severity: "error", title: "name already defined" },
  { code: "E112", severity: "error", title: "bad name in a directive" },
  { code: "E113", severity: "error", title: "definition that contains itself" },
  { code: "E114", severity: "error", title: "bad substitution" },
  { code: "E115", severity: "error", title: "environment variable is not set" },
  { code: "E116", severity: "error", title: "bad expression in a directive" },
  { code: "W117", severity: "warning", title: "comment inside a definition" },
  { code: "W118", severity: "warning", title: "old dialect" },
  { code: "E119", severity: "error", title: "variable is not closed" },
  { code: "E120", severity: "error", title: "no newline behind #!endif" },
  { code: "E121", severity: "error", title: "definitions grow too large" },
  { code: "W122", severity: "warning", title: "#!else with text taken as a comment" },
  { code: "W123", severity: "warning", title: "#!else without condition" },
  { code: "E124", severity: "error", title: "comment swallows statements" },
  { code: "E125", severity: "error", title: "misspelt directive" },
  { code: "E126", severity: "error", title: "quotes of another alphabet" },
  { code: "W127", severity: "warning", title: "definition with an open string" },
  { code: "E201", severity: "error", title: "unexpected text" },
  { code: "E202", severity: "error", title: "missing semicolon" },
  { code: "E203", severity: "error", title: "missing closing bracket" },
  { code: "E204", severity: "error", title: "brace is never closed" },
  { code: "E205", severity: "error", title: "brace closes nothing" },
  { code: "E206", severity: "error", title: "empty block" },
  { code: "E207", severity: "error", title: "block without a statement before it" },
  { code: "E208", severity: "error", title: "statement outside a route" },
  { code: "E209", severity: "error", title: "expression expected" },
  { code: "E210", severity: "error", title: "core word without comparison" },
  { code: "E211", severity: "error", title: "nested too deep" },
  { code: "E212", severity: "error", title: "expression too long" },
  { code: "E213", severity: "error", title: "malformed variable" },
  { code: "E214", severity: "error", title: "assignment inside an expression" },
  { code: "W215", severity: "warning", title: "number exceeds 32 bits" },
  { code: "E216", severity: "error", title: "operator of another language" },
  { code: "E217", severity: "error", title: "unknown kind of route" },
  { code: "E218", severity: "error", title: "bare name in an expression" },
  { code: "E219", severity: "error", title: "malformed value" },
  { code: "E220", severity: "error", title: "empty configuration" },
  { code: "E221", severity: "error", title: "case label is not constant" },
  { code: "E222", severity: "error", title: "second default" },
  { code: "E223", severity: "error", title: "case labels of different types" },
  { code: "E224", severity: "error", title: "misspelt keyword" },
  { code: "W225", severity: "warning", title: "word taken for an address" },
] as const satisfies readonly CodeEntry[];

/** A code of the text or the grammar. */
export type SyntaxCode = (typeof SYNTAX_CODES)[number]["code"];
