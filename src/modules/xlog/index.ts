/** The module xlog: lines of the script in the log. */
import { methodId } from "../../runtime/method-ids.ts";
import { Positions } from "../../dsl/diagnostics/positions.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  bound,
  implementModule,
  type BoundArgument,
  type ModuleEnvironment,
  type VariableImplementation,
} from "../../runtime/module.ts";
import type { LogLevel } from "../../runtime/services.ts";
import { xlog } from "./spec.ts";

type Write = (context: ScriptContext) => number;
/** A text that is nothing but one variable may be null. */
type Text = BoundArgument<string | null>;

/** As Kamailio, also a line of one variable alone shows $null. */
const shown = (text: string | null): string => text ?? "<null>";

/** Levels by the third letter of their name, as Kamailio reads them. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  A: -5,
  B: -4,
  C: -2,
  E: -1,
  W: 0,
  N: 1,
  I: 2,
  D: 3,
};

/** Level of a name or a number; undefined for anything else. */
export function levelOf(text: string): LogLevel | undefined {
  if (/^-?\d+$/.test(text)) return Math.max(-5, Math.min(3, Number(text))) as LogLevel;
  return text.length > 2 ? LEVELS[text.charAt(2).toUpperCase()] : undefined;
}

/** Writers for the calls of one engine. */
class Lines {
  readonly #environment: ModuleEnvironment<typeof xlog>;
  /** What stands in front of lines; undefined: the log's own way. */
  readonly #label: ((context: ScriptContext) => string) | undefined;

  constructor(environment: ModuleEnvironment<typeof xlog>) {
    const { prefix, prefix_mode: mode } = environment.params;
    this.#environment = environment;
    if (mode === 1) this.#label = environment.format(prefix);
    else if (prefix !== "<script>: ") this.#label = () => prefix;
  }

  /** A line at a fixed level. The text is not even worked out when that level is not written. */
  at(level: LogLevel, format: Text, place = ""): Write {
    const { log } = this.#environment.services;
    return (context) => {
      if (log.enabled(level)) this.#write(context, level, place + shown(format.get(context)));
      return 1;
    };
  }

  /** A line at a level that the script gives. */
  atNamed(level: BoundArgument<string>, format: Text, place = ""): Write {
    if (level.constant !== undefined) return this.at(this.#levelOf(level.constant), format, place);
    const { log } = this.#environment.services;
    return (context) => {
      const number = this.#levelOf(level.get(context));
      if (log.enabled(number)) this.#write(context, number, place + shown(format.get(context)));
      return 1;
    };
  }

  /** `line:` or `file:line:` of the call. */
  place(format: Text): string {
    if (format.span === undefined) return "";
    const { source, start } = format.span;
    const { line } = new Positions().at(source, start);
    return this.#environment.params.long_format ? `${source.name}:${line}:` : `${line}:`;
  }

  #levelOf(text: string): LogLevel {
    return levelOf(text) ?? -1;
  }

  #write(context: ScriptContext, level: LogLevel, text: string): void {
    const { services, params } = this.#environment;
    const line = text.length > params.buf_size ? text.slice(0, params.buf_size) : text;
    services.log.script(level, line, context, this.#label?.(context));
  }
}

/** Colours by letter, as numbers of the escape sequences for text and, 10 higher, for its background. */
const COLOURS: Readonly<Record<string, number>> = {
  x: 39,
  s: 30,
  r: 31,
  g: 32,
  y: 33,
  b: 34,
  p: 35,
  c: 36,
  w: 37,
};

/** `$C(fb)`: escape sequence for a colour of the text and one of its background; capitals are bold. */
const colour: VariableImplementation = (reference) => {
  const name = reference.inner ?? "";
  const first = name.charAt(0);
  const text = COLOURS[first.toLowerCase()];
  const background = COLOURS[name.charAt(1)];
  if (name.length !== 2 || text === undefined || background === undefined || first === "X") {
    throw new Error(
      "a colour is one of xsrgybpcw (in capitals for bold) and one for the background",
    );
  }
  const sequence = `\u001b[${first === first.toLowerCase() ? 0 : 1};${text};${background + 10}m`;
  return { get: () => sequence };
};

export default implementModule(xlog, (environment) => {
  const { params } = environment;
  const lines = new Lines(environment);
  const isFiltered = ({ msg }: ScriptContext): boolean => {
    const method = msg.isRequest ? msg.method : msg.cseqMethod;
    return (params.methods_filter & methodId(method)) !== 0;
  };
  return {
    functions: {
      xlog: {
        plain: bound((format) => lines.at(-1, format)),
        level: bound((level, format) => lines.atNamed(level, format)),
        facility: bound((_facility, level, format) => lines.atNamed(level, format)),
      },
      xlogl: {
        plain: bound((format) => lines.at(-1, format, lines.place(format))),
        level: bound((level, format) => lines.atNamed(level, format, lines.place(format))),
        facility: bound((_facility, level, format) =>
          lines.atNamed(level, format, lines.place(format)),
        ),
      },
      xlogm: bound((level, format) => {
        const write = lines.atNamed(level, format);
        return (context) => (isFiltered(context) ? 1 : write(context));
      }),
      xdbg: bound((format) => lines.at(3, format)),
      xinfo: bound((format) => lines.at(2, format)),
      xnotice: bound((format) => lines.at(1, format)),
      xwarn: bound((format) => lines.at(0, format)),
      xerr: bound((format) => lines.at(-1, format)),
      xbug: bound((format) => lines.at(-4, format)),
      xcrit: bound((format) => lines.at(-2, format)),
      xalert: bound((format) => lines.at(-5, format)),
      xdbgl: bound((format) => lines.at(3, format, lines.place(format))),
    },
    variables: { C: colour },
  };
});
