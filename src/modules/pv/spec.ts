/** The declaration of the module pv. */
import { declareModule, required } from "../../runtime/module.ts";
import { pvTransformations } from "./spec-transformations.ts";
import { pvVariables } from "./spec-variables.ts";

const ANY = ["any"] as const;
const BRANCHES = ["request", "branch", "failure"] as const;
const root = required("rname", "fmt", "Name of the root.");
const child = required("cname", "fmt", "Name of the field.");
const variable = required("pvar", "var", "The variable.");
const number = required("ival", "int", "The number.");
const text = required("sval", "fmt", "The text.");

export const pv = declareModule()({
  name: "pv",
  doc: "Variables on the message, on the time and of the script, the transformations of their values, and functions on them.",
  params: {
    shvset: {
      type: "str",
      multiple: true,
      doc: "Value that a shared variable starts with: `name=i:number` or `name=s:text`.",
    },
    varset: {
      type: "str",
      multiple: true,
      doc: "Value that a script variable starts with: `name=i:number` or `name=s:text`.",
    },
    avp_aliases: {
      type: "str",
      doc: "Other names of avps: `email=s:email_addr;tmp=i:100`.",
    },
  },
  functions: {
    pv_isset: {
      doc: "Whether the variable is not $null.",
      routes: ANY,
      args: [variable],
      examples: ['if (pv_isset("$avp(x)")) xlog("there");'],
    },
    pv_unset: {
      doc: "Sets the variable to $null, which removes one value of an avp.",
      routes: ANY,
      args: [variable],
      examples: ['pv_unset("$avp(x)");'],
    },
    is_int: {
      doc: "Whether the variable holds a number.",
      routes: ANY,
      args: [variable],
      examples: ['if (is_int("$var(foo)")) xlog("a number");'],
    },
    typeof: {
      doc: "Whether the variable is of that type.",
      routes: ANY,
      args: [
        variable,
        required("vtype", "str", "The type: int, str or null.", { values: ["int", "str", "null"] }),
      ],
      examples: ['if (typeof("$var(foo)", "str")) xlog("text");'],
    },
    not_empty: {
      doc: "Whether the variable holds text that is not empty.",
      routes: ANY,
      args: [variable],
      examples: ['if (not_empty("$rU")) xlog("a user");'],
    },
    xavp_copy: {
      doc: "Copies a structured value: behind those of the destination, or in the place of the one at the last index. -1 when there is nothing there.",
      routes: ANY,
      forms: {
        append: [
          required("source_name", "fmt", "Name of the root to copy."),
          required("source_index", "int", "Which of them, 0 is the newest."),
          required("destination_name", "fmt", "Name to copy to."),
        ],
        replace: [
          required("source_name", "fmt", "Name of the root to copy."),
          required("source_index", "int", "Which of them, 0 is the newest."),
          required("destination_name", "fmt", "Name to copy to."),
          required("destination_index", "int", "Which of them to replace."),
        ],
      },
      examples: ['xavp_copy("a", "1", "b");'],
    },
    xavp_params_explode: {
      doc: "Makes a structured value of parameters; their values are text.",
      routes: ANY,
      args: [
        required("sparams", "fmt", "The parameters: `a=b;c=d`."),
        required("xname", "fmt", "Name of the root."),
      ],
      examples: ['xavp_params_explode("a=b;c=d", "x");'],
    },
    xavp_params_implode: {
      doc: "Makes parameters of a structured value, each ended by a semicolon.",
      routes: ANY,
      args: [
        required("xname", "fmt", "Name of the root."),
        required("pvname", "var", "Where to put them."),
      ],
      examples: ['xavp_params_implode("x", "$var(out)");'],
    },
    xavu_params_explode: {
      doc: "As xavp_params_explode(), for $xavu.",
      routes: ANY,
      args: [
        required("sparams", "fmt", "The parameters: `a=b;c=d`."),
        required("xname", "fmt", "Name of the root."),
      ],
      examples: ['xavu_params_explode("a=b;c=d", "x");'],
    },
    xavu_params_implode: {
      doc: "As xavp_params_implode(), for $xavu.",
      routes: ANY,
      args: [
        required("xname", "fmt", "Name of the root."),
        required("pvname", "var", "Where to put them."),
      ],
      examples: ['xavu_params_implode("x", "$var(out)");'],
    },
    xavp_slist_explode: {
      doc: "Breaks a list into tokens, which become v[0], v[1] and so on of a structured value. Empty tokens are left out.",
      routes: ANY,
      args: [
        required("slist", "fmt", "The list."),
        required("sep", "fmt", "Characters that separate tokens."),
        required("mode", "fmt", "`t`: white space around tokens is left out."),
        required("xname", "fmt", "Name of the root."),
      ],
      examples: ['xavp_slist_explode("a=b; c=d;", "=;", "t", "x");'],
    },
    xavp_child_seti: {
      doc: "Sets a field to a number.",
      routes: ANY,
      args: [root, child, number],
      examples: ['xavp_child_seti("x", "y", "10");'],
    },
    xavi_child_seti: {
      doc: "Sets a field to a number.",
      routes: ANY,
      args: [root, child, number],
      examples: ['xavi_child_seti("X", "Y", "10");'],
    },
    xavp_child_sets: {
      doc: "Sets a field to text.",
      routes: ANY,
      args: [root, child, text],
      examples: ['xavp_child_sets("x", "y", "to $rU");'],
    },
    xavi_child_sets: {
      doc: "Sets a field to text.",
      routes: ANY,
      args: [root, child, text],
      examples: ['xavi_child_sets("X", "Y", "to $rU");'],
    },
    xavp_rm: {
      doc: "Removes the newest structured value of that name.",
      routes: ANY,
      args: [root],
      examples: ['xavp_rm("x");'],
    },
    xavi_rm: {
      doc: "Removes the newest structured value of that name.",
      routes: ANY,
      args: [root],
      examples: ['xavi_rm("X");'],
    },
    xavp_child_rm: {
      doc: "Removes the newest value of a field.",
      routes: ANY,
      args: [root, child],
      examples: ['xavp_child_rm("x", "y");'],
    },
    xavi_child_rm: {
      doc: "Removes the newest value of a field.",
      routes: ANY,
      args: [root, child],
      examples: ['xavi_child_rm("X", "Y");'],
    },
    sbranch_set_ruri: {
      doc: "Makes the static branch ($sbranch) the first one: Request-URI, next hop, path and so on. -1 when it has no URI.",
      routes: BRANCHES,
      args: [],
      examples: ["sbranch_set_ruri();"],
    },
    sbranch_append: {
      doc: "Adds the static branch ($sbranch) as a further branch. -1 when it has no URI.",
      routes: BRANCHES,
      args: [],
      examples: ["sbranch_append();"],
    },
    sbranch_reset: {
      doc: "Empties the static branch.",
      routes: BRANCHES,
      args: [],
      examples: ["sbranch_reset();"],
    },
    pv_xavp_print: {
      doc: "Writes all $xavp to the log, at level info.",
      routes: ANY,
      args: [],
      examples: ["pv_xavp_print();"],
    },
    pv_xavu_print: {
      doc: "Writes all $xavu to the log, at level info.",
      routes: ANY,
      args: [],
      examples: ["pv_xavu_print();"],
    },
    pv_xavi_print: {
      doc: "Writes all $xavi to the log, at level info.",
      routes: ANY,
      args: [],
      examples: ["pv_xavi_print();"],
    },
    pv_var_to_xavp: {
      doc: "Copies a script variable, or all with `*`, into a structured value of that name, which is emptied first.",
      routes: ANY,
      args: [
        required("varname", "fmt", "Name of the variable, or `*`."),
        required("xname", "fmt", "Name of the root."),
      ],
      examples: ['pv_var_to_xavp("temp", "ok");'],
    },
    pv_xavp_to_var: {
      doc: "Copies the fields of a structured value into script variables.",
      routes: ANY,
      args: [required("xname", "fmt", "Name of the root.")],
      examples: ['pv_xavp_to_var("ok");'],
    },
    pv_evalx: {
      doc: "Evaluates the variables of a text, and those of the result once more.",
      routes: ANY,
      args: [
        required("dst", "var", "Where to put the result."),
        required("fmt", "fmt", "The text."),
      ],
      examples: ['pv_evalx("$var(z)", "$var(y) one");'],
      departs: "Variables that the second evaluation brings up and that are unknown stay as text.",
    },
  },
  variables: pvVariables,
  transformations: pvTransformations,
  rpc: {
    "pv.shvGet": { doc: "Reads a shared variable, or all of them.", params: "[name]" },
    "pv.shvSet": { doc: "Sets a shared variable.", params: "name int|str value" },
  },
  departures: [
    "Script variables ($var, $vn) start afresh for every message.",
    "Transformations that Kamailio 5.6.3 gets wrong (s.rafter, s.rbefore, s.fmtlines, uri.duri, uri.saor, uri.suri, s.decode.base58) do what its manual says.",
  ],
});
