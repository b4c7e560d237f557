/** The declaration of the module maxfwd. */
import { declareModule, required } from "../../runtime/module.ts";

const REQUEST = ["request", "event", "local"] as const;

export const maxfwd = declareModule()({
  name: "maxfwd",
  doc: "Max-Forwards (RFC 3261, 16.3 step 3 and 16.6 step 3): counts it down and adds it where it is missing.",
  params: {
    max_limit: {
      type: "int",
      default: 70,
      doc: "Highest value that leaves this server.",
      min: 0,
      max: 256,
      runtime: true,
    },
  },
  functions: {
    maxfwd_process: {
      doc: "Counts Max-Forwards down, or adds it. 1: counted down, 2: added, -1: it was 0, -2: it cannot be read.",
      routes: REQUEST,
      args: [required("max_value", "int", "Value of a header that is added.")],
      examples: ['if (!maxfwd_process("10")) exit;'],
    },
    mf_process_maxfwd_header: {
      doc: "Counts Max-Forwards down, or adds it. 1: counted down, 2: added, -1: it was 0, -2: it cannot be read.",
      routes: REQUEST,
      args: [required("max_value", "int", "Value of a header that is added.")],
      examples: ['if (!mf_process_maxfwd_header("10")) exit;'],
    },
    process_maxfwd: {
      doc: "Counts Max-Forwards down, or adds it. 1: counted down, 2: added, -1: it was 0, -2: it cannot be read.",
      routes: REQUEST,
      args: [required("max_value", "int", "Value of a header that is added.")],
      examples: ['if (!process_maxfwd("10")) exit;'],
    },
    is_maxfwd_lt: {
      doc: "Whether Max-Forwards, as it will be sent, is lower than a value. -2: there is none, -3: it cannot be read.",
      routes: ["request", "failure", "branch", "event", "local"],
      args: [required("max_value", "int", "Value to compare with.")],
      examples: ['if (is_maxfwd_lt("1")) exit;'],
    },
    maxfwd_at_least: {
      doc: "Whether Max-Forwards, as it will be sent, is lower than a value. -2: there is none, -3: it cannot be read.",
      routes: ["request", "failure", "branch", "event", "local"],
      args: [required("max_value", "int", "Value to compare with.")],
      examples: ['if (maxfwd_at_least("1")) exit;'],
    },
    mf_lowlimit: {
      doc: "Whether Max-Forwards, as it will be sent, is lower than a value. -2: there is none, -3: it cannot be read.",
      routes: ["request", "failure", "branch", "event", "local"],
      args: [required("max_value", "int", "Value to compare with.")],
      examples: ['if (mf_lowlimit("1")) exit;'],
    },
  },
});
