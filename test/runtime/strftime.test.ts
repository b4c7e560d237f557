/** Formatting of times. */
import { describe, expect, it } from "vitest";
import { brokenDown, formatTime, readTimestamp } from "../../src/runtime/strftime.ts";

/** Sunday, 4 January 2026, 15:04:05 UTC. */
const time = brokenDown(1_767_539_045, true);

describe("formatTime", () => {
  it.each([
    ["%a %A %b %B", "Sun Sunday Jan January"],
    ["%Y-%m-%d %H:%M:%S", "2026-01-04 15:04:05"],
    ["%e|%k|%l|%I %p %P", " 4|15| 3|03 PM pm"],
    ["%j %y %C %u %w", "004 26 20 7 0"],
    ["%U %W %V %G %g", "01 00 01 2026 26"],
    ["%D %F %R %T %r", "01/04/26 2026-01-04 15:04 15:04:05 03:04:05 PM"],
    ["%c", "Sun Jan  4 15:04:05 2026"],
    ["%s %z %Z", "1767539045 +0000 GMT"],
    ["%% %n%t|", "% \n\t|"],
    ["%Q %", "%Q %"],
    ["%Ey %Od", "26 04"],
  ])("%s", (format, text) => {
    expect(formatTime(format, time)).toBe(text);
  });
});

describe("readTimestamp", () => {
  it.each([
    ["20231114221500", 1_700_000_100],
    ["19700101000000", 0],
    ["20240229000000", 1_709_164_800],
    ["20230229000000", undefined],
    ["20231314000000", undefined],
    ["20231114240000", undefined],
    ["20231114226000", undefined],
    ["2023111422150", undefined],
    ["tomorrow", undefined],
  ])("%s", (text, seconds) => {
    expect(readTimestamp(text)).toBe(seconds);
  });
});
