/** strftime for time stamps: the conversions that make sense in a record. */

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
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

/** Formats a wall clock time (milliseconds since 1970). Conversions that are not known stay as they are. */
export function formatTime(format: string, wallTime: number, utc: boolean): string {
  const offset = utc ? 0 : new Date(wallTime).getTimezoneOffset() * 60_000;
  const date = new Date(wallTime - offset);
  return format.replaceAll(
    /%([A-Za-z%])/g,
    (all, letter: string) => conversion(letter, date, wallTime) ?? all,
  );
}

const two = (value: number): string => String(value).padStart(2, "0");

function conversion(letter: string, date: Date, wallTime: number): string | undefined {
  const all: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getUTCFullYear()),
    m: () => two(date.getUTCMonth() + 1),
    d: () => two(date.getUTCDate()),
    H: () => two(date.getUTCHours()),
    M: () => two(date.getUTCMinutes()),
    S: () => two(date.getUTCSeconds()),
    y: () => two(date.getUTCFullYear() % 100),
    e: () => String(date.getUTCDate()).padStart(2, " "),
    I: () => two(date.getUTCHours() % 12 || 12),
    p: () => (date.getUTCHours() < 12 ? "AM" : "PM"),
    a: () => days[date.getUTCDay()]?.slice(0, 3) ?? "",
    A: () => days[date.getUTCDay()] ?? "",
    b: () => months[date.getUTCMonth()]?.slice(0, 3) ?? "",
    B: () => months[date.getUTCMonth()] ?? "",
    F: () => date.toISOString().slice(0, 10),
    T: () => date.toISOString().slice(11, 19),
    s: () => String(Math.floor(wallTime / 1000)),
    "%": () => "%",
  };
  return all[letter]?.();
}
