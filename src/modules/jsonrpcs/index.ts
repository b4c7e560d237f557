/** The jsonrpcs module: JSON-RPC over a FIFO, datagrams and from the script. */
import { isAbsolute, join } from "node:path";
import { ContextSlot } from "../../runtime/context.ts";
import { implementModule } from "../../runtime/module.ts";
import { systemId } from "../../runtime/system-ids.ts";
import { RpcFifo } from "./fifo.ts";
import { type DocumentHandler, type JsonReply, runJson, wholeBody } from "./requests.ts";
import { serveUdp, serveUnixStream } from "./sockets.ts";
import { jsonrpcs } from "./spec.ts";

const Transport = { http: 1, fifo: 2, datagram: 4 } as const;

export default implementModule(jsonrpcs, ({ params, services, fail, warn }) => {
  const { clock, log, runDirectory } = services;
  const lastReply = new ContextSlot<JsonReply & { readonly body: string }>();
  const closers: (() => void)[] = [];
  const uses = (bit: number): boolean => params.transport === 0 || (params.transport & bit) !== 0;
  const inRunDirectory = (path: string): string =>
    isAbsolute(path) ? path : join(runDirectory, path);
  const idOf = (
    file: "/etc/passwd" | "/etc/group",
    param: "fifo_user" | "fifo_group" | "dgram_user" | "dgram_group",
  ): number =>
    systemId(file, params[param]) ?? fail(param, `there is no "${params[param] ?? ""}" in ${file}`);
  const fifoOwner = {
    uid: idOf("/etc/passwd", "fifo_user"),
    gid: idOf("/etc/group", "fifo_group"),
  };
  const socketOwner = {
    uid: idOf("/etc/passwd", "dgram_user"),
    gid: idOf("/etc/group", "dgram_group"),
  };
  const udp = /^udp:(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(params.dgram_socket);
  if (udp === null && params.dgram_socket.startsWith("udp:"))
    fail("dgram_socket", `"${params.dgram_socket}" is not of the form udp:ADDRESS:PORT`);
  if ((params.transport & Transport.http) !== 0)
    warn("transport", "HTTP (1) needs the module xhttp, which olelo does not have yet");

  const handle: DocumentHandler = async (document) => {
    const reply = await runJson(services.rpc, document, params.pretty_format);
    if (!reply.isRequest) log.warn(`jsonrpcs: not a request: ${reply.text}`);
    return reply;
  };

  async function openDatagrams(): Promise<void> {
    if (udp !== null) {
      const host = udp[1] ?? udp[2] ?? "";
      closers.push(
        await serveUdp(
          { host: host === "" || host === "*" ? "0.0.0.0" : host, port: Number(udp[3]) },
          handle,
          log,
        ),
      );
      return;
    }
    const path = inRunDirectory(params.dgram_socket.replace(/^unix:/, ""));
    const limits = {
      mode: params.dgram_mode,
      ...socketOwner,
      maxRequestSize: params.max_request_size,
    };
    closers.push(await serveUnixStream(path, limits, handle, log));
    log.info(
      "jsonrpcs: Node.js has no Unix datagram sockets; the path is served as a Unix stream",
      { path },
    );
  }

  function openFifo(): void {
    const fifo = new RpcFifo(
      {
        path: inRunDirectory(params.fifo_name),
        mode: params.fifo_mode,
        ...fifoOwner,
        replyDirectory: params.fifo_reply_dir,
        maxRequestSize: params.max_request_size,
      },
      { handle, log, clock },
    );
    fifo.open();
    closers.push(() => fifo.close());
  }

  return {
    functions: {
      jsonrpc_exec: async (context, command) => {
        const reply = await runJson(services.rpc, command, params.pretty_format);
        context.setState(lastReply, { ...reply, body: await wholeBody(reply) });
        return reply.isRequest ? 1 : -1;
      },
    },
    variables: {
      jsonrpl: ({ inner }) => ({
        get: (context) => {
          const reply = context.state(lastReply);
          if (reply === undefined) return null;
          if (inner === "code") return reply.code;
          return inner === "text" ? reply.text : reply.body;
        },
      }),
    },
    async start() {
      // The first worker answers for all.
      if ((services.workers?.index ?? 0) !== 0) return;
      if (uses(Transport.fifo) && params.fifo_name !== "") openFifo();
      if (uses(Transport.datagram) && params.dgram_socket !== "") await openDatagrams();
    },
    stop() {
      for (const close of closers.splice(0)) close();
    },
  };
});
