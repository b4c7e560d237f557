/** Changes of the Request-URI, part by part. */
import {
  withHost,
  withHostPort,
  withoutParam,
  withParam,
  withPort,
  withUser,
  withUserPassword,
} from "../../sip/uri-rewrite.ts";
import { parseUri } from "../../sip/uri.ts";
import type { ScriptContext } from "../../runtime/context.ts";

type Rewrite = (uri: string, value: string) => string | undefined;

/** Makes a handler that puts a text into the Request-URI; -1 when the URI has no such part. */
function rewriter(rewrite: Rewrite): (context: ScriptContext, value: string) => number {
  return (context, value) => {
    const changed = rewrite(context.uri, value);
    if (changed === undefined) return -1;
    context.newUri = changed;
    return 1;
  };
}

/** As Kamailio: a telephone number with a host is a SIP URI with `user=phone` (RFC 3261, 19.1.6). */
function asSip(uri: string): string {
  const parsed = parseUri(uri);
  if (parsed === undefined || !parsed.scheme.startsWith("tel")) return uri;
  return `sip:${uri.slice(parsed.scheme.length + 1)}@host;user=phone`;
}

function changeUser(uri: string, change: (user: string) => string): string | undefined {
  const parsed = parseUri(uri);
  return parsed === undefined ? undefined : putUser(uri, change(parsed.user));
}

/** A tel URI may be left without its number, as in Kamailio. */
function putUser(uri: string, user: string): string | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined) return undefined;
  if (!parsed.scheme.startsWith("tel")) return withUser(uri, user);
  const start = parsed.scheme.length + 1;
  return uri.slice(0, start) + user + uri.slice(start + parsed.user.length);
}

const setHost = rewriter((uri, host) => withHost(asSip(uri), host));
const setHostPort = rewriter((uri, hostPort) => withHostPort(asSip(uri), hostPort));
const setHostPortTransport = rewriter((uri, target) => {
  const sip = asSip(uri);
  return withHostPort(withoutParam(sip, "transport") ?? sip, target);
});
const setPort = rewriter(withPort);
const setUser = rewriter(putUser);
const setUserPassword = rewriter((uri, user) => withUserPassword(uri, user) ?? putUser(uri, user));
const setUri = (context: ScriptContext, uri: string): number => {
  context.newUri = uri;
  return 1;
};

/** Shortens the user; asking for too much leaves none. */
const strip = (context: ScriptContext, count: number): number => {
  if (count <= 0) return 1;
  const changed = changeUser(context.uri, (user) => user.slice(count));
  if (changed !== undefined) context.newUri = changed;
  return changed === undefined ? -1 : 1;
};

const stripTail = (context: ScriptContext, count: number): number => {
  if (count <= 0) return 1;
  const changed = changeUser(context.uri, (user) =>
    user.slice(0, Math.max(0, user.length - count)),
  );
  if (changed !== undefined) context.newUri = changed;
  return changed === undefined ? -1 : 1;
};

const prefix = rewriter((uri, text) =>
  text === "" ? uri : changeUser(uri, (user) => text + user),
);

const userphone = (context: ScriptContext): number => {
  const uri = parseUri(context.uri);
  if (uri === undefined) return -1;
  const isSip = uri.scheme === "sip" || uri.scheme === "sips";
  if (!isSip || uri.param("user")?.toLowerCase() === "phone") return 1;
  const changed = withParam(context.uri, "user=phone");
  if (changed !== undefined) context.newUri = changed;
  return 1;
};

const revert = (context: ScriptContext): number => {
  context.newUri = null;
  return 1;
};

/** Handlers by the names of the language. */
export const requestUriFunctions = {
  rewriteuri: setUri,
  seturi: setUri,
  revert_uri: revert,
  rewritehost: setHost,
  sethost: setHost,
  seth: setHost,
  rewritehostport: setHostPort,
  sethostport: setHostPort,
  sethp: setHostPort,
  rewritehostporttrans: setHostPortTransport,
  sethostporttrans: setHostPortTransport,
  sethpt: setHostPortTransport,
  rewriteport: setPort,
  setport: setPort,
  setp: setPort,
  rewriteuser: setUser,
  setuser: setUser,
  setu: setUser,
  rewriteuserpass: setUserPassword,
  setuserpass: setUserPassword,
  setup: setUserPassword,
  prefix,
  strip,
  strip_tail: stripTail,
  userphone,
} as const;
