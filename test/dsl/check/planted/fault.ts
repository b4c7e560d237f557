/** How faults are written down for the tests: a configuration with `#^` behind the line that has to be mended. */
import { loadAll } from "../catalog.ts";

/** One planted fault. */
export interface Fault {
  readonly title: string;
  readonly code: string;
  readonly text: string;
}

/** A fault in a configuration given as a whole. */
export function bare(title: string, code: string, text: string): Fault {
  return { title, code, text: `${text}\n` };
}

/** A fault behind the lines that load all modules. */
export function whole(title: string, code: string, text: string): Fault {
  return bare(title, code, loadAll + text);
}

/** A fault in the main route: one statement on a line of its own. */
export function inRoute(title: string, code: string, statement: string): Fault {
  return whole(title, code, `request_route {\n  ${statement} #^\n}`);
}

/** The line (from 1) with the mark, or the one behind `# next line:`. */
export function markedLine(text: string): number {
  const lines = text.split("\n");
  const before = lines.indexOf("# next line:");
  if (before >= 0) return before + 2;
  return lines.findIndex((line) => line.includes("#^") || line.includes("/*^*/")) + 1;
}
