/** The ctl module: kamcmd's way in. */
import { implementModule, RpcError } from "../../runtime/module.ts";
import { type ControlAddress, parseControlAddress } from "./addresses.ts";
import { systemId } from "../../runtime/system-ids.ts";
import { ControlServer } from "./server.ts";
import { ctl } from "./spec.ts";

const DEFAULT_SOCKET = "unixs:kamailio_ctl";

export default implementModule(ctl, ({ params, services, fail }) => {
  const texts = params.binrpc.length > 0 ? params.binrpc : [DEFAULT_SOCKET];
  const addresses = texts.map((text): ControlAddress => {
    const address = parseControlAddress(text, services.runDirectory);
    return typeof address === "string" ? fail("binrpc", address) : address;
  });
  const uid =
    systemId("/etc/passwd", params.user) ?? fail("user", `there is no user "${params.user ?? ""}"`);
  const gid =
    systemId("/etc/group", params.group) ??
    fail("group", `there is no group "${params.group ?? ""}"`);
  const server = new ControlServer(services, {
    maxConnections: params.max_connections,
    maxRequestSize: params.max_request_size,
    maxReplySize: params.max_reply_size,
    mode: params.mode,
    uid,
    gid,
  });
  return {
    rpc: {
      "ctl.listen": () => ({
        values: [server.listening.flatMap((one) => ["binrpc", one.protocol, ...one.at])],
      }),
      "ctl.connections": () => ({ values: [server.connections.size] }),
      "ctl.who": () => {
        if (server.connections.size === 0) throw new RpcError(400, "no open stream connection");
        const open = [...server.connections.values()];
        return {
          values: [open.flatMap((one) => ["binrpc", one.protocol, ...one.from, ...one.to])],
        };
      },
    },
    async start() {
      // The first worker answers for all.
      if ((services.workers?.index ?? 0) !== 0) return;
      for (const address of addresses) await server.open(address);
    },
    stop() {
      server.close();
    },
  };
});
