/** The engine's logger: levels, the script's prefix, and a sink that does the writing. */
import type { ScriptContext } from "./context.ts";
import type { Logger, LogLevel } from "./services.ts";

/** Who wrote a line: the engine or the script (`xlog`, `log`). */
export type LogOrigin = "core" | "script";

type Fields = Readonly<Record<string, unknown>>;

/** Writes one line; text is without line end. */
export interface LogSink {
  write(level: LogLevel, origin: LogOrigin, text: string, fields: Fields | undefined): void;
}

/** Names of the levels as they stand in log lines. */
export function levelName(level: LogLevel): string {
  return levelNames[level + 5] ?? "DEBUG";
}

const levelNames = [
  "ALERT",
  "BUG",
  "CRITICAL",
  "CRITICAL",
  "ERROR",
  "WARNING",
  "NOTICE",
  "INFO",
  "DEBUG",
];

/** The level of a name or number as scripts write it: `L_INFO`, `INFO`, `2`. */
export function levelOf(name: string): LogLevel | undefined {
  const word = name.startsWith("L_") ? name.slice(2) : name;
  const known = levelWords[word];
  if (known !== undefined) return known;
  if (!/^-?\d+$/.test(name)) return undefined;
  return clampLevel(Number(name));
}

const levelWords: Readonly<Record<string, LogLevel>> = {
  ALERT: -5,
  BUG: -4,
  CRIT2: -3,
  CRIT: -2,
  ERR: -1,
  WARN: 0,
  NOTICE: 1,
  INFO: 2,
  DBG: 3,
};

/** The nearest level that exists. */
export function clampLevel(level: number): LogLevel {
  return Math.max(-5, Math.min(3, Math.trunc(level))) as LogLevel;
}

/** Logs through a sink what is at or below `level`. */
export class EngineLogger implements Logger {
  level: number;
  /** `log_prefix`, evaluated for each line of the script; null: none. */
  prefix: ((context: ScriptContext) => string) | null = null;
  readonly #sink: LogSink;

  constructor(sink: LogSink, level = 0) {
    this.#sink = sink;
    this.level = level;
  }

  enabled(level: LogLevel): boolean {
    return level <= this.level;
  }

  log(level: LogLevel, message: string, fields?: Fields): void {
    if (level <= this.level) this.#sink.write(level, "core", message, fields);
  }

  error(message: string, fields?: Fields): void {
    this.log(-1, message, fields);
  }

  warn(message: string, fields?: Fields): void {
    this.log(0, message, fields);
  }

  info(message: string, fields?: Fields): void {
    this.log(2, message, fields);
  }

  debug(message: string, fields?: Fields): void {
    this.log(3, message, fields);
  }

  script(level: LogLevel, text: string, context: ScriptContext | undefined, label?: string): void {
    if (level > this.level) return;
    const line = text.endsWith("\n") ? text.slice(0, -1) : text;
    let fields: Record<string, string> | undefined;
    if (this.prefix !== null && context !== undefined) fields = { prefix: this.prefix(context) };
    if (label !== undefined) fields = { ...fields, label };
    this.#sink.write(level, "script", line, fields);
  }
}

/** Keeps lines for tests. */
export class MemoryLog implements LogSink {
  readonly lines: { level: LogLevel; origin: LogOrigin; text: string }[] = [];

  write(level: LogLevel, origin: LogOrigin, text: string, fields: Fields | undefined): void {
    const prefix = typeof fields?.["prefix"] === "string" ? fields["prefix"] : "";
    this.lines.push({ level, origin, text: prefix + text });
  }

  /** Texts of the script's lines. */
  get script(): string[] {
    return this.lines.filter((line) => line.origin === "script").map((line) => line.text);
  }
}

/** Writes nothing. */
export const silentSink: LogSink = { write: () => undefined };
