/** Rule: addresses are well formed: sockets to listen on, aliases, addresses in comparisons. */
import { checkCodes } from "../../diagnostics/codes-checks.ts";
import type { Expression, GlobalAssign, Item, SocketValue } from "../../syntax/ast.ts";
import { addressProblem, isHostName, MAX_PORT } from "../addresses.ts";
import type { CheckContext } from "../context.ts";
import { suggestion } from "../../diagnostics/did-you-mean.ts";
import type { Visitor } from "../visitor.ts";

const protocols = ["udp", "tcp", "tls", "sctp", "ws", "wss"];

export function addresses(context: CheckContext): Visitor {
  return {
    item(item: Item): void {
      if (item.kind === "global") checkGlobal(context, item);
    },
    expression(expression: Expression): void {
      if (expression.kind !== "core" || expression.term !== "ip") return;
      const problem = addressProblem(expression.text ?? "");
      if (problem !== undefined) context.report(checkCodes.badAddress, expression.span, problem);
    },
  };
}

function checkGlobal(context: CheckContext, item: GlobalAssign): void {
  const type = context.globals.find(item.name.text)?.spec.type;
  if (type !== "sockets" && type !== "names" && type !== "address") return;
  for (const value of item.values) {
    if (value.kind === "socket") {
      if (type === "names" && isQuoted(value)) checkAlias(context, value);
      else checkSocket(context, value);
    } else if (value.kind !== "int") checkText(context, item, value.value, value.span);
  }
}

function checkSocket(context: CheckContext, socket: SocketValue): void {
  const problem = socketProblem(socket);
  if (problem === undefined) return;
  context.report(checkCodes.badAddress, socket.span, problem, {
    help:
      socket.proto === undefined || protocols.includes(socket.proto.toLowerCase())
        ? undefined
        : suggestion(socket.proto, protocols),
  });
}

function socketProblem(socket: SocketValue): string | undefined {
  const { proto, hosts, port, advertise } = socket;
  if (proto !== undefined && proto !== "*" && !protocols.includes(proto.toLowerCase())) {
    return `there is no transport protocol ${proto}`;
  }
  for (const host of hosts) {
    const problem = host === "*" ? undefined : hostProblem(host);
    if (problem !== undefined) return problem;
  }
  return (
    portProblem(port) ??
    (advertise === undefined
      ? undefined
      : (hostProblem(advertise.host) ?? portProblem(advertise.port)))
  );
}

function hostProblem(host: string): string | undefined {
  const problem = addressProblem(host);
  if (problem !== undefined) return problem;
  if (host.startsWith("[") || host.includes(":") || isHostName(host)) return undefined;
  return `"${host}" is not a host name or address`;
}

function portProblem(port: number | undefined): string | undefined {
  if (port === undefined || (port >= 0 && port <= MAX_PORT)) return undefined;
  return `a port is a number up to ${MAX_PORT}, not ${port}`;
}

function isQuoted({ span: { source, start } }: SocketValue): boolean {
  return /["']/.test(source.text.charAt(start));
}

/** A string is compared with host names as a whole: with a port or a protocol in it, it equals none. */
function checkAlias(context: CheckContext, { hosts: [value = ""], span }: SocketValue): void {
  if (addressProblem(value) === undefined && (value.includes(":") || isHostName(value))) return;
  const message = `no host is named "${value}", so this alias matches nothing`;
  const bare = /^(?:\w+:)?[\w.-]+(?::\d+)?$/.test(value);
  context.report(checkCodes.aliasText, span, message, {
    help: bare ? `without quotes, protocol and port count: alias=${value}` : undefined,
  });
}

/** `listen="udp:host:port"`, `alias="host"`. */
function checkText(
  context: CheckContext,
  item: GlobalAssign,
  text: string,
  span: GlobalAssign["span"],
): void {
  const parsed = /^(?:([A-Za-z]+):)?(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text);
  if (parsed === null) {
    if (addressProblem(text) === undefined) return;
    context.report(checkCodes.badAddress, span, `"${text}" is not an address`);
    return;
  }
  const [, proto, host = "", port] = parsed;
  let problem = hostProblem(host);
  if (problem === undefined && port !== undefined) {
    problem = /^\d+$/.test(port) ? portProblem(Number(port)) : `${port} is not a port`;
  }
  if (problem === undefined && proto !== undefined && port !== undefined) {
    if (!protocols.includes(proto.toLowerCase())) {
      problem = `there is no transport protocol ${proto}`;
    }
  }
  if (problem === undefined) return;
  const what = item.name.text;
  context.report(checkCodes.badAddress, span, `${what}: ${problem}`);
}
