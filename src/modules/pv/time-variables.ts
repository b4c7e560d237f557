/** Variables on time: `$Ts`, `$TS`, `$Tf`, `$TF`, `$Tb`, `$TV`, `$time`, `$utime`, `$timef`, `$utimef`. */
import type { Value } from "../../dsl/value.ts";
import { ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import { reads, type VariableImplementation } from "../../runtime/module.ts";
import type { Clock } from "../../runtime/clock.ts";
import { brokenDown, formatTime, type CalendarTime } from "../../runtime/strftime.ts";

/** As C's ctime: `Mon Nov 23 05:41:16 2026`. */
const CTIME = "%a %b %e %H:%M:%S %Y";

function field(time: CalendarTime, name: string): Value {
  switch (name) {
    case "sec":
      return time.second;
    case "min":
      return time.minute;
    case "hour":
      return time.hour;
    case "mday":
      return time.day;
    case "mon":
      return time.month + 1;
    case "year":
      return time.year;
    case "wday":
      return time.weekDay + 1;
    case "yday":
      return time.yearDay + 1;
    case "isdst":
      return time.isDst ? 1 : 0;
    default:
      return null;
  }
}

/** The variables over one clock. Those said to be cached keep the time at which a message first asked. */
export function timeVariables(clock: Clock) {
  const slot = new ContextSlot<number>();
  const started = Math.floor(clock.wallTime() / 1000);
  const cached = (context: ScriptContext): number => {
    const known = context.state(slot);
    if (known !== undefined) return known;
    const now = wallMicroseconds();
    context.setState(slot, now);
    return now;
  };
  const wallMicroseconds = (): number => Math.floor(clock.wallTime() * 1000);
  const seconds = (micro: number): number => Math.floor(micro / 1_000_000);
  /** The moment of the last `$TV(sn)`, which `$TV(un)` belongs to. */
  let lastUncached = 0;
  const fields =
    (utc: boolean): VariableImplementation =>
    (reference) => {
      const name = reference.inner ?? "sec";
      return { get: (context) => field(brokenDown(seconds(cached(context)), utc), name) };
    };
  const formatted =
    (utc: boolean): VariableImplementation =>
    (reference) => ({
      get: (context) =>
        formatTime(reference.innerText(context), brokenDown(seconds(wallMicroseconds()), utc)),
    });
  const timeval: VariableImplementation = (reference) => {
    const key = reference.inner ?? "s";
    if (key === "s") return { get: (context) => seconds(cached(context)) };
    if (key === "u") return { get: (context) => cached(context) % 1_000_000 };
    if (key === "sn") {
      return {
        get: () => {
          lastUncached = wallMicroseconds();
          return seconds(lastUncached);
        },
      };
    }
    if (key === "un") return { get: () => lastUncached % 1_000_000 };
    return {
      get: () => {
        const now = wallMicroseconds();
        return `${seconds(now)}.${String(now % 1_000_000).padStart(6, "0")}`;
      },
    };
  };
  return {
    Ts: reads((context) => seconds(cached(context))),
    TS: reads(() => seconds(wallMicroseconds())),
    Tf: reads((context) => formatTime(CTIME, brokenDown(seconds(cached(context)), false))),
    TF: reads(() => formatTime(CTIME, brokenDown(seconds(wallMicroseconds()), false))),
    Tb: reads(() => started),
    TV: timeval,
    time: fields(false),
    utime: fields(true),
    timef: formatted(false),
    utimef: formatted(true),
  } as const;
}
