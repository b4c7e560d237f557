/** Values between messages and SQLite files as Kamailio writes them. */
import type { SqlValue } from "../../runtime/storage/storage.ts";

/** What the library takes and gives. */
export type FileValue = string | number | bigint | null | Uint8Array | ArrayBuffer;

/** The start of 1970 as a Julian day. As Kamailio: times are Julian days with fractions. */
const EPOCH_DAY = 2_440_587.5;
const SECONDS_PER_DAY = 86_400;
/**
 * Kamailio writes times half a second too early, adds that when it reads and cuts off the rest. What is written here is exact,
 * which it reads as it was meant; reading with this added finds the second that either of both meant.
 */
const TOLERANCE_SECONDS = 0.75;

/** As the value of a place in a statement. */
export function toFile(value: SqlValue): FileValue {
  if (typeof value === "string") return textToFile(value);
  // Other numbers are bound as floating point, which a text column would show.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value instanceof Date) return EPOCH_DAY + value.getTime() / 1000 / SECONDS_PER_DAY;
  return value;
}

/** A value of a column; `isTime`: of a column that holds times. */
export function fromFile(value: FileValue, isTime: boolean): SqlValue {
  if (typeof value === "string") return isTime ? timeOfText(value) : textFromFile(value);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return isTime ? timeOfDay(value) : value;
  return value === null ? null : new Uint8Array(value);
}

/** Whether a column of this declared type holds times. */
export function isTimeType(type: string | null): boolean {
  return type !== null && /^(?:timestamp|datetime)/i.test(type);
}

function timeOfDay(day: number): Date {
  const seconds = Math.floor((day - EPOCH_DAY) * SECONDS_PER_DAY + TOLERANCE_SECONDS);
  return new Date(seconds * 1000);
}

/** `2030-05-28 21:32:15`, as defaults in the schema are written, in UTC. */
function timeOfText(text: string): Date | string {
  const ms = Date.parse(`${text.replace(" ", "T")}Z`);
  return Number.isNaN(ms) ? text : new Date(ms);
}

/** Bytes that are UTF-8 go into the file as they are; others as the characters of latin1. */
function textToFile(text: string): string {
  if (!hasHighBytes(text)) return text;
  const bytes = Buffer.from(text, "latin1");
  const decoded = bytes.toString("utf8");
  return decoded.includes("\ufffd") ? text : decoded;
}

function textFromFile(text: string): string {
  return hasHighBytes(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}

function hasHighBytes(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return true;
  }
  return false;
}
