/** The options of the command: Kamailio's, with their meaning, so that scripts and units written for it work. */
import type { Argv } from "yargs";

/** Options of `olelo` without a subcommand, as yargs gives them. */
export interface RunArguments {
  readonly f?: string;
  readonly c?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly D: number;
  readonly E?: boolean;
  readonly e?: boolean;
  readonly d: number;
  readonly debug?: string;
  readonly l?: readonly string[];
  readonly a?: string;
  readonly alias?: readonly string[];
  readonly A?: readonly string[];
  readonly P?: string;
  readonly G?: string;
  readonly w?: string;
  readonly Y?: string;
  readonly u?: string;
  readonly g?: string;
  readonly L?: readonly string[];
  readonly loadmodule?: readonly string[];
  readonly modparam?: readonly string[];
  readonly subst?: readonly string[];
  readonly substdef?: readonly string[];
  readonly substdefs?: readonly string[];
  readonly "server-id"?: string;
  readonly "log-engine"?: string;
  readonly "cfg-print"?: boolean;
  readonly v?: boolean;
  readonly V?: boolean;
  readonly I?: boolean;
  readonly b?: string;
  readonly workers?: string;
}

const text = { type: "string", requiresArg: true } as const;
const list = { ...text, array: true, nargs: 1 } as const;

/** Options that decide something. */
const effective = {
  f: { ...text, describe: "Configuration file (default: see the end of this page)" },
  c: { type: "boolean", describe: "Check the configuration and exit: 0 fine, 1 errors" },
  strict: { type: "boolean", describe: "With -c: warnings count as errors" },
  json: { type: "boolean", describe: "With -c: findings as JSON on standard output" },
  D: { count: true, describe: "-D or -DD: stay in the foreground" },
  E: { type: "boolean", describe: "Log to standard error" },
  e: { type: "boolean", describe: "Log in colours (with -E)" },
  d: { count: true, describe: "Higher log level, once per letter" },
  debug: { ...text, describe: "Log level: -1 errors ... 3 debugging" },
  l: { ...list, describe: "Listen on [proto:]address[:port][/advertised]; may be repeated" },
  a: { ...text, describe: "Names of the own addresses count as this server's: yes or no" },
  alias: { ...list, describe: "A name of this server: [proto:]host[:port]" },
  A: { ...list, describe: "Define a name for the preprocessor: NAME or NAME=value" },
  P: { ...text, describe: "Write the process number into this file" },
  G: { ...text, describe: "Write the process group number into this file" },
  w: { ...text, describe: "Working directory" },
  Y: { ...text, describe: "Directory for control sockets" },
  u: { ...text, describe: "Become this user once the sockets are open" },
  g: { ...text, describe: "Become this group once the sockets are open" },
  loadmodule: { ...list, describe: "Load a module before those of the configuration" },
  modparam: { ...list, describe: "Set a module's parameter: module:name:type:value, type s or i" },
  subst: { ...list, describe: "A subst expression for the preprocessor" },
  substdef: { ...list, describe: "A substdef expression for the preprocessor" },
  substdefs: { ...list, describe: "A substdefs expression for the preprocessor" },
  "server-id": { ...text, describe: "Set the global parameter server_id" },
  workers: { ...text, describe: "Event loops on the same sockets: a number, or auto" },
  "log-engine": { ...text, describe: "Form of the log: text or json" },
  "cfg-print": {
    type: "boolean",
    describe: "Print the configuration with includes and conditions resolved",
  },
  b: { ...text, describe: "Largest receive buffer of a socket, in bytes" },
  v: { type: "boolean", alias: "version", describe: "Version" },
  V: { type: "boolean", describe: "Version" },
  I: { type: "boolean", describe: "Version and what the program runs on" },
} as const;

/** Options that are understood and need not do anything here, with the reason. */
export const ignoredOptions = {
  L: "modules are part of the program",
  m: "memory is managed by the JavaScript engine",
  M: "memory is managed by the JavaScript engine",
  x: "memory is managed by the JavaScript engine",
  X: "memory is managed by the JavaScript engine",
  n: "one event loop does all the work; --workers starts more",
  N: "one event loop does all the work; --workers starts more",
  Q: "one event loop does all the work; --workers starts more",
  O: "the script is always optimised",
  K: "replies are matched by their branch",
  r: "received is decided by the address alone",
  R: "received is decided by the address alone",
  S: "there is no SCTP",
  T: "there is no TCP",
  t: "Node cannot change its root directory",
  W: "Node chooses how to wait for packets",
  atexit: "there are no such callbacks",
} as const satisfies Readonly<Record<string, string>>;

const switches = new Set(["K", "r", "R", "S", "T"]);

/** Adds all options of the main command. */
export function addRunOptions(yargs: Argv): Argv {
  let all = yargs.options(effective);
  for (const name of Object.keys(ignoredOptions)) {
    all = all.option(name, {
      ...(switches.has(name) ? { type: "boolean" as const } : list),
      hidden: true,
    });
  }
  return all;
}
