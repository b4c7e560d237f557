/** What `--cfg-print` prints: the configuration as one text, with includes put in and what conditions leave out taken out. */
import type { ReadResult } from "../dsl/read.ts";
import type { Source } from "../dsl/source.ts";
import { diskFiles } from "../runtime/file-reader.ts";

const condition = /^\s*(?:#!|!!)(?:ifdef|ifndef|ifexp|else|endif)\b/;
const include = /^\s*(?:#!|!!)?(?:include_file|import_file)\s+"([^"]+)"/;

/** The text; it means the same as the files that it was made from. */
export function printConfig(read: ReadResult): string {
  return new Printer(read).print(read.source, new Set());
}

class Printer {
  readonly #read: ReadResult;
  readonly #byName: ReadonlyMap<string, Source>;

  constructor(read: ReadResult) {
    this.#read = read;
    this.#byName = new Map(read.preprocess.sources.map((source) => [source.name, source]));
  }

  print(source: Source, above: ReadonlySet<Source>): string {
    const out: string[] = [];
    for (const line of this.#active(source).split("\n")) {
      if (condition.test(line)) continue;
      const file = include.exec(line)?.[1];
      const included = file === undefined ? undefined : this.#find(source, file);
      if (included === undefined || above.has(included)) out.push(line);
      else out.push(this.print(included, new Set([...above, source])));
    }
    return out.join("\n");
  }

  /** The text without what conditions leave out. */
  #active(source: Source): string {
    let text = "";
    let at = 0;
    const skipped = this.#read.preprocess.skipped.filter((span) => span.source === source);
    for (const span of [...skipped].sort((a, b) => a.start - b.start)) {
      text += source.text.slice(at, Math.max(at, span.start));
      at = Math.max(at, span.end);
    }
    return text + source.text.slice(at);
  }

  #find(from: Source, file: string): Source | undefined {
    for (const path of diskFiles.resolve(from.name, file)) {
      const source = this.#byName.get(path);
      if (source !== undefined) return source;
    }
    return undefined;
  }
}
