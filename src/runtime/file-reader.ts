/** Reads configuration files from the disk, only while an engine is being made. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { FileReader } from "../dsl/preprocess/result.ts";

/** Files of this machine. As Kamailio: relative to the working directory, then to the file that includes them. */
export const diskFiles: FileReader = {
  read(path) {
    try {
      return statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
    } catch {
      // Whether that matters is up to who asked.
      return undefined;
    }
  },
  resolve(from, relative) {
    if (isAbsolute(relative)) return [relative];
    return [...new Set([resolve(relative), resolve(dirname(from), relative)])];
  },
  glob(from, pattern) {
    const full = isAbsolute(pattern) ? pattern : join(dirname(from), pattern);
    let paths = ["/"];
    for (const part of full.split("/")) {
      if (part !== "") paths = paths.flatMap((path) => step(path, part));
    }
    return paths.sort();
  },
};

/** Files that were read before, as they were then: what has changed on the disk since does not count. */
export function keptFiles(files: ReadonlyMap<string, string>): FileReader {
  return {
    read: (path) => files.get(path),
    resolve: (from, relative) => diskFiles.resolve(from, relative),
    glob: (from, pattern) => diskFiles.glob(from, pattern).filter((path) => files.has(path)),
  };
}

/** The entries of a directory that fit one part of a pattern. */
function step(directory: string, part: string): string[] {
  if (!/[*?]/.test(part)) return [join(directory, part)];
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => !name.startsWith(".") && fits(name, part))
    .map((name) => join(directory, name));
}

/** Whether a name fits a pattern with `*` and `?`. */
function fits(name: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < name.length) {
    const p = pattern[at];
    if (p === "*") {
      star = at++;
      resume = i;
    } else if (p !== undefined && (p === "?" || p === name[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}
