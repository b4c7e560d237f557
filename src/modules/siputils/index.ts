/** The module siputils: checks and changes of messages and URIs. */
import { Header } from "../../sip/headers.ts";
import { withHost, withoutParam, withParam, withUser } from "../../sip/uri-rewrite.ts";
import { parseUri } from "../../sip/uri.ts";
import { parseNameAddr } from "../../sip/name-addr.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  bound,
  implementModule,
  type ModuleBehaviour,
  type ModuleEnvironment,
  type ScriptVariable,
} from "../../runtime/module.ts";
import { ChargingVector } from "./charging-vector.ts";
import {
  decodeFromParam,
  decodeUri,
  dropParam,
  encodeInParam,
  encodeUri,
  rewriteContacts,
} from "./contacts.ts";
import { siputils } from "./spec.ts";
import {
  compareAors,
  compareUris,
  isAlphanumeric,
  isE164,
  isNumeric,
  isTelNumber,
  sameHeaderName,
  telToSip,
} from "./uri-checks.ts";

type Environment = ModuleEnvironment<typeof siputils>;
type Functions = NonNullable<ModuleBehaviour<typeof siputils>["functions"]>;

const truth = (is: boolean): number => (is ? 1 : -1);

/** A reply's way back leads through us first, if the first Record-Route is ours. */
function isFirstHop(context: ScriptContext, mode: number): number {
  const { msg, services } = context;
  if (msg.isRequest) return truth(msg.secondVia === undefined);
  const uri = msg.recordRoutes?.[0]?.uri;
  if (!uri || !services.isMyself(uri.host, uri.port, undefined)) return -1;
  if (mode === 1) return 1;
  // Only an address can be compared with that of the sender; a loop would come from ourselves.
  const isAddress = /^[\d.]+$/.test(uri.host) || uri.host.startsWith("[");
  return truth(isAddress && !services.isMyself(context.sourceAddress, 0, undefined));
}

const messageFunctions = {
  has_totag: bound(() => (c) => (c.msg.toTag === "" ? -1 : 1)),
  is_request: bound(() => (c) => (c.msg.isRequest ? 1 : -1)),
  is_reply: bound(() => (c) => (c.msg.isRequest ? -1 : 1)),
  is_first_hop: (c, mode) => isFirstHop(c, mode ?? 0),
  is_supported: (c, option) => truth(c.msg.supported.has(option)),
  hdr_date_check: (c, seconds) => {
    const { date } = c.msg;
    if (date === undefined || date === null) return -1;
    const now = Math.floor(c.services.clock.wallTime() / 1000);
    return now > date + seconds ? -4 : 1;
  },
} satisfies Partial<Functions>;

/** Sets the Request-URI if there is one to set. */
function setUri(context: ScriptContext, uri: string | undefined): number {
  if (uri === undefined) return -1;
  context.newUri = uri;
  return 1;
}

const requestUriFunctions = {
  uri_param: {
    bare: (c, name) => truth(c.uriParts?.param(name) === ""),
    valued: (c, name, value) => truth(value !== "" && c.uriParts?.param(name) === value),
  },
  uri_param_any: (c, name) => truth(c.uriParts?.param(name) !== undefined),
  uri_param_rm: (c, name) => {
    const uri = withoutParam(c.uri, name);
    if (uri !== undefined) c.newUri = uri;
    return truth(c.uriParts !== null);
  },
  add_uri_param: (c, param) => setUri(c, param === "" ? c.uri : withParam(c.uri, param)),
  get_uri_param: (c, name, target) => {
    const value = c.uriParts?.param(name);
    if (value === undefined) return -1;
    target.set(c, value);
    return 1;
  },
  is_gruu: (c, text) => {
    const gr = (text === undefined ? c.uriParts : parseUri(text))?.gr;
    return gr === undefined ? -1 : gr === "" ? 2 : 1;
  },
} satisfies Partial<Functions>;

/** Changes the URI in a variable. */
function changeUri(
  context: ScriptContext,
  variable: ScriptVariable,
  change: (uri: string) => string | undefined,
): number {
  const value = variable.get(context);
  const uri = typeof value === "string" ? change(value) : undefined;
  if (uri === undefined) return -1;
  variable.set(context, uri);
  return 1;
}

const textFunctions = {
  is_e164: (c, variable) => truth(isE164(String(variable.get(c) ?? ""))),
  is_uri_user_e164: (c, variable) =>
    truth(isE164(parseUri(String(variable.get(c) ?? ""))?.user ?? "")),
  is_uri: (_c, text) => truth(parseUri(text) !== undefined),
  is_tel_number: (_c, text) => isTelNumber(text),
  is_numeric: (_c, text) => isNumeric(text),
  is_alphanum: (_c, text) => isAlphanumeric(text, ""),
  is_alphanumex: (_c, text, further) => isAlphanumeric(text, further),
  cmp_uri: (_c, one, other) => compareUris(one, other),
  cmp_aor: (_c, one, other) => compareAors(one, other),
  cmp_hdr_name: (_c, one, other) => truth(sameHeaderName(one, other)),
  set_uri_user: (c, variable, user) => changeUri(c, variable, (uri) => withUser(uri, user)),
  set_uri_host: (c, variable, host) => changeUri(c, variable, (uri) => withHost(uri, host)),
  tel2sip: (...[c, text, host, target]) => {
    const uri = parseUri(text);
    if (uri === undefined) return -1;
    if (uri.scheme !== "tel" && uri.scheme !== "tels") return 2;
    target.set(c, telToSip(uri, host));
    return 1;
  },
} satisfies Partial<Functions>;

function contactFunctions({ params }: Environment) {
  const separator = (): string => params.contact_flds_separator.charAt(0) || "*";
  const decodeParamUri = (context: ScriptContext, name: string): number =>
    setUri(context, decodeFromParam(context.uri, name));
  return {
    encode_contact: (c, prefix, host) =>
      rewriteContacts(c, (uri) => encodeUri(uri, separator(), prefix, host)),
    decode_contact_header: (c) => rewriteContacts(c, (uri) => decodeUri(uri, separator())),
    decode_contact: (c) => setUri(c, decodeUri(c.uri, separator())),
    contact_param_encode: (c, name, own) =>
      c.msg.find(Header.Contact) < 0
        ? 1
        : rewriteContacts(c, (uri) => encodeInParam(uri, name, own)),
    contact_param_decode: (c, name) =>
      rewriteContacts(c, (uri) => decodeFromParam(uri, name) ?? uri),
    contact_param_rm: (c, name) => rewriteContacts(c, (uri) => dropParam(uri, name)),
    contact_param_decode_uri: decodeParamUri,
    contact_param_decode_ruri: decodeParamUri,
  } satisfies Partial<Functions>;
}

function remotePartyFunctions(environment: Environment) {
  const { params } = environment;
  const variable = environment.variable(params.rpid_avp);
  const append = (context: ScriptContext, prefix: string, suffix: string): number => {
    const uri = variable.get(context);
    if (typeof uri !== "string" || uri === "") return -1;
    context.edits.appendHeader(context.msg, `Remote-Party-ID: ${prefix}${uri}${suffix}\r\n`);
    return 1;
  };
  return {
    append_rpid_hf: {
      usual: (c) => append(c, params.rpid_prefix, params.rpid_suffix),
      given: append,
    },
    is_rpid_user_e164: (c) => {
      const text = variable.get(c);
      if (typeof text !== "string") return -1;
      return truth(isE164(parseNameAddr(text)?.uri?.user ?? ""));
    },
  } satisfies Partial<Functions>;
}

/** The answer to OPTIONS for this server itself (RFC 3261, 11.2). */
function optionsReply({ params, use }: Environment, context: ScriptContext): number {
  const { msg } = context;
  if (msg.method !== "OPTIONS" || context.uriParts?.user !== "") return -1;
  context.replyHeaders.push(
    `Accept: ${params.options_accept}\r\n`,
    `Accept-Encoding: ${params.options_accept_encoding}\r\n`,
    `Accept-Language: ${params.options_accept_language}\r\n`,
    `Supported: ${params.options_support}\r\n`,
  );
  return use.sl.reply(context, 200, "OK");
}

export default implementModule(siputils, (environment) => {
  const chargingVector = new ChargingVector();
  return {
    functions: {
      ...messageFunctions,
      ...requestUriFunctions,
      ...textFunctions,
      ...contactFunctions(environment),
      ...remotePartyFunctions(environment),
      options_reply: (c) => optionsReply(environment, c),
      sip_p_charging_vector: (c, flags) => chargingVector.change(c, flags),
    },
    variables: {
      pcv: (reference) => {
        const part = reference.inner ?? "all";
        return { get: (context) => chargingVector.read(context, part) };
      },
    },
  };
});
