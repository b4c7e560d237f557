/** Date and Retry-After (RFC 3261, 20.17 and 20.33). */
import { parseUint, tokenEnd, trimStart } from "./chars.ts";
import { paramValue } from "./params.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;
const SECONDS_PER_DAY = 86400;

/** Days from 1970-01-01 to a date of the Gregorian calendar; `month` is 0-11. */
function daysSince1970(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day is the last one of a year.
  const shifted = month < 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146097 + yearOfEra * 365 + leaps + dayOfYear - 719468;
}

interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function calendarDate(days: number): CalendarDate {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = (shiftedMonth + 2) % 12;
  const year = era * 400 + yearOfEra + (month < 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

/** Seconds since 1970 of `Sat, 13 Nov 2010 23:29:00 GMT` (RFC 1123); `undefined` if malformed. */
export function parseDate(value: string): number | undefined {
  if (value.length > 40) return undefined;
  const parts = /^\s*(\w{3}),\s*(\d{1,2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT\s*$/i.exec(
    value,
  );
  if (parts === null) return undefined;
  const text = (i: number): string => (parts[i] as string).toLowerCase();
  const month = MONTHS.findIndex((name) => name.toLowerCase() === text(3));
  const weekday = DAYS.findIndex((name) => name.toLowerCase() === text(1));
  const day = Number(parts[2]);
  const hours = Number(parts[5]);
  const minutes = Number(parts[6]);
  const seconds = Number(parts[7]);
  if (month < 0 || weekday < 0 || day < 1 || day > 31) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const days = daysSince1970(Number(parts[4]), month, day);
  return days * SECONDS_PER_DAY + hours * 3600 + minutes * 60 + seconds;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Seconds since 1970 as the value of a Date header. */
export function formatDate(seconds: number): string {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = Math.floor(seconds - days * SECONDS_PER_DAY);
  const { year, month, day } = calendarDate(days);
  const weekday = DAYS[(((days + 4) % 7) + 7) % 7] as string;
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  const yearText = String(year).padStart(4, "0");
  return `${weekday}, ${two(day)} ${MONTHS[month] as string} ${yearText} ${time} GMT`;
}

/** When to try again. */
export interface RetryAfter {
  readonly seconds: number;
  /** How long the peer is expected to stay reachable then, in seconds; -1 if not given. */
  readonly duration: number;
}

/** Reads the value of Retry-After, a comment and parameters after the number included; `undefined` if malformed. */
export function parseRetryAfter(value: string): RetryAfter | undefined {
  const end = value.length;
  const start = trimStart(value, 0, end);
  const stop = tokenEnd(value, start, end);
  const seconds = parseUint(value, start, stop);
  if (seconds < 0) return undefined;
  let rest = trimStart(value, stop, end);
  if (value.charCodeAt(rest) === 40) {
    const close = value.indexOf(")", rest);
    if (close < 0) return undefined;
    rest = trimStart(value, close + 1, end);
  }
  if (rest < end && value.charCodeAt(rest) !== 59) return undefined;
  const duration = paramValue(value, rest, end, "duration") ?? "";
  return { seconds, duration: parseUint(duration, 0, duration.length) };
}
