/** Where the log goes: text lines as Kamailio writes them, or JSON, on standard error or to syslog. */
import { spawn } from "node:child_process";
import pino from "pino";
import type { LogSink } from "../runtime/log.ts";
import { levelName } from "../runtime/log.ts";
import type { LogLevel } from "../runtime/services.ts";

export interface LogOptions {
  readonly form: "text" | "json";
  readonly colours: boolean;
  /** Number of this process among the workers. */
  readonly worker: number;
  /** None: standard error. */
  readonly syslog?: { readonly facility: string; readonly name: string };
}

/** Writes lines, one call for each. */
interface LineWriter {
  write(level: LogLevel, line: string): void;
}

/** Makes the sink of an engine's log. */
export function createSink(options: LogOptions): LogSink {
  const writer = options.syslog === undefined ? stderrWriter() : syslogWriter(options.syslog);
  return options.form === "json" ? jsonSink(writer, options.worker) : textSink(writer, options);
}

function stderrWriter(): LineWriter {
  const out = pino.destination({ fd: 2, sync: true });
  return { write: (_level, line) => void out.write(`${line}\n`) };
}

const facilities =
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp - - - - " +
  "local0 local1 local2 local3 local4 local5 local6 local7";

/** Lines with their priority go to the program `logger`, which Node needs as it cannot reach syslog's socket. */
function syslogWriter(options: { facility: string; name: string }): LineWriter {
  const word = options.facility.replace(/^LOG_/, "").toLowerCase();
  const facility = Math.max(0, facilities.split(" ").indexOf(word));
  const child = spawn("logger", ["--prio-prefix", "--tag", options.name], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  let isOpen = true;
  const close = (): void => {
    isOpen = false;
  };
  child.on("error", close);
  child.stdin.on("error", close);
  child.unref();
  return {
    write: (level, line) => {
      if (isOpen) child.stdin.write(`<${facility * 8 + severityOf(level)}>${line}\n`);
    },
  };
}

/** Syslog's severities (RFC 5424, 6.2.1). */
function severityOf(level: LogLevel): number {
  return severities[level + 5] ?? 7;
}

const severities = [1, 2, 2, 2, 3, 4, 5, 6, 7];

function textSink(writer: LineWriter, { colours, worker }: LogOptions): LogSink {
  const { pid } = process;
  return {
    write(level, origin, text, fields) {
      const prefix = typeof fields?.["prefix"] === "string" ? fields["prefix"] : "";
      const name = levelName(level);
      const label = colours ? `\u001b[${colourOf(level)}m${name}\u001b[0m` : name;
      writer.write(level, ` ${worker}(${pid}) ${label}: ${prefix}<${origin}>: ${text}`);
    },
  };
}

function colourOf(level: LogLevel): number {
  if (level <= -1) return 31;
  if (level === 0) return 33;
  return level <= 2 ? 36 : 90;
}

/** pino's level for each of ours. */
const pinoLevels = [
  "fatal",
  "fatal",
  "fatal",
  "fatal",
  "error",
  "warn",
  "info",
  "info",
  "debug",
] as const;

function jsonSink(writer: LineWriter, worker: number): LogSink {
  let level: LogLevel = 2;
  const logger = pino(
    { level: "debug", base: { pid: process.pid, ...(worker === 0 ? {} : { worker }) } },
    { write: (line: string) => writer.write(level, line.trimEnd()) },
  );
  return {
    write(ofLine, origin, text, fields) {
      level = ofLine;
      logger[pinoLevels[ofLine + 5] ?? "debug"]({ origin, kamailioLevel: ofLine, ...fields }, text);
    },
  };
}
