/** The declaration of the module kex. */
import { declareModule, optional, required } from "../../runtime/module.ts";

const ANY = ["any"] as const;

export const kex = declareModule()({
  name: "kex",
  doc: "Flags of script and branches, the next hop, own addresses, and statistics over RPC.",
  functions: {
    setsflag: {
      doc: "Sets a script flag. -1 for a number out of range.",
      routes: ANY,
      args: [required("flag", "int", "Number from 0 to 31.")],
      examples: ['setsflag("1");'],
    },
    issflagset: {
      doc: "Whether a script flag is set.",
      routes: ANY,
      args: [required("flag", "int", "Number from 0 to 31.")],
      examples: ['issflagset("1");'],
    },
    resetsflag: {
      doc: "Resets a script flag.",
      routes: ANY,
      args: [required("flag", "int", "Number from 0 to 31.")],
      examples: ['resetsflag("1");'],
    },
    setbflag: {
      doc: "Sets a flag of a branch. -1 for a number out of range or a branch that does not exist.",
      routes: ANY,
      args: [
        required("flag", "int", "Number from 0 to 31."),
        optional("branch", "int", "The branch, 0 is the first one."),
      ],
      examples: ['setbflag("1");'],
    },
    isbflagset: {
      doc: "Whether a flag of a branch is set.",
      routes: ANY,
      args: [
        required("flag", "int", "Number from 0 to 31."),
        optional("branch", "int", "The branch, 0 is the first one."),
      ],
      examples: ['isbflagset("1");'],
    },
    resetbflag: {
      doc: "Resets a flag of a branch.",
      routes: ANY,
      args: [
        required("flag", "int", "Number from 0 to 31."),
        optional("branch", "int", "The branch, 0 is the first one."),
      ],
      examples: ['resetbflag("1");'],
    },
    setdsturi: {
      doc: "Sets the next hop ($du).",
      routes: ANY,
      args: [required("uri", "fmt", "A SIP URI.")],
      examples: ['setdsturi("sip:10.0.0.10");'],
    },
    resetdsturi: {
      doc: "Forgets the next hop ($du).",
      routes: ANY,
      args: [],
      examples: ["resetdsturi();"],
    },
    isdsturiset: {
      doc: "Whether there is a next hop ($du).",
      routes: ANY,
      args: [],
      examples: ['if (isdsturiset()) xlog("yes");'],
    },
    pv_printf: {
      doc: "Puts a text with variables into a variable.",
      routes: ANY,
      args: [required("var", "var", "The variable."), required("str", "fmt", "The text.")],
      examples: ['pv_printf("$avp(x)", "From: $fU - To: $tU");'],
    },
    avp_printf: {
      doc: "Puts a text with variables into a variable.",
      routes: ANY,
      args: [required("var", "var", "The variable."), required("str", "fmt", "The text.")],
      examples: ['avp_printf("$avp(x)", "From: $fU - To: $tU");'],
    },
    is_myself: {
      doc: "Whether a URI or address is one of our own. Without a port in it any port will do.",
      routes: ANY,
      args: [required("uri", "fmt", "The URI or address.")],
      examples: ['if (is_myself("$fu")) xlog("ours");'],
    },
    setdebug: {
      doc: "Sets the level up to which is logged.",
      routes: ANY,
      args: [required("level", "int", "The level.")],
      examples: ['setdebug("1");'],
      departs:
        "The level is that of the whole engine: there are no processes with levels of their own.",
    },
    resetdebug: {
      doc: "Sets the level back to the parameter debug.",
      routes: ANY,
      args: [],
      examples: ["resetdebug();"],
    },
  },
  rpc: {
    "stats.get_statistics": {
      workers: "statistics",
      doc: "Statistics as lines `group:name = value`.",
      params: "all|group:|name ...",
    },
    "stats.fetch": {
      workers: "statistics",
      doc: "Statistics as fields with text values.",
      params: "all|group:|name ...",
    },
    "stats.fetchn": {
      workers: "statistics",
      doc: "Statistics as fields with number values.",
      params: "all|group:|name ...",
    },
    "stats.reset_statistics": {
      workers: "every",
      doc: "Sets statistics to 0.",
      params: "all|group:|name ...",
    },
    "stats.clear_statistics": {
      workers: "every",
      doc: "Gives statistics back and sets them to 0.",
      params: "all|group:|name ...",
    },
    "pkg.stats": { doc: "Memory of the process.", params: "[pid|rank|index n]" },
    "pkg.info": { doc: "The memory manager." },
    "mod.stats": { doc: "Memory by module.", params: "module pkg|shm|all", implemented: false },
    "mod.mem_stats": { doc: "Memory by module.", params: "module pkg|shm|all", implemented: false },
    "mod.mem_statsx": {
      doc: "Memory by module.",
      params: "module pkg|shm|all",
      implemented: false,
    },
  },
});
