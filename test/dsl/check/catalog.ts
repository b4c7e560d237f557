/** A small catalog for the checker's tests: enough of Kamailio's modules to write realistic scripts. */
import type { Catalog } from "../../../src/dsl/catalog/catalog.ts";
import {
  type ArgumentSpec,
  type FunctionSpec,
  type Kind,
  type ModuleSpec,
  optional,
  type ParamSpec,
  required,
  type RouteScope,
  type TransformationSpec,
  type VariableSpec,
} from "../../../src/dsl/catalog/spec.ts";

type Extra = Partial<ArgumentSpec>;

function arg(name: string, kind: Kind, extra: Extra = {}): ArgumentSpec {
  return required(name, kind, "", extra) as ArgumentSpec;
}

function maybe(name: string, kind: Kind, extra: Extra = {}): ArgumentSpec {
  return optional(name, kind, "", extra) as ArgumentSpec;
}

function fn(
  args: readonly ArgumentSpec[],
  routes: readonly RouteScope[] = ["any"],
  extra: Partial<FunctionSpec> = {},
): FunctionSpec {
  return { doc: "", routes, args, ...extra };
}

function formed(
  forms: NonNullable<FunctionSpec["forms"]>,
  routes: readonly RouteScope[] = ["any"],
): FunctionSpec {
  return { doc: "", routes, forms };
}

const requests: readonly RouteScope[] = ["request", "failure"];
const flag = arg("flag", "flag");
const levels = ["L_ALERT", "L_BUG", "L_CRIT", "L_ERR", "L_WARN", "L_NOTICE", "L_INFO", "L_DBG"];
const level = arg("level", "fmt", { values: levels });

const core: ModuleSpec = {
  name: "core",
  doc: "",
  functions: {
    setflag: fn([flag]),
    resetflag: fn([flag]),
    isflagset: fn([flag]),
    force_rport: fn([]),
    strip: fn([arg("count", "int", { min: 0 })]),
    prefix: fn([arg("text", "str")]),
    rewritehost: fn([arg("host", "str")]),
    rewriteport: fn([arg("port", "str")]),
    seturi: fn([arg("uri", "str")]),
    set_advertised_port: fn([arg("port", "int", { min: 1, max: 65535 })]),
    set_reply_close: fn([]),
    forward: formed(
      { plain: [], to: [arg("host", "host"), maybe("port", "int", { min: 0, max: 65535 })] },
      requests,
    ),
    log: formed({
      plain: [arg("text", "str")],
      withLevel: [arg("level", "int"), arg("text", "str")],
    }),
  },
  eventRoutes: [
    { name: "core:worker-one-init", doc: "" },
    { name: "core:pre-routing", doc: "" },
  ],
};

const tm: ModuleSpec = {
  name: "tm",
  doc: "",
  params: {
    fr_timer: { type: "int", doc: "", min: 0 },
    fr_inv_timer: { type: "int", doc: "", min: 0 },
    auto_inv_100: { type: "flag", doc: "" },
    failure_reply_mode: { type: "int", doc: "", values: [0, 1, 2, 3] },
    fr_timer_avp: { type: "str", doc: "", form: "avp" },
    default_reason: { type: "str", doc: "" },
    wt_timer: { type: "int", doc: "" },
    relay_100: { type: "int", doc: "", implemented: false },
  },
  functions: {
    t_relay: fn([maybe("host", "host"), maybe("port", "int", { min: 1, max: 65535 })], requests),
    t_newtran: fn([], ["request"]),
    t_reply: fn([arg("code", "status"), arg("reason", "fmt")], requests),
    t_on_failure: fn(
      [arg("route", "route", { of: "failure" })],
      ["request", "failure", "branch", "reply"],
    ),
    t_on_branch: fn([arg("route", "route", { of: "branch" })], requests),
    t_on_reply: fn([arg("route", "route", { of: "reply" })], ["request", "failure", "branch"]),
    t_on_branch_failure: fn([arg("route", "route", { of: "event", prefix: "tm:branch-failure:" })]),
    t_check_status: fn([arg("status", "regex-fmt")]),
    t_check_trans: fn([], ["request", "reply", "branch"]),
    t_drop_replies: fn([maybe("mode", "str", { values: ["a", "l", "n"] })], ["failure"]),
    t_is_canceled: fn([]),
    t_release: fn([], ["request"]),
    t_set_fr: fn(
      [arg("inv", "int", { min: 0 }), maybe("fr", "int", { min: 0 })],
      ["request", "branch"],
    ),
    t_uac_send: fn([arg("method", "fmt")], ["any"], { implemented: false }),
    t_relay_cancel: fn([], ["request"]),
  },
  eventRoutes: [
    { name: "tm:local-request", doc: "" },
    { name: "tm:branch-failure:*", doc: "" },
  ],
};

const read = (type: VariableSpec["type"]): VariableSpec => ({ doc: "", type });
const write = (type: VariableSpec["type"]): VariableSpec => ({ doc: "", type, writable: true });
const bag: VariableSpec = {
  doc: "",
  type: "any",
  writable: true,
  inner: "required",
  innerForm: "key",
  indexed: true,
};

const tmx: ModuleSpec = {
  name: "tmx",
  doc: "",
  needs: { tm },
  functions: { t_precheck_trans: fn([], ["request"]), t_is_failure_route: fn([]) },
  variables: {
    T_reply_code: read("int"),
    T_branch_idx: read("int"),
    T_req: { doc: "", type: "any", inner: "required", innerForm: "variable" },
    T_rpl: { doc: "", type: "any", inner: "required", innerForm: "variable" },
    T: {
      doc: "",
      type: "any",
      inner: "required",
      innerForm: "key",
      innerValues: ["id_index", "reply_code"],
    },
  },
};

const sl: ModuleSpec = {
  name: "sl",
  doc: "",
  params: {
    default_code: { type: "int", doc: "", min: 100, max: 699 },
    bind_tm: { type: "flag", doc: "" },
  },
  functions: {
    sl_send_reply: fn([arg("code", "status"), arg("reason", "fmt")], requests),
    send_reply: fn([arg("code", "status"), arg("reason", "fmt")], requests),
    sl_reply_error: fn([], ["request"]),
  },
};

const tr = (
  min: number,
  max: number,
  extra: Partial<TransformationSpec> = {},
): TransformationSpec => ({
  doc: "",
  min,
  max,
  result: "any",
  ...extra,
});

const pv: ModuleSpec = {
  name: "pv",
  doc: "",
  params: { shvset: { type: "str", doc: "", multiple: true } },
  functions: { pv_isset: fn([arg("variable", "var")]), is_int: fn([arg("variable", "var")]) },
  variables: {
    null: read("any"),
    rc: read("int"),
    retcode: read("int"),
    "?": read("int"),
    ru: write("str"),
    rU: write("str"),
    rd: write("str"),
    rp: write("int"),
    rm: read("str"),
    rs: read("int"),
    rr: read("str"),
    si: read("str"),
    sp: read("int"),
    du: write("str"),
    fu: write("str"),
    fU: write("str"),
    fd: write("str"),
    tu: write("str"),
    tU: write("str"),
    td: write("str"),
    ci: read("str"),
    cs: read("int"),
    ua: read("str"),
    proto: read("str"),
    mt: read("int"),
    mf: write("int"),
    Ts: read("int"),
    ct: read("str"),
    hdr: { doc: "", type: "str", inner: "required", innerForm: "header", indexed: true },
    var: { ...bag, indexed: false },
    avp: bag,
    xavp: bag,
    shv: { ...bag, indexed: false },
    sel: { doc: "", type: "str", inner: "required", innerForm: "text" },
    _s: { doc: "", type: "str", inner: "required", innerForm: "format" },
    TV: {
      doc: "",
      type: "any",
      inner: "required",
      innerForm: "key",
      innerValues: ["s", "u", "sn", "un", "Sn"],
    },
    $: read("str"),
  },
  transformations: {
    s: {
      len: tr(0, 0),
      int: tr(0, 0),
      substr: tr(2, 2, { args: ["int", "int"] }),
      select: tr(2, 2, { args: ["int", "str"] }),
      tolower: tr(0, 0),
      replace: tr(2, 2),
      strip: tr(1, 1, { args: ["int"] }),
      "encode.hexa": tr(0, 0),
    },
    uri: { user: tr(0, 0), host: tr(0, 0), param: tr(1, 1), port: tr(0, 0) },
    param: { value: tr(1, 2), name: tr(1, 2, { args: ["int", "str"] }) },
    nameaddr: { uri: tr(0, 0) },
  },
};

const xlog: ModuleSpec = {
  name: "xlog",
  doc: "",
  functions: {
    xlog: formed({
      plain: [arg("text", "fmt")],
      withLevel: [level, arg("text", "fmt")],
    }),
    xdbg: fn([arg("text", "fmt")]),
    xinfo: fn([arg("text", "fmt")]),
    xerr: fn([arg("text", "fmt")]),
  },
};

const textops: ModuleSpec = {
  name: "textops",
  doc: "",
  functions: {
    is_method: fn([arg("methods", "methods")]),
    append_hf: fn([arg("text", "fmt"), maybe("after", "header")]),
    remove_hf: fn([arg("name", "header")]),
    is_present_hf: fn([arg("name", "header")]),
    append_to_reply: fn([arg("text", "fmt")]),
    search: fn([arg("pattern", "regex")]),
    subst: fn([arg("expression", "subst")]),
    has_body: fn([maybe("type", "fmt")]),
  },
  transformations: { re: { subst: tr(1, 1, { raw: true }) } },
};

const simple = (
  name: string,
  functions: ModuleSpec["functions"] = {},
  extra: Partial<ModuleSpec> = {},
): ModuleSpec => ({ name, doc: "", functions, ...extra });

const params = (table: Readonly<Record<string, ParamSpec>>): Partial<ModuleSpec> => ({
  params: table,
});

const usrloc = simple(
  "usrloc",
  {},
  {
    ...params({
      db_mode: { type: "int", doc: "", min: 0, max: 4, values: [0, 1, 2, 3, 4] },
      use_domain: { type: "flag", doc: "" },
      db_url: { type: "str", doc: "" },
      timer_interval: { type: "int", doc: "", min: 1 },
      nat_bflag: { type: "int", doc: "", min: 0, max: 31 },
      hash_size: { type: "int", doc: "", min: 0, max: 14, ignored: "the table grows by itself" },
    }),
    eventRoutes: [{ name: "usrloc:contact-expired", doc: "" }],
  },
);

const registrar = simple(
  "registrar",
  {
    save: fn(
      [arg("domain", "table"), maybe("flags", "int"), maybe("uri", "uri")],
      ["request", "reply"],
    ),
    lookup: fn([arg("domain", "table"), maybe("uri", "uri")], requests),
    registered: fn([arg("domain", "table"), maybe("uri", "uri")]),
  },
  {
    needs: { usrloc },
    ...params({
      max_expires: { type: "int", doc: "", min: 0 },
      default_expires: { type: "int", doc: "", min: 0 },
      received_avp: { type: "str", doc: "", form: "variable" },
      realm_prefix: { type: "str", doc: "" },
    }),
  },
);

const rr = simple(
  "rr",
  {
    record_route: fn([maybe("params", "fmt")], ["request", "branch", "failure"]),
    loose_route: fn([], ["request"]),
    is_direction: fn([arg("direction", "str", { values: ["downstream", "upstream"] })]),
    add_rr_param: fn([arg("param", "fmt")], ["request", "branch", "failure"]),
    check_route_param: fn([arg("pattern", "regex")]),
  },
  params({ enable_full_lr: { type: "int", doc: "" }, append_fromtag: { type: "int", doc: "" } }),
);

const others: readonly ModuleSpec[] = [
  simple("maxfwd", {
    mf_process_maxfwd_header: fn([arg("limit", "int", { min: 0, max: 255 })], ["request"]),
  }),
  simple("siputils", {
    has_totag: fn([]),
    is_request: fn([]),
    is_reply: fn([]),
    options_reply: fn([], ["request"]),
  }),
  simple("sanity", { sanity_check: fn([maybe("msg", "int"), maybe("uri", "int")]) }),
  simple("kex", {
    setbflag: fn([flag, maybe("branch", "int")]),
    isbflagset: fn([flag, maybe("branch", "int")]),
    is_myself: fn([arg("uri", "uri")]),
  }),
  simple("corex", { append_branch: fn([maybe("uri", "uri"), maybe("q", "str")], requests) }),
  simple("pua", {}, { needs: { tm }, ...params({ hash_size: { type: "int", doc: "" } }) }),
];

const pua = others.at(-1) as ModuleSpec;
const puaReginfo = simple(
  "pua_reginfo",
  {
    reginfo_subscribe: fn([arg("uri", "fmt"), maybe("expires", "int", { min: 0 })]),
    reginfo_handle_notify: fn([arg("domain", "table")], ["request"]),
  },
  {
    needs: { pua, usrloc },
    ...params({
      default_domain: { type: "str", doc: "" },
      publish_reginfo: { type: "flag", doc: "" },
      server_address: { type: "str", doc: "", form: "uri" },
    }),
  },
);

const all = [tm, tmx, sl, pv, xlog, textops, usrloc, registrar, rr, ...others, puaReginfo];

/** What the tests can load. */
export const testCatalog: Catalog = {
  core,
  modules: new Map(all.map((module) => [module.name, module])),
};

/** `loadmodule` lines for everything, in an order that works. */
export const loadAll = `${[
  "tm tmx sl pv xlog textops siputils rr maxfwd sanity kex corex usrloc registrar pua pua_reginfo",
]
  .join(" ")
  .split(" ")
  .map((name) => `loadmodule "${name}.so"`)
  .join("\n")}\n`;
