/** The module corex: functions of the core with variables. */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Positions } from "../../dsl/diagnostics/positions.ts";
import { messageOf } from "../../runtime/errors.ts";
import { parseQ } from "../../sip/contact.ts";
import { BranchTarget, ContextSlot, type ScriptContext } from "../../runtime/context.ts";
import {
  implementModule,
  RpcError,
  RpcStruct,
  type ModuleBehaviour,
  type ModuleEnvironment,
  type TransformationImplementation,
  type VariableImplementation,
} from "../../runtime/module.ts";
import type { ListenSocket } from "../../runtime/transport.ts";
import { corex } from "./spec.ts";
import type { Services } from "../../runtime/services.ts";
import {
  describeSocket,
  findSocket,
  parseSocket,
  sendText,
  targetOfUri,
  withoutBrackets,
} from "./sockets.ts";
import { subdomainCheck } from "./subdomains.ts";

type Environment = ModuleEnvironment<typeof corex>;
type Functions = NonNullable<ModuleBehaviour<typeof corex>["functions"]>;

function appendBranch(
  context: ScriptContext,
  uri: string | undefined,
  q: string | undefined,
): number {
  const branch = new BranchTarget(uri || context.uri);
  if (!uri) {
    // The Request-URI goes on as it is, with all that belongs to it.
    branch.dstUri = context.dstUri;
    branch.path = context.path;
    branch.instance = context.instance;
    branch.regId = context.regId;
    branch.ruid = context.ruid;
    branch.locationUa = context.locationUa;
    branch.q = context.q;
  }
  branch.flags = context.branchFlags;
  branch.socket = context.forcedSocket;
  const preference = q === undefined ? -1 : parseQ(q);
  if (preference >= 0) branch.q = preference;
  context.branches.push(branch);
  return 1;
}

const branchFunctions = {
  append_branch: (c, uri, q) => appendBranch(c, uri, q),
  // A message made here counts as having come from our own socket.
  is_faked_msg: (c) =>
    c.sourcePort === c.socket.port && c.sourceAddress === c.socket.address ? 1 : -1,
  forward_reply: (c) => {
    if (c.msg.isRequest) return -1;
    c.services.sender.forwardReply(c);
    return 1;
  },
} satisfies Partial<Functions>;

/** Sets a socket if the text names one; what it does not name stays, and that is no fault. */
function useSocket(socket: ListenSocket | undefined, set: (socket: ListenSocket) => void): number {
  if (socket !== undefined) set(socket);
  return 1;
}

function socketFunctions({ services }: Environment) {
  const named = (name: string): ListenSocket | undefined =>
    services.sockets.find((socket) => socket.name === name);
  return {
    set_send_socket: (c, text) =>
      useSocket(findSocket(services.sockets, text), (socket) => (c.forcedSocket = socket)),
    set_send_socket_name: (c, name) =>
      useSocket(named(name), (socket) => (c.forcedSocket = socket)),
    set_recv_socket: (c, text) =>
      useSocket(findSocket(services.sockets, text), (socket) => (c.socket = socket)),
    set_recv_socket_name: (c, name) => useSocket(named(name), (socket) => (c.socket = socket)),
    set_source_address: (c, text) => {
      const source = parseSocket(text);
      if (source === undefined) return -1;
      c.sourceAddress = withoutBrackets(source.host);
      c.sourcePort = source.port || 5060;
      return 1;
    },
    is_socket_name: (_c, name) => (named(name) === undefined ? -1 : 1),
    send_udp: (c, destination) => {
      const target = destination ? parseSocket(destination) : targetOfUri(c.dstUri ?? c.uri);
      return target === undefined
        ? -1
        : sendText(c, { ...target, proto: "udp" }, c.msg.text, undefined);
    },
    send_data: (c, uri, data) => {
      const target = targetOfUri(uri);
      return target === undefined ? -1 : sendText(c, target, data, undefined);
    },
    sendx: (...[c, uri, from, data]) => {
      const target = targetOfUri(uri);
      const socket = findSocket(services.sockets, from);
      if (target === undefined || socket === undefined) return -1;
      return sendText(c, target, data, socket);
    },
  } satisfies Partial<Functions>;
}

/** Flags that are no part of the message's own 32: extended ones, and those that modules keep. */
function flagFunctions() {
  const extended = new ContextSlot<bigint>();
  const internal = new ContextSlot<Set<string>>();
  const isExtended = (flag: number): boolean => flag >= 0 && flag < 64;
  const flagsOf = (context: ScriptContext): bigint => context.state(extended) ?? 0n;
  return {
    setxflag: (c, flag) => {
      if (!isExtended(flag)) return -1;
      c.setState(extended, flagsOf(c) | (1n << BigInt(flag)));
      return 1;
    },
    resetxflag: (c, flag) => {
      if (!isExtended(flag)) return -1;
      c.setState(extended, flagsOf(c) & ~(1n << BigInt(flag)));
      return 1;
    },
    isxflagset: (c, flag) =>
      isExtended(flag) && (flagsOf(c) & (1n << BigInt(flag))) !== 0n ? 1 : -1,
    msg_iflag_set: (c, name) => {
      const names = c.state(internal) ?? new Set<string>();
      c.setState(internal, names.add(name));
      return 1;
    },
    msg_iflag_reset: (c, name) => {
      c.state(internal)?.delete(name);
      return 1;
    },
    msg_iflag_is_set: (c, name) => (c.state(internal)?.has(name) === true ? 1 : -2),
  } satisfies Partial<Functions>;
}

function fileFunctions({ services }: Environment) {
  const pathOf = (path: string): string => resolve(services.configDirectory, path);
  const fail = (path: string, cause: unknown): number => {
    services.log.error(`${path}: ${messageOf(cause)}`);
    return -1;
  };
  return {
    file_read: async (c, path, target) => {
      try {
        target.set(c, await readFile(pathOf(path), "latin1"));
        return 1;
      } catch (cause) {
        return fail(path, cause);
      }
    },
    file_write: async (_c, path, content) => {
      try {
        await writeFile(pathOf(path), content, "latin1");
        return 1;
      } catch (cause) {
        return fail(path, cause);
      }
    },
  } satisfies Partial<Functions>;
}

/** `$cfg(...)`: where in the configuration the variable stands. */
const place =
  (services: Services): VariableImplementation =>
  (reference) => {
    const { span } = reference.node;
    if (reference.inner === "line") {
      const { line } = new Positions().at(span.source, span.start);
      return { get: () => line };
    }
    if (reference.inner !== "route") return { get: () => span.source.name };
    // Asked for when it runs: the routes are known only after all variables are bound.
    let route: string | null | undefined;
    return { get: () => (route ??= services.routeAt?.(span) ?? null) };
  };

function ofSocket(part: (text: string) => string | number | null): TransformationImplementation {
  return () => (value) => (value === null ? null : part(String(value)));
}

export default implementModule(corex, (environment) => {
  const { services, params } = environment;
  for (const text of params.alias_subdomains) {
    const check = subdomainCheck(text);
    if (check === undefined)
      environment.fail("alias_subdomains", `"${text}" is not proto:domain:port`);
    else services.addMyselfCheck(check);
  }
  return {
    functions: {
      ...branchFunctions,
      ...socketFunctions(environment),
      ...flagFunctions(),
      ...fileFunctions(environment),
    },
    variables: { cfg: place(services) },
    transformations: {
      sock: {
        host: ofSocket((text) => parseSocket(text)?.host ?? null),
        port: ofSocket((text) => parseSocket(text)?.port || ""),
        proto: ofSocket((text) => parseSocket(text)?.proto ?? null),
        touri: ofSocket((text) => {
          const socket = parseSocket(text);
          if (socket === undefined) return null;
          const port = socket.port === 0 ? "" : `:${socket.port}`;
          const transport = socket.proto === "" ? "" : `;transport=${socket.proto}`;
          return `sip:${socket.host}${port}${transport}`;
        }),
      },
    },
    rpc: {
      "corex.debug": ([level]) => {
        if (level === undefined)
          return { values: [new RpcStruct().add("debug", services.log.level)] };
        if (!/^-?\d+$/.test(String(level))) throw new RpcError(500, "Not a number");
        const old = services.log.level;
        services.log.level = Number(level);
        return { values: [new RpcStruct().add("old", old).add("new", Number(level))] };
      },
      "corex.list_aliases": () => ({
        values: services.aliases.map(({ proto, host, port }) =>
          new RpcStruct()
            .add("PROTO", proto ?? "*")
            .add("ADDR", host)
            .add("PORT", port),
        ),
      }),
      "corex.list_sockets": () => ({ values: services.sockets.map(describeSocket) }),
    },
  };
});
