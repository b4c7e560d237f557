/** The command `olelo`: reads the command line and turns what happens into an exit code. */
import yargs from "yargs";
import { checkCommand } from "./check.ts";
import { addRunOptions, type RunArguments } from "./options.ts";
import { defaultConfigPath, UsageError } from "./run-options.ts";
import { versionText } from "./version.ts";

const usageExit = 255;

/** Runs the command with its arguments; the process ends with `process.exitCode`. */
export async function main(argv: readonly string[]): Promise<void> {
  const command = yargs([...argv])
    .scriptName("olelo")
    .usage("$0 [options]\n\nA SIP routing engine for kamailio.cfg")
    .help("h")
    .alias("h", "help")
    .version(false)
    .parserConfiguration({ "camel-case-expansion": false, "greedy-arrays": false })
    .strict()
    .wrap(100)
    .epilogue(`Without -f the file ${defaultConfigPath} is used.`)
    .command(
      "$0",
      "Run a configuration",
      (options) => addRunOptions(options),
      (args) => run(args as unknown as RunArguments),
    )
    .command(checkCommand)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(message ?? "");
    });
  try {
    await command.parseAsync();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`olelo: ${error.message}\nTry: olelo --help\n`);
    process.exitCode = usageExit;
  }
}

async function run(args: RunArguments): Promise<void> {
  if (args.v === true || args.V === true || args.I === true) {
    process.stdout.write(versionText(args.I === true));
    return;
  }
  const { runServer } = await import("./run.ts");
  process.exitCode = await runServer(args);
  // A server that has stopped must not be held by something that a module left open.
  if (args.c !== true && args["cfg-print"] !== true) process.exit();
}
