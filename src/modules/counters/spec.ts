/** What the counters module declares: counters of the script. */
import { declareModule, required } from "../../runtime/module.ts";

export const counters = declareModule()({
  name: "counters",
  doc: "Counters that the script declares and counts with, and RPC commands that read all counters.",
  params: {
    script_counter: {
      type: "str",
      multiple: true,
      doc: "Declares a counter: `[group.]name`, followed by a blank or colon and a description.",
    },
    script_cnt_grp_name: {
      type: "str",
      default: "script",
      doc: "Group of counters that are declared or named without one.",
    },
  },
  functions: {
    cnt_inc: {
      doc: "Adds one to a counter.",
      routes: ["request", "reply", "failure", "onsend", "event", "local"],
      args: [required("counter", "str", "`[group.]name` of a declared counter.")],
      examples: [`cnt_inc("reqs");`],
    },
    cnt_add: {
      doc: "Adds a number to a counter.",
      routes: ["request", "reply", "failure", "onsend", "event", "local"],
      args: [
        required("counter", "str", "`[group.]name` of a declared counter."),
        required("number", "int", "What is added."),
      ],
      examples: [`cnt_add("reqs", 10);`],
    },
    cnt_reset: {
      doc: "Sets a counter to 0.",
      routes: ["request", "reply", "failure", "onsend", "event", "local"],
      args: [required("counter", "str", "`[group.]name` of a declared counter.")],
      examples: [`cnt_reset("reqs");`],
    },
  },
  rpc: {
    "cnt.get": {
      workers: "statistics",
      doc: "Value of a counter, or all counters of a group with their values.",
      params: "group [name]",
    },
    "cnt.reset": { workers: "every", doc: "Sets a counter to 0.", params: "group name" },
    "cnt.list_groups": { doc: "All groups." },
    "cnt.grps_list": { doc: "All groups." },
    "cnt.list_vars": { doc: "Names of the counters of a group.", params: "group" },
    "cnt.var_list": { doc: "Names of the counters of a group.", params: "group" },
    "cnt.get_vars": {
      workers: "statistics",
      doc: "Counters of a group with their values.",
      params: "group",
    },
    "cnt.grp_get_all": {
      workers: "statistics",
      doc: "Counters of a group with their values.",
      params: "group",
    },
    "cnt.help": { doc: "Description of a counter.", params: "group name" },
  },
});
