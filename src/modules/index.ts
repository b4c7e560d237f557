/** All modules that come with the program. */
import type { AnyModule } from "../runtime/module.ts";
import acc from "./acc/index.ts";
import cfgRpc from "./cfg_rpc/index.ts";
import corex from "./corex/index.ts";
import counters from "./counters/index.ts";
import ctl from "./ctl/index.ts";
import jsonrpcs from "./jsonrpcs/index.ts";
import kex from "./kex/index.ts";
import maxfwd from "./maxfwd/index.ts";
import presence from "./presence/index.ts";
import presenceReginfo from "./presence_reginfo/index.ts";
import pua from "./pua/index.ts";
import puaReginfo from "./pua_reginfo/index.ts";
import pv from "./pv/index.ts";
import reginfo from "./reginfo/index.ts";
import registrar from "./registrar/index.ts";
import rr from "./rr/index.ts";
import sanity from "./sanity/index.ts";
import siputils from "./siputils/index.ts";
import sl from "./sl/index.ts";
import textops from "./textops/index.ts";
import textopsx from "./textopsx/index.ts";
import tm from "./tm/index.ts";
import tmx from "./tmx/index.ts";
import usrloc from "./usrloc/index.ts";
import xlog from "./xlog/index.ts";

/** In alphabetical order; each author adds own lines. */
export const moduleDefinitions: readonly AnyModule[] = [
  acc,
  cfgRpc,
  corex,
  counters,
  ctl,
  jsonrpcs,
  kex,
  maxfwd,
  presence,
  presenceReginfo,
  pua,
  puaReginfo,
  pv,
  reginfo,
  registrar,
  rr,
  sanity,
  siputils,
  sl,
  textops,
  textopsx,
  tm,
  tmx,
  usrloc,
  xlog,
];
