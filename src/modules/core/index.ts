/** The core's statements and commands. */
import { exec } from "node:child_process";
import type { ScriptContext } from "../../runtime/context.ts";
import { implementModule, reads } from "../../runtime/module.ts";
import type { LogLevel, Services } from "../../runtime/services.ts";
import type { ListenSocket, Proto } from "../../runtime/transport.ts";
import { environmentVariables } from "./environment-variables.ts";
import { AvpFlags, flagFunctions } from "./flags.ts";
import { requestUriFunctions } from "./request-uri.ts";
import { rpcCommands } from "./rpc.ts";
import { bindSelect } from "./selects.ts";
import { core } from "./spec.ts";

const nothing = (): number => 1;

const forceRport = (context: ScriptContext): number => {
  context.forceRport = true;
  return 1;
};

export default implementModule(core, ({ services }) => {
  const avpFlags = new AvpFlags();
  const { sender } = services;
  const forwardOver =
    (proto: Proto) => (context: ScriptContext, host: string, port: number | undefined) =>
      sender.forwardStateless(context, target(host, port, proto));
  return {
    functions: {
      ...requestUriFunctions,
      ...flagFunctions,
      setavpflag: (context, avp, flag) => avpFlags.set(context, avp, flag),
      resetavpflag: (context, avp, flag) => avpFlags.reset(context, avp, flag),
      isavpflagset: (context, avp, flag) => avpFlags.isSet(context, avp, flag),

      forward: {
        uri: (context) => sender.forwardStateless(context),
        host: (context, host) => sender.forwardStateless(context, target(host, undefined, "udp")),
        hostPort: (context, host, port) =>
          sender.forwardStateless(context, target(host, port, "udp")),
      },
      forward_udp: forwardOver("udp"),
      forward_tcp: forwardOver("tcp"),
      forward_tls: forwardOver("tls"),
      forward_sctp: forwardOver("sctp"),

      force_rport: forceRport,
      add_rport: forceRport,
      add_local_rport: (context) => {
        context.addLocalRport = true;
        return 1;
      },
      force_send_socket: (context, name) => {
        const socket = findSocket(services, name);
        if (socket === undefined) return -1;
        context.forcedSocket = socket;
        return 1;
      },
      set_advertised_address: (context, host) => {
        context.advertisedHost = host;
        return 1;
      },
      set_advertised_port: (context, port) => {
        context.advertisedPort = port;
        return 1;
      },
      force_tcp_alias: nothing,
      add_tcp_alias: nothing,
      set_reply_no_connect: nothing,
      set_reply_close: nothing,
      set_forward_no_connect: nothing,
      set_forward_close: nothing,

      clear_branches: (context) => {
        context.branches.length = 0;
        return 1;
      },
      remove_branch: (context, index = 0) => {
        context.branches.splice(index, 1);
        return 1;
      },

      log: {
        plain: (context, text) => log(services, 4, text, context),
        withLevel: (context, level, text) => log(services, level, text, context),
      },
      error: (context, kind, text) => log(services, 1, `${kind}: ${text}`, context),
      exec: (_context, command) => run(services, command),
    },
    variables: {
      null: reads(() => null),
      rc: reads((context) => context.rc),
      retcode: reads((context) => context.rc),
      "?": reads((context) => context.rc),
      $: reads(() => "$"),
      ...environmentVariables(services),
    },
    rpc: rpcCommands(services),
    selects: (path) => bindSelect(path, services),
  };
});

function target(
  host: string,
  port: number | undefined,
  proto: Proto,
): { host: string; port: number; proto: Proto } {
  // As Kamailio: with a host in the script, no SRV records are asked for.
  return { host, port: port === undefined || port === 0 ? 5060 : port, proto };
}

/** Levels above those that exist are written only when `debug` is as high. */
function log(services: Services, level: number, text: string, context: ScriptContext): number {
  if (services.log.level >= level) {
    services.log.script(Math.max(-5, Math.min(3, level)) as LogLevel, text, context);
  }
  return 1;
}

/** A socket by name, or as `proto:address:port` where protocol and port may be left out. */
function findSocket(services: Services, name: string): ListenSocket | undefined {
  return services.sockets.find((socket) => {
    if (socket.name === name || socket.text === name) return true;
    const address = socket.text.slice(socket.text.indexOf(":") + 1);
    return address === name || address === `${name}:5060` || socket.text === `${name}:5060`;
  });
}

function run(services: Services, command: string): Promise<number> {
  return new Promise((resolve) => {
    exec(command, (error) => {
      if (error !== null)
        services.log.log(1, `exec("${command}") ended with ${error.code ?? "a signal"}`);
      resolve(1);
    });
  });
}
