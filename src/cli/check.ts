/** The command `olelo check FILES`: what is wrong with configurations, without running them. */
import type { CommandModule } from "yargs";
import type { Diagnostic } from "../dsl/diagnostics/diagnostic.ts";
import type { EngineOptions } from "../runtime/engine-options.ts";
import { WorkerGroup } from "../runtime/workers/group.ts";
import type { WorkerPlace, WorkerSettings } from "../runtime/workers/place.ts";
import { findingsAsJson, passes, showFindings, summary } from "./findings.ts";

type CheckArguments = {
  files: string[];
  json: boolean;
  strict: boolean;
  advice: boolean;
  A: string[] | undefined;
};

/** Exit codes of a check. */
export const CheckExit = { fine: 0, errors: 1 } as const;

export const checkCommand: CommandModule<object, CheckArguments> = {
  command: "check <files..>",
  describe: "Check configurations: errors, warnings and advice",
  builder: (yargs) =>
    yargs
      .positional("files", { type: "string", array: true, demandOption: true })
      .option("json", { type: "boolean", default: false, describe: "Findings as JSON" })
      .option("strict", { type: "boolean", default: false, describe: "Warnings count as errors" })
      .option("advice", { type: "boolean", default: true, describe: "Show advice as well" })
      .option("A", {
        type: "string",
        array: true,
        nargs: 1,
        describe: "Define NAME or NAME=value",
      }),
  handler: async (args) => {
    const all: Diagnostic[] = [];
    for (const configPath of args.files) {
      const options = { configPath, defines: args.A ?? [], advice: args.advice };
      const found = await checkConfiguration(options);
      all.push(...found);
      if (!args.json) {
        showFindings(found, { advice: args.advice, colour: process.stderr.isTTY });
        process.stderr.write(`${configPath}: ${summary(found)}\n`);
      }
    }
    if (args.json) process.stdout.write(`${findingsAsJson(all)}\n`);
    process.exitCode = passes(all, args.strict) ? CheckExit.fine : CheckExit.errors;
  },
};

/** Reads, checks, compiles and links a configuration as a start would; opens nothing. */
export async function checkConfiguration(options: EngineOptions): Promise<readonly Diagnostic[]> {
  const { createEngine } = await import("../modules/create-engine.ts");
  const engine = await createEngine({ ...options, workers: placeOnPaper });
  const { diagnostics } = engine;
  await engine.stop();
  return diagnostics;
}

/** For what is wrong with several workers only; nothing is started. */
function placeOnPaper(settings: WorkerSettings): WorkerPlace {
  const done = (): Promise<void> => Promise.resolve();
  const group = new WorkerGroup({ index: 0, key: "checked", ...settings });
  return { group, inherited: null, start: done, stop: done };
}
