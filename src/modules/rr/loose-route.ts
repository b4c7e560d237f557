/** Following the route set of a request (RFC 3261, 16.4 and 16.12). */
import { Header } from "../../sip/headers.ts";
import { trimStart } from "../../sip/chars.ts";
import type { NameAddr } from "../../sip/name-addr.ts";
import type { SipUri } from "../../sip/uri.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import type { ListenSocket, Proto } from "../../runtime/transport.ts";
import type { RouteStates } from "./state.ts";

/** Results of loose_route(). */
export const Routed = { done: 1, failed: -1, preloaded: -3 } as const;

export interface LooseRouteSettings {
  readonly enable_double_rr: number;
  readonly force_send_socket: boolean;
  readonly sockname_mode: boolean;
}

type LocalRouteCallback = (context: ScriptContext, params: string) => void;

export class LooseRoute {
  readonly #settings: LooseRouteSettings;
  readonly #states: RouteStates;
  readonly #callbacks: LocalRouteCallback[] = [];

  constructor(settings: LooseRouteSettings, states: RouteStates) {
    this.#settings = settings;
    this.#states = states;
  }

  onLocalRoute(callback: LocalRouteCallback): void {
    this.#callbacks.push(callback);
  }

  /** Follows the routes. `looseOnly`: a Request-URI of our own is an address like any other. */
  follow(context: ScriptContext, looseOnly: boolean): number {
    const { msg } = context;
    if (msg.find(Header.Route) < 0) return Routed.failed;
    const routes = msg.routes;
    if (routes === null || routes.length === 0) return Routed.failed;
    const isPreloaded = msg.toTag === "";
    if (!isPreloaded && !looseOnly) {
      const uri = context.uriParts;
      if (uri === null) return Routed.failed;
      if (isOurs(context, uri)) return this.#afterStrict(context, routes, uri);
    }
    return this.#afterLoose(context, routes, isPreloaded);
  }

  /** The element before us was a loose router: the first Route is ours, if it did as it should. */
  #afterLoose(context: ScriptContext, routes: readonly NameAddr[], isPreloaded: boolean): number {
    const first = routes[0]?.uri;
    if (!first) return Routed.failed;
    let next = 0;
    if (isOurs(context, first)) {
      const state = this.#states.of(context);
      state.routeParams = first.params;
      next = this.#takeOff(context, routes, first);
      for (const callback of this.#callbacks) callback(context, first.params);
      if (next >= routes.length) return isPreloaded ? Routed.preloaded : Routed.done;
      state.hasNextRoute = true;
    }
    return follow(context, routes, next) ? Routed.done : Routed.failed;
  }

  /** Removes our own Route, or the pair of them; the index of the next one. */
  #takeOff(context: ScriptContext, routes: readonly NameAddr[], first: SipUri): number {
    removeRoute(context, routes, 0);
    const second = routes[1];
    const isPair = this.#settings.enable_double_rr !== 0 && first.r2 !== undefined;
    if (isPair && second?.uri && second.uri.r2 !== undefined && isOurs(context, second.uri)) {
      // The request leaves by the socket that the pair's second one names.
      this.#forceSocket(context, second.uri);
      removeRoute(context, routes, 1);
      return 2;
    }
    if (this.#settings.force_send_socket) this.#forceSocket(context, first);
    return 1;
  }

  #forceSocket(context: ScriptContext, uri: SipUri): void {
    const socket = findSocket(context.services.sockets, uri, this.#settings.sockname_mode);
    if (socket !== undefined) context.forcedSocket = socket;
  }

  /** The element before us was a strict router: the Request-URI is ours, the last Route is the target. */
  #afterStrict(context: ScriptContext, routes: readonly NameAddr[], own: SipUri): number {
    const state = this.#states.of(context);
    state.routeParams = own.params;
    let at = 0;
    const first = routes[0]?.uri;
    if (!first) return Routed.failed;
    if (this.#settings.enable_double_rr !== 0 && own.r2 !== undefined && isOurs(context, first)) {
      this.#forceSocket(context, first);
      removeRoute(context, routes, 0);
      at = 1;
    }
    for (const callback of this.#callbacks) callback(context, own.params);
    const next = routes[at];
    if (next === undefined) return Routed.done;
    if (!next.uri) return Routed.failed;
    if (!next.uri.lr) {
      context.newUri = next.uriText;
      removeRoute(context, routes, at);
      return Routed.done;
    }
    context.dstUri = nextHop(next.uri);
    const last = routes.length - 1;
    context.newUri = (routes[last] as NameAddr).uriText;
    removeRoute(context, routes, last);
    return Routed.done;
  }
}

/** Address and port are what counts; without a port the default one is meant. */
function isOurs(context: ScriptContext, uri: SipUri): boolean {
  if (uri.host === "") return false;
  return context.services.isMyself(uri.host, uri.port === 0 ? 5060 : uri.port, undefined);
}

/** Sends the request to that Route; a strict router gets the Request-URI's place (RFC 3261, 16.6 step 6). */
function follow(context: ScriptContext, routes: readonly NameAddr[], index: number): boolean {
  const route = routes[index];
  if (!route?.uri) return false;
  if (route.uri.lr) {
    context.dstUri = nextHop(route.uri);
    return true;
  }
  const { msg } = context;
  const target = context.uri;
  context.newUri = route.uriText;
  removeRoute(context, routes, index);
  context.edits.appendHeader(msg, `Route: <${target}>\r\n`);
  return true;
}

/** The URI, or the address in maddr instead of its host. */
function nextHop(uri: SipUri): string {
  const { maddr } = uri;
  if (!maddr) return uri.text;
  const transport = uri.transport ? `;transport=${uri.transport}` : "";
  return `${uri.scheme}:${maddr}${uri.port === 0 ? "" : `:${uri.port}`}${transport}`;
}

/** Removes one value; with it the header line, when it is the last that is left on it. */
function removeRoute(context: ScriptContext, routes: readonly NameAddr[], index: number): void {
  const { msg } = context;
  const route = routes[index] as NameAddr;
  for (let i = msg.find(Header.Route); i >= 0; i = msg.findNext(Header.Route, i)) {
    if (route.start < msg.valueStart(i) || route.start >= msg.headerEnd(i)) continue;
    removeFromLine(context, routes, index, i);
    return;
  }
}

function removeFromLine(
  context: ScriptContext,
  routes: readonly NameAddr[],
  index: number,
  header: number,
): void {
  const { msg, edits } = context;
  const lineStart = msg.headerStart(header);
  const lineEnd = msg.headerEnd(header);
  const isLeft = (route: NameAddr | undefined): boolean =>
    route !== undefined &&
    route.start >= lineStart &&
    route.start < lineEnd &&
    !edits.isRemoved(route.start);
  const others = routes.filter((route, i) => i !== index && isLeft(route));
  if (others.length === 0) {
    edits.removeHeader(msg, header);
    return;
  }
  const route = routes[index] as NameAddr;
  const next = routes[index + 1];
  if (isLeft(next)) edits.remove(route.start, (next as NameAddr).start);
  else {
    // The last of its line: the comma in front of it goes as well.
    const previous = routes[index - 1] as NameAddr;
    edits.remove(previous.end, trimStart(msg.text, route.end, msg.valueEnd(header)));
  }
}

/** The socket that a Route of ours names: by its name where we write names, else by address, port and transport. */
function findSocket(
  sockets: readonly ListenSocket[],
  uri: SipUri,
  byName: boolean,
): ListenSocket | undefined {
  const name = byName ? uri.param("sn") : undefined;
  if (name) return sockets.find((socket) => socket.name === name);
  const proto = (uri.transport?.toLowerCase() || "udp") as Proto;
  const port = uri.port === 0 ? 5060 : uri.port;
  const matches = (socket: ListenSocket): boolean =>
    (socket.viaHost === uri.host && socket.viaPort === port) ||
    (socket.address === uri.host.replace(/^\[|\]$/g, "") && socket.port === port);
  return sockets.find((socket) => socket.proto === proto && matches(socket));
}
