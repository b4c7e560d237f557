/** Calendar times and their formatting with the conversions of C's strftime. */

/** A moment in its parts; `month`, `weekDay` (Sunday) and `yearDay` count from 0. */
export interface CalendarTime {
  readonly epoch: number;
  readonly second: number;
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly year: number;
  readonly weekDay: number;
  readonly yearDay: number;
  readonly isDst: boolean;
  /** Minutes east of Greenwich. */
  readonly offset: number;
  readonly zone: string;
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAY_MS = 86_400_000;

/** Calendar arithmetic on a given number of seconds: the machine's clock is not read here. */
function calendar(epochSeconds: number): Date {
  return new Date(epochSeconds * 1000);
}

/** The parts of a moment given in seconds since 1970, in UTC or in the machine's time zone. */
export function brokenDown(epoch: number, utc: boolean): CalendarTime {
  const date = calendar(epoch);
  const offset = utc ? 0 : -date.getTimezoneOffset();
  const local = calendar(epoch + offset * 60);
  const year = local.getUTCFullYear();
  const winter = Math.min(
    -new Date(year, 0, 1).getTimezoneOffset(),
    -new Date(year, 6, 1).getTimezoneOffset(),
  );
  return {
    epoch,
    second: local.getUTCSeconds(),
    minute: local.getUTCMinutes(),
    hour: local.getUTCHours(),
    day: local.getUTCDate(),
    month: local.getUTCMonth(),
    year,
    weekDay: local.getUTCDay(),
    yearDay: Math.floor((local.getTime() - Date.UTC(year, 0, 1)) / DAY_MS),
    isDst: !utc && offset !== winter,
    offset,
    zone: utc ? "GMT" : zoneName(date),
  };
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "UTC";
}

const two = (value: number): string => String(value).padStart(2, "0");
const blank = (value: number): string => String(value).padStart(2, " ");
const hour12 = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

/** Week of the year, where weeks begin on `firstDay` (0 Sunday, 1 Monday). */
function weekOfYear(time: CalendarTime, firstDay: number): number {
  return Math.floor((time.yearDay + 7 - ((time.weekDay - firstDay + 7) % 7)) / 7);
}

/** Week and its year by ISO 8601. */
function isoWeek(time: CalendarTime): { week: number; year: number } {
  const day = (time.weekDay + 6) % 7;
  const thursday = calendar(time.epoch + time.offset * 60 + (3 - day) * 86_400);
  const year = thursday.getUTCFullYear();
  const start = Date.UTC(year, 0, 1);
  return { week: Math.floor((thursday.getTime() - start) / (7 * DAY_MS)) + 1, year };
}

function zoneOffset(time: CalendarTime): string {
  const minutes = Math.abs(time.offset);
  return `${time.offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

const conversions: Readonly<Record<string, (time: CalendarTime) => string>> = {
  a: (t) => (DAYS[t.weekDay] as string).slice(0, 3),
  A: (t) => DAYS[t.weekDay] as string,
  b: (t) => (MONTHS[t.month] as string).slice(0, 3),
  B: (t) => MONTHS[t.month] as string,
  c: (t) => formatTime("%a %b %e %H:%M:%S %Y", t),
  C: (t) => two(Math.floor(t.year / 100)),
  d: (t) => two(t.day),
  D: (t) => formatTime("%m/%d/%y", t),
  e: (t) => blank(t.day),
  F: (t) => formatTime("%Y-%m-%d", t),
  g: (t) => two(isoWeek(t).year % 100),
  G: (t) => String(isoWeek(t).year),
  h: (t) => (MONTHS[t.month] as string).slice(0, 3),
  H: (t) => two(t.hour),
  I: (t) => two(hour12(t.hour)),
  j: (t) => String(t.yearDay + 1).padStart(3, "0"),
  k: (t) => blank(t.hour),
  l: (t) => blank(hour12(t.hour)),
  m: (t) => two(t.month + 1),
  M: (t) => two(t.minute),
  n: () => "\n",
  p: (t) => (t.hour < 12 ? "AM" : "PM"),
  P: (t) => (t.hour < 12 ? "am" : "pm"),
  r: (t) => formatTime("%I:%M:%S %p", t),
  R: (t) => formatTime("%H:%M", t),
  s: (t) => String(t.epoch),
  S: (t) => two(t.second),
  t: () => "\t",
  T: (t) => formatTime("%H:%M:%S", t),
  u: (t) => String(t.weekDay === 0 ? 7 : t.weekDay),
  U: (t) => two(weekOfYear(t, 0)),
  V: (t) => two(isoWeek(t).week),
  w: (t) => String(t.weekDay),
  W: (t) => two(weekOfYear(t, 1)),
  x: (t) => formatTime("%m/%d/%y", t),
  X: (t) => formatTime("%H:%M:%S", t),
  y: (t) => two(t.year % 100),
  Y: (t) => String(t.year),
  z: zoneOffset,
  Z: (t) => t.zone,
  "%": () => "%",
};

/** The format with its `%` conversions replaced, as C's strftime in the C locale; unknown ones stay as they are. */
export function formatTime(format: string, time: CalendarTime): string {
  return format.replace(/%[EO]?([a-zA-Z%])/g, (whole, letter: string) => {
    const conversion = conversions[letter];
    return conversion === undefined ? whole : conversion(time);
  });
}

/** Seconds since 1970 of a local time written as `YYYYMMDDHHMMSS`; undefined when there is no such time. */
export function readTimestamp(text: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const date = new Date(year, month - 1, day, hour, minute, second);
  const isThere = date.getMonth() === month - 1 && date.getDate() === day;
  return isThere && hour < 24 && minute < 60 && second < 60
    ? Math.floor(date.getTime() / 1000)
    : undefined;
}
