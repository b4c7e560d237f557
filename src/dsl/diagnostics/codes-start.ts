/** The codes of what is found while an engine is being started: 52x and 53x. */
import type { CheckCode } from "./codes-checks.ts";

/** By their meaning. */
export const startCodes = {
  importFailed: { code: "E520", severity: "error", title: "a module's file cannot be imported" },
  moduleRefused: { code: "E521", severity: "error", title: "a module refuses its settings" },
  moduleWarns: {
    code: "W522",
    severity: "warning",
    title: "a module says something about its settings",
  },
  listenFailed: { code: "E523", severity: "error", title: "an address that cannot be listened on" },
  listenLeftOut: { code: "W524", severity: "warning", title: "a socket that is left out" },
  workersRefused: {
    code: "E525",
    severity: "error",
    title: "something that cannot be with several workers",
  },
  linkFailed: { code: "E527", severity: "error", title: "something in the script cannot be bound" },
} as const satisfies Readonly<Record<string, CheckCode>>;

/** One of them. */
export type StartCode = (typeof startCodes)[keyof typeof startCodes];

/** In the order of their numbers. */
export const startCodeList: readonly CheckCode[] = Object.values(startCodes);
